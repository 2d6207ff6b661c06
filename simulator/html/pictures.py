"""The drawings of a page, as SVG text that can be embedded in HTML. The same data gives the same text."""

from __future__ import annotations

import re
from io import StringIO
from typing import TYPE_CHECKING, Any

from simulator.plots.colours import light, of_machines, of_names
from simulator.plots.style import COLOURS, logarithmic, write_figure
from simulator.plots.words import label
from simulator.results.text import shorten_middle

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

MARKERS = "osD^vP"
MOST_DOTS = 1500
"""With more dots, they are drawn as a bitmap inside the SVG."""
WIDTH = 8.4
"""Of a drawing, inches."""


def to_svg(figure: Figure | SubFigure, name: str) -> str:
    """The figure as an SVG element of HTML. Its ids begin with `name`, so that ids on one page are unique."""
    written = StringIO()
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    write_figure(figure.figure, written, name, format="svg", dpi=150, metadata=nothing)
    text = written.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<style.*?</style>", "", text, flags=re.DOTALL)  # it would apply to the whole page
    text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)  # it may contain a name
    text = re.sub(r' xmlns(:xlink)?="[^"]*"', "", text)  # HTML needs no namespaces
    text = re.sub(r' (width|height)="[\d.]+pt"', "", text)
    return re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{name}-", text)


def energy(parts: Mapping[str, float]) -> Figure:
    """A bar for the energy of each component, the largest on top. parts: pJ by component."""
    ordered = sorted(parts.items(), key=lambda part: part[1])
    total = sum(parts.values()) or 1
    figure, axes = _axes(0.9 + 0.32 * len(ordered))
    names, colours = [_words(name) for name, _ in ordered], of_names(list(parts))
    bars = axes.barh(names, [pj / 1e3 for _, pj in ordered], 0.7, color=[colours[name] for name, _ in ordered])
    axes.bar_label(bars, [f"{pj / 1e3:,.4g} nJ, {pj / total:.1%}" for _, pj in ordered], padding=4, fontsize=8.5)
    axes.set_xlim(0, 1.25 * max(1e-9, *(pj / 1e3 for _, pj in ordered)))
    axes.set_xlabel("energy of one inference (nJ)")
    return figure


def reasons(units: Mapping[str, Mapping[str, int]]) -> Figure:
    """A bar for each kind of unit, divided by the reasons of its cycles; wide parts are labelled.

    units: kind of unit -> reason -> cycles.
    """
    used = {kind: spent for kind, spent in units.items() if sum(spent.values())}
    figure, axes = _axes(0.9 + 0.55 * len(used))
    for line, spent in enumerate(used.values()):
        whole, left = sum(spent.values()), 0.0
        colours = of_names(list(spent))
        for name, cycles in spent.items():
            share = 100 * cycles / whole
            axes.barh(line, share, 0.72, left, color=light(colours[name]), edgecolor="white")
            if share > 1.1 * len(name) + 1:
                text = f"{_words(name)}\n{share:.1f} %"
                axes.text(left + share / 2, line, text, ha="center", va="center", fontsize=8)
            left += share
    axes.set_yticks(range(len(used)), [_words(kind) for kind in used])
    axes.invert_yaxis()
    axes.set_xlim(0, 100)
    axes.set_xlabel("share of the cycles of all units of a kind (%)")
    return figure


def layers(names: Sequence[str], series: Mapping[str, Mapping[str, Sequence[float | None]]]) -> Figure:
    """A panel for each quantity, on a logarithmic axis, with a dot for each layer and machine.

    series: quantity (a key with its unit) -> machine -> a value for each layer, None where the layer did not run.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, 1.3 + 0.24 * max(3, len(names))), layout="constrained")
    panels = figure.subplots(1, len(series), sharey=True, squeeze=False)[0]
    for axes, (quantity, machines) in zip(panels, series.items(), strict=True):
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(axis="both", color="0.9", linewidth=0.6)
        axes.set_axisbelow(True)
        colours = of_machines(list(machines))
        for number, (machine, values) in enumerate(machines.items()):
            known = [(value, line) for line, value in enumerate(values) if value]
            look: dict[str, Any] = {
                "color": colours[machine],
                "marker": MARKERS[number % len(MARKERS)],
                "s": 26,
            }
            axes.scatter([value for value, _ in known], [line for _, line in known], label=_plain(machine), **look)
        logarithmic(axes, "x")
        axes.set_xlabel(label(quantity))
    panels[0].set_yticks(range(len(names)), [_plain(name) for name in names])
    panels[0].set_ylim(len(names) - 0.5, -0.5)
    if len(next(iter(series.values()))) > 1:
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper center", ncols=6, frameon=False)
    return figure


def trade(frame: pd.DataFrame, across: str, up: str, colour: str | None) -> Figure:
    """A dot for each row, and a line along the Pareto front of those that fit; dots of the others are hollow.

    frame: a sweep's table, with `fits`. across, up: the columns of the x and y axis. colour: the column that decides
    the colours.
    """
    figure, axes = _axes(4.4)
    groups = [("", frame)] if colour is None else [(str(name), part) for name, part in frame.groupby(colour, sort=True)]
    colours = of_machines([name for name, _ in groups])
    for number, (name, part) in enumerate(groups):
        look: dict[str, Any] = {
            "color": colours[name],
            "marker": MARKERS[number % len(MARKERS)],
            "s": 18,
        }
        faces = [look["color"] if fits else "white" for fits in part["fits"]]
        look["facecolors"], look["edgecolors"] = faces, look.pop("color")
        axes.scatter(part[across], part[up], label=_plain(name), rasterized=len(frame) > MOST_DOTS, alpha=0.7, **look)
    best = front(frame[frame["fits"]], across, up)
    axes.plot(best[across], best[up], drawstyle="steps-post", color="0.25", linewidth=1, label="Pareto front")
    logarithmic(axes, "x")
    logarithmic(axes, "y")
    axes.set_xlabel(label(across))
    axes.set_ylabel(label(up))
    title = None if colour is None else _plain(label(colour))
    names = axes.get_legend_handles_labels()
    figure.legend(*names, loc="outside right upper", frameon=False, title=title, fontsize=8.5)
    return figure


def front(frame: pd.DataFrame, across: str, up: str) -> pd.DataFrame:
    """The rows on the Pareto front of the columns `across` and `up` (less is better), in ascending order of `across`.

    Of equal rows, one is kept.
    """
    ordered = frame.sort_values([across, up])
    return ordered[ordered[up] < ordered[up].astype(float).cummin().shift(fill_value=float("inf"))]


def by_axes(frame: pd.DataFrame, axes_names: Sequence[str], quantity: str) -> Figure:
    """A panel for each axis of a sweep: a dot for each row, a line through the medians.

    frame: a sweep's table. axes_names: columns of the x axes. quantity: the column of the y axis.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, 3.2), layout="constrained")
    panels = figure.subplots(1, len(axes_names), sharey=True, squeeze=False)[0]
    for axes, name in zip(panels, axes_names, strict=True):
        axes.spines[["top", "right"]].set_visible(False)
        levels = {value: place for place, value in enumerate(sorted(frame[name].unique()))}
        places = frame[name].map(levels)
        few = len(frame) <= MOST_DOTS
        axes.scatter(places, frame[quantity], color=COLOURS[4], s=12, alpha=0.6, rasterized=not few)
        medians = frame.groupby(name)[quantity].median()
        axes.plot([levels[value] for value in medians.index], medians, "o-", color=COLOURS[5], markersize=4)
        step = -(-len(levels) // 8)
        ticks = list(levels.items())[::step]
        axes.set_xticks([place for _, place in ticks], [_plain(f"{value:g}") for value, _ in ticks], rotation=35)
        axes.set_xlabel(_plain(label(name)))
        logarithmic(axes, "y")
    panels[0].set_ylabel(label(quantity))
    return figure


def _axes(height: float) -> tuple[Figure, Axes]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _plain(name: str) -> str:
    """A name for a drawing: at most 34 characters, with dollars escaped, which would begin mathematics."""
    return shorten_middle(name, 34).replace("$", r"\$")


def _words(key: str) -> str:
    return _plain(label(key))
