"""Simulated figures against published ones: the curves of the papers, and all errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.plots import style
from simulator.plots.words import label
from simulator.results.text import counted

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from matplotlib.axes import Axes

POINT = r"^(?:(?P<layer>.*), )?(?P<key>\D+?)[= ](?P<x>\d+(?:\.\d+)?)$"
"""The name of a row that is a point of a curve: `alexnet-fc6, queue_depth=8` or `density 0.4`."""
KEYS = ["table", "quantity", "layer", "key"]
"""Columns that identify a curve."""
VALUES = ("published", "simulated", "deviation", "uncertainty")
MOST_PANELS, COLUMNS = 24, 3
MOST_DOTS, MOST_LINES = 2000, 30
REACH = 100
"""Per cent; larger errors are drawn at the edge."""


def published(frame: pd.DataFrame, title: str) -> list[Axes]:
    """Published points and simulated lines, a panel for each curve of each layer.

    frame: columns `table`, `row`, `quantity`, `published` (may be missing), `simulated`, and perhaps `deviation` over
    draws and `uncertainty` of what is published, which are drawn as bars. Left out are rows whose name is no point of
    a curve (`LAYER, KEY=NUMBER`), curves without a published point, and panels beyond MOST_PANELS; a sentence below
    the picture counts them. ValueError where nothing is left.
    """
    known = frame.reindex(columns=["table", "quantity", *VALUES])
    points = known.join(frame["row"].astype(str).str.extract(POINT))
    points = points[points["x"].notna()].assign(x=points["x"].astype(float), layer=points["layer"].fillna(""))
    known = points[points.groupby(KEYS)["published"].transform("count") > 0]
    tables = {name: place for place, name in enumerate(dict.fromkeys(known["table"]))}
    known = known.sort_values("table", key=lambda names: names.map(tables), kind="stable")
    panels = [(tuple(map(str, names)), part) for names, part in known.groupby(KEYS, sort=False)]
    if not panels:
        raise ValueError("no row is a point of a curve with a published value")
    shown = panels[:MOST_PANELS]
    columns = min(COLUMNS, len(shown))
    lines = -(-len(shown) // columns)
    grid = [axes for line in style.panels(lines, columns, 3.5 * columns, 2.5 * lines + 0.6) for axes in line]
    several = known.groupby(["table", "quantity"]).ngroups > 1
    for axes, ((table, quantity, layer, key), part) in zip(grid, shown, strict=False):
        _curve(axes, part.groupby("x", as_index=False)[[*VALUES]].mean())
        style.name(axes, ": ".join(([table] if several else []) + [layer or label(quantity)]), 10)
        axes.set_xlabel(label(key.strip()))
        axes.set_ylabel(label(quantity), fontsize=style.SMALL)
    for axes in grid[len(shown) :]:
        axes.remove()
    style.legend(grid[0], "outside upper right", 2)
    style.figure_of(grid[0]).suptitle(title, x=0.01, ha="left", fontsize=11)
    style.note(grid[0], [_left_out(len(frame) - len(points), len(points) - len(known), len(panels))])
    return grid[: len(shown)]


def errors(frame: pd.DataFrame, title: str) -> Axes:
    """The error of every simulated figure against the published one: a line of dots for each table and quantity.

    frame: columns `table`, `quantity`, `error_percent`, `mark`, and perhaps `figure_class`, `deviation`, `published`.
    Grey dots are figures that are not predicted; bars are standard deviations over draws. Of more than MOST_LINES
    tables and quantities, the others share the last line.
    """
    import numpy as np

    names = frame["table"].astype(str) + ", " + frame["quantity"].astype(str).map(label)
    order = list(dict.fromkeys(names))
    places = names.map({name: min(place, MOST_LINES - 1) for place, name in enumerate(order)}).to_numpy()
    step = -(-len(frame) // MOST_DOTS)
    axes = style.one(8, 1.4 + 0.3 * min(len(order), MOST_LINES))
    values, free = frame["error_percent"].astype(float).to_numpy(), _predicted(frame)
    shown = np.clip(values, -REACH, REACH)
    for chosen, colour, name in ((~free, style.OTHER, "calibrated, given"), (free, style.COLOURS[0], "predicted")):
        if chosen.any():
            dots = shown[chosen][::step], places[chosen][::step]
            axes.scatter(*dots, s=22, color=colour, alpha=0.65, linewidth=0, label=name)
            spread = _spread(frame)[chosen][::step]
            if spread.any():
                axes.errorbar(*dots, xerr=spread, fmt="none", ecolor=colour, elinewidth=0.8)
    for place in range(min(len(order), MOST_LINES)):
        chosen = (places == place) & free & ~np.isnan(values)
        off = f"{np.abs(values[chosen]).mean():.1f} %" if chosen.any() else "-"
        axes.annotate(off, (1.01, place), xycoords=("axes fraction", "data"), va="center", fontsize=9)
    axes.axvline(0, color="0.4", linewidth=0.8, zorder=0)
    rest = [f"{len(order) - MOST_LINES + 1:,} other tables"] if len(order) > MOST_LINES else []
    axes.set_yticks(range(min(len(order), MOST_LINES)), (order[: MOST_LINES - 1] + rest if rest else order))
    axes.set_ylim(min(len(order), MOST_LINES) - 0.5, -0.5)
    axes.set_xlabel("error (%); right: mean size, predicted")
    style.grid(axes, "both")
    style.name(axes, title)
    style.legend(axes, "outside upper right", 2)
    style.note(axes, [_dots(len(frame), step), _edge(int((np.abs(values) > REACH).sum()))])
    return axes


def _predicted(frame: pd.DataFrame) -> np.ndarray:
    """Which rows are predicted, bool [rows]; without a class, those that the model was not fitted to."""
    fitted = (frame["mark"] == "fitted").to_numpy()
    if "figure_class" not in frame:
        return ~fitted
    classes = frame["figure_class"]
    return (classes.isna().to_numpy() & ~fitted) | (classes == "predicted").to_numpy()


def _spread(frame: pd.DataFrame) -> np.ndarray:
    """The standard deviation over draws in per cent of what is published, float64 [rows]; 0 where it is not known."""
    known = frame.reindex(columns=["deviation", "published"]).astype(float)
    return (100 * known["deviation"] / known["published"]).fillna(0).abs().to_numpy()


def _curve(axes: Axes, points: pd.DataFrame) -> None:
    """A line through the simulated points, rings for the published ones."""
    step = -(-len(points) // 100)
    few = points.iloc[::step]
    axes.plot(few["x"], few["simulated"], ".-", color=style.COLOURS[0], label="simulated")
    axes.plot(few["x"], few["published"], "o", color=style.COLOURS[5], mfc="none", markersize=7, label="published")
    for value, spread, colour in (("simulated", "deviation", 0), ("published", "uncertainty", 5)):
        shown = few[few[spread].astype(float) > 0]
        if len(shown):
            lengths, drawn = shown[spread].astype(float), style.COLOURS[colour]
            axes.errorbar(shown["x"], shown[value], lengths, fmt="none", ecolor=drawn, elinewidth=1, capsize=2.5)
    if few["x"].min() > 0 and few["x"].max() > 8 * few["x"].min():
        axes.set_xscale("log", base=2)
        axes.xaxis.set_major_formatter("{x:g}")
    axes.set_ylim(0, 1.08 * points[["published", "simulated"]].max().max())
    style.grid(axes, "both")


def _left_out(others: int, unknown: int, panels: int) -> str:
    """A sentence about the rows and panels that the picture leaves out; an empty string for none."""
    parts = [counted(others, "row that is no point of a curve", "rows that are no points of a curve")] if others else []
    parts += (
        [counted(unknown, "point of curves without published ones", "points of curves without published ones")]
        if unknown
        else []
    )
    parts += [f"{panels - MOST_PANELS:,} further panels"] if panels > MOST_PANELS else []
    return f"left out: {', '.join(parts)}" if parts else ""


def _dots(rows: int, step: int) -> str:
    return f"every {step}th of {rows:,} figures is a dot" if step > 1 else ""


def _edge(beyond: int) -> str:
    return f"{beyond} figures are off by more than {REACH} %, drawn at the edge" if beyond else ""
