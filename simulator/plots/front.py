"""The Pareto front of results: no other result is better in both time and energy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.plots import style
from simulator.plots.colours import of_machines
from simulator.plots.rows import energy_of, full_names, layer_of, machine_of
from simulator.results.fit import with_fits
from simulator.results.text import counted

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

MOST_POINTS = 2000


def on_front(time: pd.Series, energy: pd.Series) -> pd.Series:
    """For each row, whether it is on the Pareto front: no other has at most its time and energy, and less of one.

    Equal rows are on the front together.
    """
    import numpy as np

    order = np.lexsort((energy.to_numpy(), time.to_numpy()))
    found = np.zeros(len(time), bool)
    best, best_time = np.inf, np.inf
    for place in order:
        t, e = float(time.iloc[place]), float(energy.iloc[place])
        if e < best or (e == best and t == best_time):
            found[place], best, best_time = True, e, t
    return time.notna() & found


def pareto(frame: pd.DataFrame, title: str) -> Axes:
    """Time and energy of each result, with a line along the Pareto front of each layer.

    Results that do not fit their machine are hollow and on no front, see `results.fit.with_fits`.
    frame: columns `time_us`, and `energy_pj.total` or `energy_uj`. Results that are on no front are thinned out to
    about MOST_POINTS. Colours distinguish layers, or the machines where there is one layer.
    """
    frame, shown = _arrange(frame)
    axes = style.one(7.6, 4.8)
    colours = of_machines(list(dict.fromkeys(frame["group"])))
    for name, points in shown.groupby("group", sort=False):
        colour = colours[str(name)]
        axes.plot(points["time_us"], points["energy"], "o", color=colour, markersize=4.5, label=name, alpha=0.8)
        outside = points[~points["fits"]]
        style.hollow(axes, outside["time_us"], outside["energy"], colour, 4.5)
    edges = frame[frame["front"]].sort_values(["time_us", "energy"])
    for _, edge in edges.groupby("layer_name"):
        axes.plot(edge["time_us"], edge["energy"], drawstyle="steps-post", color="0.45", linewidth=1, zorder=1)
    _scale(axes, frame)
    style.name_points(axes, list(zip(edges["time_us"], edges["energy"], edges["label"], strict=True)))
    axes.set_xlabel("time of one inference (µs)")
    axes.set_ylabel("energy of one inference (µJ)")
    style.grid(axes, "both")
    style.name(axes, title)
    if 1 < frame["group"].nunique() <= len(style.COLOURS):
        style.legend(axes, "outside right upper")
    thinned = f"{len(shown):,} of {len(frame):,} results" if len(shown) < len(frame) else ""
    misfits = int((~frame["fits"]).sum())
    best = f"lines: {counted(len(edges), 'result')} that none of the same layer beats in both"
    style.note(axes, [best, thinned, style.misfits(misfits) + (", on no line" if misfits else "")])
    return axes


def _arrange(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The frame with columns `energy`, `label`, `group` (for the colour) and `front`; and its rows that are drawn."""
    frame = with_fits(frame)
    energy = energy_of(frame)
    layers, machines = layer_of(frame), machine_of(frame)
    group = layers if layers.nunique() > 1 else machines
    frame = frame.assign(energy=energy, layer_name=layers, group=group, label=full_names(frame)).reset_index(drop=True)
    frame["front"] = False
    for _, rows in frame[frame["fits"]].groupby("layer_name"):
        frame.loc[rows.index, "front"] = on_front(rows["time_us"], rows["energy"])
    others = frame.index[~frame["front"]]
    kept = others[:: max(1, -(-len(others) // MOST_POINTS))]
    return frame, frame.loc[kept.union(frame.index[frame["front"]])]


def _scale(axes: Axes, frame: pd.DataFrame) -> None:
    """Logarithmic axes where results differ by more than 20 times, else linear ones from 0."""
    for axis, values in (("x", frame["time_us"]), ("y", frame["energy"])):
        low, high = float(values.min()), float(values.max())
        if high > 20 * low > 0:
            axes.set(**{f"{axis}lim": (low / 1.3, high * 1.6)})
            style.logarithmic(axes, axis)
        else:
            axes.set(**{f"{axis}lim": (0, 1.15 * high)})
