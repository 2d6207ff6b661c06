"""Simulated figures against published ones: the curves of the papers, and all errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from simulator.plots import style
from simulator.plots.words import label
from simulator.results.text import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import pandas as pd
    from matplotlib.axes import Axes

POINT = r"^(?:(?P<layer>.*), )?(?P<key>\D+?)[= ](?P<x>\d+(?:\.\d+)?)$"
"""The name of a row that is a point of a curve: `alexnet-fc6, queue_depth=8` or `density 0.4`."""
KEYS = ["table", "quantity", "layer", "key"]
"""Columns that identify a curve."""
VALUES = ("published", "simulated", "deviation", "uncertainty")
MOST_PANELS, COLUMNS = 24, 3
LEAST_ROWS, MOST_NAMES = 8, 24
"""Published rows of a table that make a panel, and names below it."""
MOST_DOTS, MOST_LINES = 2000, 30
REACH = 100
"""Per cent; larger errors are drawn at the edge."""


def published(frame: pd.DataFrame, title: str) -> list[Axes]:
    """Published points and simulated lines: a panel for each curve of each layer, and for each table of many rows.

    frame: columns `table`, `row`, `quantity`, `published` (may be missing), `simulated`, and perhaps `deviation` over
    draws (a band along a curve, bars elsewhere), `uncertainty` of what is published (bars), and `figure_class`:
    published figures that are not predicted are grey. A row called `LAYER, KEY=NUMBER` is a point of a curve; others
    make a panel where LEAST_ROWS of a table and quantity have a published value. A sentence below the picture counts
    what is left out.
    ValueError where nothing is left.
    """
    panels = [*_curves(frame), *_tables(frame)]
    if not panels:
        raise ValueError(f"no row with a published value is a point of a curve, or one of {LEAST_ROWS} of its table")
    shown = panels[:MOST_PANELS]
    columns = min(COLUMNS, len(shown))
    lines = -(-len(shown) // columns)
    grid = [axes for line in style.panels(lines, columns, 3.5 * columns, 2.5 * lines + 0.6) for axes in line]
    several = len({(panel.table, panel.quantity) for panel in panels}) > 1
    for axes, panel in zip(grid, shown, strict=False):
        _draw(axes, panel)
        parts = ([panel.table] if several else []) + [panel.layer or ("" if several else label(panel.quantity))]
        style.name(axes, ": ".join(filter(None, parts)), 10)
        axes.set_ylabel(label(panel.quantity), fontsize=style.SMALL)
    for axes in grid[len(shown) :]:
        axes.remove()
    pairs = (zip(*axes.get_legend_handles_labels(), strict=True) for axes in grid[: len(shown)])
    names = {name: handle for pair in pairs for handle, name in pair}
    legend = style.figure_of(grid[0]).legend
    legend(names.values(), names.keys(), loc="outside lower right", ncols=4 if columns > 2 else 2, frameon=False)
    style.figure_of(grid[0]).suptitle(title, x=0.01, ha="left", fontsize=11)
    drawn = sum(len(panel.points) for panel in panels)
    style.note(grid[0], [_left_out(len(frame) - drawn, len(panels))])
    return grid[: len(shown)]


class _Panel(NamedTuple):
    """One picture: `points` has the columns VALUES, `x`, and `free`: whether the published figure is predicted."""

    table: str
    quantity: str
    layer: str
    key: str  # what the horizontal axis is; empty for rows by name
    points: pd.DataFrame
    names: Sequence[str] = ()  # of the rows at 0, 1, 2 ...


def _curves(frame: pd.DataFrame) -> list[_Panel]:
    """A panel for each curve that has a published point, tables in the order of the rows."""
    known = _values(frame).join(frame["row"].astype(str).str.extract(POINT))
    points = known[known["x"].notna()]
    points = points.assign(x=points["x"].astype(float), layer=points["layer"].fillna(""))
    points = points[points.groupby(KEYS)["published"].transform("count") > 0]
    tables = {name: place for place, name in enumerate(dict.fromkeys(points["table"]))}
    points = points.sort_values("table", key=lambda names: names.map(tables), kind="stable")
    panels = []
    for names, part in points.groupby(KEYS, sort=False):
        table, quantity, layer, key = map(str, names)
        panels.append(_Panel(table, quantity, layer, key, part.groupby("x", as_index=False)[[*VALUES, "free"]].mean()))
    return panels


def _tables(frame: pd.DataFrame) -> list[_Panel]:
    """A panel for each table and quantity with many published rows that are no points of a curve."""
    known = _values(frame).assign(row=frame["row"].astype(str))
    others = known[~known["row"].str.match(POINT) & known["published"].notna()]
    found = []
    for (table, quantity), part in others.groupby(["table", "quantity"], sort=False):
        if len(part) >= LEAST_ROWS:
            names = part["row"].tolist()
            first = names[0].rpartition("-")[0]
            shared = first if all(name.startswith(f"{first}-") for name in names) else ""
            short = [name.removeprefix(f"{shared}-") for name in names]
            found.append(_Panel(str(table), str(quantity), shared, "", part.assign(x=range(len(part))), short))
    return found


def _values(frame: pd.DataFrame) -> pd.DataFrame:
    """The numbers of all rows, NaN where a column is missing, and whether each is predicted."""
    known = frame.reindex(columns=["table", "quantity", *VALUES, "figure_class", "mark"])
    return known.astype(dict.fromkeys(VALUES, float)).assign(free=_predicted(known))


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


def _draw(axes: Axes, panel: _Panel) -> None:
    """A line through the simulated points, dots alone where they are rows; rings for the published ones."""
    points = panel.points
    few = points.iloc[:: -(-len(points) // 100)]
    blue, orange = style.COLOURS[0], style.COLOURS[5]
    axes.plot(few["x"], few["simulated"], "." if panel.names else ".-", color=blue, label="simulated")
    predicted = few["free"].astype(bool)
    for chosen, colour, name in (
        (predicted, orange, "published"),
        (~predicted, style.OTHER, "published, not predicted"),
    ):
        rings = few[chosen & few["published"].notna()]
        if len(rings):
            axes.plot(rings["x"], rings["published"], "o", color=colour, mfc="none", markersize=7, label=name)
    if not panel.names and (points["deviation"] > 0).any():
        low, high = (points["simulated"] + sign * points["deviation"].fillna(0.0) for sign in (-1, 1))
        axes.fill_between(points["x"], low, high, color=blue, alpha=0.25, linewidth=0, label="± over draws")
    spreads = [("published", "uncertainty", orange), *([("simulated", "deviation", blue)] if panel.names else [])]
    for value, spread, colour in spreads:
        bars = few[few[spread] > 0]
        if len(bars):
            axes.errorbar(bars["x"], bars[value], bars[spread], fmt="none", ecolor=colour, elinewidth=1, capsize=2.5)
    if panel.names:
        step = -(-len(panel.names) // MOST_NAMES)
        axes.set_xticks(range(0, len(panel.names), step), panel.names[::step], rotation=60, ha="right", fontsize=7)
    else:
        axes.set_xlabel(label(panel.key.strip()))
        if few["x"].min() > 0 and few["x"].max() > 8 * few["x"].min():
            axes.set_xscale("log", base=2)
            axes.xaxis.set_major_formatter("{x:g}")
    axes.set_ylim(0, 1.08 * points[["published", "simulated"]].max().max())
    style.grid(axes, "both")


def _left_out(rows: int, panels: int) -> str:
    """A sentence about the rows and panels that the picture leaves out; an empty string for none."""
    parts = [counted(rows, "row without a curve or table", "rows without a curve or table")] if rows else []
    parts += [f"{panels - MOST_PANELS:,} further panels"] if panels > MOST_PANELS else []
    return f"left out: {', '.join(parts)}" if parts else ""


def _dots(rows: int, step: int) -> str:
    return f"every {step}th of {rows:,} figures is a dot" if step > 1 else ""


def _edge(beyond: int) -> str:
    return f"{beyond} figures are off by more than {REACH} %, drawn at the edge" if beyond else ""
