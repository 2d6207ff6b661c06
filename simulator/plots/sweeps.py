"""Lines over a number of the machine or the layer: PEs, queue depth, density."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.core.registry import machines
from simulator.plots import style
from simulator.plots.colours import of_machines
from simulator.plots.rows import MOST_SERIES, energy_of, labels
from simulator.results.fit import with_fits

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

MOST_POINTS = 100
"""Of a line."""
PES = ("units.pe", "units.channel", "units.lnzd_node", "arch.pes", "arch.rows", "arch.columns")
"""Columns that change with the number of PEs."""
DENSITIES = ("weight_density", "activation_density", "density")
"""Measured shares of a layer, and the density that a sweep asks for."""
DEFAULT_WORDS = ("entries", "padding")
WORK = (*DENSITIES, "seed", "scale", "granularity", "layer", "input", "sample", "steps")
"""Columns by which two results of a machine did different work."""


def speedup(frame: pd.DataFrame, title: str) -> Axes:
    """Speed-up over each line's result with the fewest PEs, and the ideal speed-up. frame: `units.pe`, `time_us`.

    Where results of a line did different work, as at several densities, ratios are of the same work, then averaged.
    """
    frame = frame.assign(series=labels(frame, PES), x=frame["units.pe"]).sort_values("x", kind="stable")
    work = _same_work(frame)
    times = frame.groupby([*work, "x"], dropna=False)["time_us"].transform("mean")
    frame["y"] = times.groupby([frame[key] for key in work], dropna=False).transform("first") / times
    axes = style.one(7, 4.4)
    drawn, sentences = draw_lines(axes, frame)
    _scale_pes(axes, frame)
    axes.set_yscale("log", base=2)
    axes.yaxis.set_major_formatter("{x:g}")
    least, most = float(frame["x"].min()), float(frame["x"].max())
    if most > least:
        axes.plot([least, most], [1, most / least], "--", color="0.6", linewidth=1, zorder=0, label="ideal")
        drawn.append(style.Label("ideal", most / least, "0.45"))
    axes.set_ylabel("speed-up over the fewest PEs of the line")
    return _finish(axes, drawn, sentences, title)


def without_sizes(frame: pd.DataFrame) -> str:
    """Why there is no speed-up to draw: no line has two numbers of PEs. An empty text where one has."""
    sizes = frame.groupby(labels(frame, PES))["units.pe"].nunique()
    if (sizes > 1).any():
        return ""
    counts = sorted(frame["units.pe"].unique())
    held = f"all have {counts[0]:g}" if len(counts) == 1 else "each configuration has one"
    return f"it needs results of one configuration at two numbers of PEs or more, and {held}"


def _same_work(frame: pd.DataFrame) -> list[str]:
    """The line, and the columns of WORK that divide it into parts which all have the line's fewest PEs."""
    keys = ["series"]
    fewest = frame.groupby("series")["x"].transform("min")
    for column in (one for one in WORK if one in frame):
        if (frame.groupby([*keys, column], dropna=False)["x"].transform("min") == fewest).all():
            keys.append(column)
    return keys


def queue_depth(frame: pd.DataFrame, title: str) -> Axes:
    """Load balance by depth of the activation queues. frame: `arch.queue_depth`, `load_balance` (a share of 1)."""
    frame = _with(frame, "arch.queue_depth", 100 * frame["load_balance"], ("arch.queue_depth",))
    axes = style.one(7, 4.2)
    drawn, sentences = draw_lines(axes, frame)
    axes.set_xscale("log", base=2)
    _name_ticks(axes, frame["x"])
    axes.set_xlabel("slots of the activation queue")
    axes.set_ylabel("load balance (% of the PEs' cycles)")
    axes.set_ylim(0, 100)
    return _finish(axes, drawn, sentences, title)


def padding(frame: pd.DataFrame, title: str) -> Axes:
    """Padding as a share of all entries, by number of PEs. frame: `units.pe`, `entries`, `padding_entries`."""
    shares = 100 * frame["padding_entries"] / frame["entries"].where(frame["entries"] > 0)
    frame = _with(frame, "units.pe", shares.fillna(0), PES)
    axes = style.one(7, 4.2)
    drawn, sentences = draw_lines(axes, frame)
    _scale_pes(axes, frame)
    axes.set_ylabel(_padding_words(frame))
    axes.set_ylim(0, max(1.0, 1.1 * float(frame["y"].max())))
    return _finish(axes, drawn, sentences, title)


def _padding_words(frame: pd.DataFrame) -> str:
    """What the share is of, in the machines' words where all rows are of machines with the same."""
    known = machines()
    words = {known[name].products if name in known else DEFAULT_WORDS for name in frame.get("machine", [])}
    every, idle = words.pop() if len(words) == 1 else DEFAULT_WORDS
    return f"{idle} (% of all {every})"


def density(frame: pd.DataFrame, title: str) -> list[Axes]:
    """Time and energy by density of the weights or the activations, whichever has more different values.

    frame: one or more columns of DENSITIES, `time_us`, and `energy_pj.total` or `energy_uj`. The density that a sweep
    asked for is drawn where none is measured, as of networks.
    """
    *measured, asked = DENSITIES
    known = [one for one in measured if one in frame and frame[one].notna().any()] or [asked]
    share = max(known, key=lambda one: frame[one].nunique())
    frame = frame[frame[share].notna()]
    what = "density asked for (%)" if share == asked else f"non-zero {share.removesuffix('_density')}s (%)"
    energy = energy_of(frame)
    (pair,) = style.panels(1, 2, 10, 4.2)
    measures = (frame["time_us"], "time of one inference (µs)"), (energy, "energy of one inference (µJ)")
    for axes, (values, unit) in zip(pair, measures, strict=True):
        drawn, sentences = draw_lines(axes, _with(frame.assign(x=100 * frame[share]), "x", values, ()))
        axes.set_xlabel(what)
        axes.set_ylabel(unit)
        axes.set_ylim(bottom=0)
        _finish(axes, drawn, sentences, title if axes is pair[0] else "")
    return pair


def draw_lines(axes: Axes, frame: pd.DataFrame) -> tuple[list[style.Label], list[str]]:
    """Draw a line for each value of `series`, in the frame's order. frame: columns `series`, `x`, `y`, maybe `fits`.

    Results at the same x are averaged, and so are neighbours where a line has more than MOST_POINTS points. Of more
    than MOST_SERIES lines, the first are drawn. A point is hollow where a result does not fit its machine. Returns
    labels for the lines' ends, and sentences about all this.
    """
    frame = with_fits(frame)
    names = list(dict.fromkeys(frame["series"]))
    found: list[style.Label] = []
    averaged = 0
    colours = of_machines([str(name) for name in names[:MOST_SERIES]])
    for name in names[:MOST_SERIES]:
        chosen = frame[frame["series"] == name]
        points = chosen.groupby("x")["y"].mean()
        if len(points) > MOST_POINTS:
            points = _thin(points)
        averaged = max(averaged, -(-len(chosen) // len(points)))
        colour = colours[str(name)]
        axes.plot(points.index, points, "o-", color=colour, markersize=4, label=name)
        found.append(style.Label(str(name), float(points.iloc[-1]), colour))
        outside = points[points.index.isin(chosen["x"][~chosen["fits"]])]
        style.hollow(axes, outside.index.to_series(), outside, colour, 4)
    sentences = [f"each point is the mean of up to {averaged:,} results" if averaged > 1 else ""]
    if len(names) > MOST_SERIES:
        sentences.append(f"{MOST_SERIES} of {len(names):,} lines")
    drawn = frame[frame["series"].isin(names[:MOST_SERIES])]
    sentences += [style.misfits(count)] if (count := int((~drawn["fits"]).sum())) else []
    return found, sentences


def _thin(points: pd.Series) -> pd.Series:
    """The line with neighbours averaged to MOST_POINTS points."""
    import numpy as np

    group = np.arange(len(points)) * MOST_POINTS // len(points)
    thinned = points.groupby(group).mean()
    return thinned.set_axis(points.index.to_series().groupby(group).mean().to_numpy())


def _with(frame: pd.DataFrame, x: str, y: pd.Series, without: tuple[str, ...]) -> pd.DataFrame:
    """The frame with columns `series`, `x` and `y`. x: a column. without: columns that do not distinguish lines."""
    return frame.assign(series=labels(frame, without), x=frame[x], y=y)


def _scale_pes(axes: Axes, frame: pd.DataFrame) -> None:
    axes.set_xscale("log", base=2)
    _name_ticks(axes, frame["x"])
    axes.set_xlabel("PEs")


def _name_ticks(axes: Axes, values: pd.Series) -> None:
    """A tick at each value where there are at most 12, else at powers of two; plain numbers instead of powers."""
    from matplotlib.ticker import NullLocator

    ticks = sorted(values.unique())
    if len(ticks) <= 12:
        axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        axes.xaxis.set_minor_locator(NullLocator())
    else:
        axes.xaxis.set_major_formatter("{x:g}")


def _finish(axes: Axes, drawn: list[style.Label], sentences: list[str], title: str) -> Axes:
    style.grid(axes, "both")
    style.name(axes, title)
    style.label_ends(axes, drawn)
    style.note(axes, sentences)
    return axes
