"""The roofline of each machine, with a point for each layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.plots import style
from simulator.plots.colours import of_machines
from simulator.plots.rows import layer_of, machine_of
from simulator.results.fit import with_fits
from simulator.results.text import counted

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

FORMAT, TOKENS = "arch.weight_format", "tokens"
"""Columns that set points of one machine and one layer apart."""
MOST_POINTS = 1000
MOST_ROOFS = 8


def roofline(frame: pd.DataFrame, title: str) -> Axes:
    """Performance (GOP/s) over operational intensity (operations per byte), below the roof of each machine.

    frame: columns `cycles`, `time_us`, `roofline.operations` (two for each product of two non-zero operands),
    `roofline.bytes` moved, their peaks `roofline.operations_per_cycle` and `roofline.bytes_per_cycle`, and
    `roofline.memory`, the memory that moves the bytes.
    """
    frame = _work_out(frame)
    shown = frame if len(frame) <= MOST_POINTS else frame.iloc[:: -(-len(frame) // MOST_POINTS)]
    axes = style.one(8.4, 5)
    colours = of_machines(list(dict.fromkeys(frame["machine"])))
    for name, colour in colours.items():
        points = shown[shown["machine"] == name]
        axes.plot(points["intensity"], points["gops"], "o", color=colour, markersize=5, label=name, zorder=3)
        outside = points[~points["fits"]]
        style.hollow(axes, outside["intensity"], outside["gops"], colour, 5)
    low, high = frame["intensity"].min() / 3, max(frame["intensity"].max(), frame["ridge"].max()) * 3
    axes.set_xlim(low, high)
    style.logarithmic(axes, "x")
    roofs = _roofs(frame)
    labels = [_draw_roof(axes, roof, colours, low, high) for roof in roofs[:MOST_ROOFS]]
    axes.set_ylim(frame["gops"].min() / 3, frame["peak"].max() * 2)
    style.logarithmic(axes, "y")
    style.name_points(axes, list(zip(shown["intensity"], shown["gops"], shown["layer_name"], strict=True)), below=True)
    axes.set_xlabel("operations per byte of the memory that bounds the machine")
    axes.set_ylabel("operations a second (GOP/s)")
    style.name(axes, title)
    style.grid(axes, "both")
    style.label_ends(axes, labels, gap=0.14)
    if len(colours) > 1:
        axes.legend(frameon=False, fontsize=9, loc="lower right")
    thinned = f"{len(shown):,} of {len(frame):,} results" if len(shown) < len(frame) else ""
    cut = f"{MOST_ROOFS} of {len(roofs):,} roofs" if len(roofs) > MOST_ROOFS else ""
    meaning = "operations are those that the machine computes, an addition and a product each"
    others = [name for name in dict.fromkeys(frame["roofline.memory"]) if name != "DRAM"]
    chip = f"bytes of {', '.join(others)} are on the chip" if others else ""
    style.note(axes, [meaning, chip, thinned, cut, style.misfits(int((~shown["fits"]).sum()))])
    return axes


def _work_out(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with `gops`, `intensity`, and the machine's `peak` (GOP/s), `bandwidth` (GB/s) and `ridge`.

    Results that move no byte or do no operation are left out.
    """
    frame = with_fits(frame)
    frame = frame[(frame["roofline.bytes"] > 0) & (frame["roofline.operations"] > 0)]
    clock_ghz = frame["cycles"].astype(float) / frame["time_us"] / 1000
    peak = frame["roofline.operations_per_cycle"] * clock_ghz
    bandwidth = frame["roofline.bytes_per_cycle"] * clock_ghz
    return frame.assign(
        machine=_with_format(frame, machine_of(frame)),
        layer_name=_with_tokens(frame, layer_of(frame)),
        gops=frame["roofline.operations"] / frame["time_us"] / 1000,
        intensity=frame["roofline.operations"] / frame["roofline.bytes"],
        peak=peak.map(_rounded),
        bandwidth=bandwidth.map(_rounded),
        ridge=(peak / bandwidth).map(_rounded),
    )


def _rounded(value: float) -> float:
    """A number to as many digits as a label shows of it, so that roofs with one label are one roof."""
    return float(f"{value:.4g}")


def _with_format(frame: pd.DataFrame, machines: pd.Series) -> pd.Series:
    """Names of machines, with the number format where one machine has several: each has a roof of its own."""
    if FORMAT not in frame or (frame[FORMAT].groupby(machines).nunique() < 2).all():
        return machines
    return machines.astype(str) + " " + frame[FORMAT].astype(str)


def _with_tokens(frame: pd.DataFrame, layers: pd.Series) -> pd.Series:
    """Names of layers, with how many tokens there are where that varies."""
    if TOKENS not in frame or frame[TOKENS].nunique() < 2:
        return layers
    return layers.astype(str) + frame[TOKENS].map(lambda tokens: f", {counted(int(tokens), 'token')}")


def _roofs(frame: pd.DataFrame) -> list[pd.Series]:
    """The different roofs, each with the names of its machines."""
    import pandas as pd

    keys = ["peak", "bandwidth", "ridge", "roofline.memory"]
    found = []
    for key, rows in frame.groupby(keys, sort=False):
        found.append(pd.Series([*key, list(dict.fromkeys(rows["machine"]))], index=[*keys, "machines"]))
    return found


def _draw_roof(axes: Axes, roof: pd.Series, colours: dict[str, str], low: float, high: float) -> style.Label:
    """Draw a roof: a slope of the memory's bandwidth up to the ridge, then the peak. Returns its label."""
    names = roof["machines"]
    colour = colours[names[0]] if len(names) == 1 else "0.35"
    heights = [min(roof["peak"], x * roof["bandwidth"]) for x in (low, roof["ridge"], high)]
    axes.plot([low, roof["ridge"], high], heights, color=colour, linewidth=1.2, zorder=1)
    text = f"{', '.join(names)}\n{roof['peak']:,.4g} GOP/s,\n{roof['bandwidth']:,.3g} GB/s {roof['roofline.memory']}"
    return style.Label(text, roof["peak"], colour)
