"""Pictures of what a result or a study tells. Each function takes a DataFrame and returns the Axes it drew on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd
    from matplotlib.axes import Axes

COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00")
"""Distinct to every eye, and in print (Okabe and Ito)."""
GANTT_PARTS = ("product", "element-wise", "weights", "vectors")


def schedule(frame: pd.DataFrame, title: str) -> Axes:
    """A time step as a Gantt picture: a line for each part of the machine, a bar for what it does in a slot.

    frame: the columns of the table `schedule` of an ESE result. Slots are divided by thin lines, and numbered.
    """
    axes = _axes(11, 3.6)
    begins = frame["cycles"].cumsum() - frame["cycles"]
    for line, part in enumerate(GANTT_PARTS):
        used = frame[f"{part} cycles"] > 0
        cycles, lines = frame[f"{part} cycles"][used], [line] * int(used.sum())
        bars = axes.barh(lines, cycles, 0.72, begins[used], color=COLOURS[line], edgecolor="white")
        for bar, name in zip(bars, frame[part][used], strict=True):
            _label_bar(axes, bar, str(name), float(frame["cycles"].sum()))
    for begin, cycles, slot in zip(begins, frame["cycles"], frame["slot"], strict=True):
        axes.axvline(begin, color="0.6", linewidth=0.6, zorder=0)
        axes.text(begin + cycles / 2, -0.62, str(slot), ha="center", va="bottom", fontsize=8, color="0.35")
    axes.set_yticks(range(len(GANTT_PARTS)), GANTT_PARTS)
    axes.set_ylim(len(GANTT_PARTS) - 0.5, -0.95)
    axes.set_xlim(0, frame["cycles"].sum())
    axes.set_xlabel("cycles of a time step; numbers above are the slots of the paper's state machine")
    axes.set_title(title, loc="left")
    return axes


def balance(frame: pd.DataFrame, title: str) -> Axes:
    """Speed-up over dense by PEs, with and without load-balance-aware pruning.

    frame: columns `pes`, `balanced_speedup`, `plain_speedup`.
    """
    axes = _axes(7, 4.2)
    for colour, (column, name) in zip(
        COLOURS, (("balanced_speedup", "balanced pruning"), ("plain_speedup", "plain pruning")), strict=False
    ):
        axes.plot(frame["pes"], frame[column], "o-", color=colour, label=name)
    axes.set_xscale("log", base=2)
    axes.set_xticks(frame["pes"], [str(pes) for pes in frame["pes"]])
    axes.set_ylim(bottom=0)
    axes.set_xlabel("PEs of a channel")
    axes.set_ylabel("speed-up over dense on the same machine")
    axes.legend(frameon=False, loc="lower left")
    axes.set_title(title, loc="left")
    return axes


MEASURES = (
    ("relative_merged_references", "memory references, merged"),
    ("relative_cycles", "cycles"),
    ("relative_storage_bits", "storage with indices"),
)


def granularity(frame: pd.DataFrame, title: str) -> list[Axes]:
    """References, cycles and storage by granularity of pruning, each over that of single weights.

    frame: columns `network`, `densities`, `granularity` and those of MEASURES. Panels: a column for each network, a row
    for each kind of densities, in the frame's order. Bars are labelled with their values.
    """
    from matplotlib.figure import Figure

    networks, kinds = frame["network"].unique(), frame["densities"].unique()
    figure = Figure(figsize=(5.6 * len(networks), 3.2 * len(kinds) + 0.5), layout="constrained")
    panels = figure.subplots(len(kinds), len(networks), sharex=True, sharey=True, squeeze=False)
    for line, kind in enumerate(kinds):
        for axes, network in zip(panels[line], networks, strict=True):
            chosen = (frame["network"] == network) & (frame["densities"] == kind)
            _group_bars(axes, frame[chosen])
            for place in range(int(chosen.sum()), frame["granularity"].nunique()):
                axes.text(place, 0.04, "not known", ha="center", fontsize=7.5, color="0.35")
            axes.set_title(f"{network}, {kind}", loc="left", fontsize=10)
        panels[line, 0].set_ylabel("relative to single weights")
    names = frame["granularity"].unique()
    panels[0, 0].set_xticks(range(len(names)), names)
    panels[0, 0].set_ylim(0, 1.15 * max(float(frame[column].max()) for column, _ in MEASURES))
    figure.legend(*panels[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=3, frameon=False)
    figure.suptitle(title, x=0.01, ha="left")
    return list(panels.flat)


SAVED = (
    ("counted_pj", "counted_factor", "fetch of weights,\nas the paper counts"),
    ("weight_pj", "weight_factor", "fetch of weights"),
    ("energy_pj", "energy_factor", "all energy"),
)


def waterfall(frame: pd.DataFrame, title: str) -> list[Axes]:
    """What each step of an ablation needs, and what it saves, in a panel for each of SAVED that is known.

    frame: columns `name`, `over` (a name, or None), `published` and those of SAVED. On a log scale, a bar is what a
    step needs; the pale bar on it reaches up to the step that it is compared with, and is labelled with the factor.
    """
    from matplotlib.figure import Figure

    known = [one for one in SAVED if frame[one[0]].notna().all()]
    figure = Figure(figsize=(1.5 + 1.75 * len(frame), 1 + 2.9 * len(known)), layout="constrained")
    panels = figure.subplots(len(known), 1, sharex=True, squeeze=False)[:, 0]
    for axes, colour, (column, factor, name) in zip(panels, COLOURS, known, strict=False):
        axes.spines[["top", "right"]].set_visible(False)
        _draw_steps(
            axes, colour, frame["over"], dict(zip(frame["name"], frame[column] / 1e6, strict=True)), frame[factor]
        )
        axes.set_ylabel(f"{name}, uJ")
    labels = [_step_label(*step) for step in zip(frame["name"], frame["published"], strict=True)]
    panels[-1].set_xticks(range(len(frame)), labels)
    panels[0].set_title(title, loc="left")
    return list(panels)


def _draw_steps(axes: Axes, colour: str, over: Iterable[str | None], needs: dict[str, float], times: pd.Series) -> None:
    """The bars of a panel. needs: in uJ by step; over, times: what each step is compared with, and the factor."""
    axes.bar(range(len(needs)), list(needs.values()), 0.62, color=colour)
    for place, (base, value, factor) in enumerate(zip(over, needs.values(), times, strict=True)):
        digits = 0 if value >= 1000 else 2
        axes.text(place, value / 1.05, f"{value:,.{digits}f}", ha="center", va="top", fontsize=8.5, color="white")
        if isinstance(base, str):
            axes.bar(place, needs[base] - value, 0.62, value, color=colour, alpha=0.18)
            top = 1.08 * max(needs[base], value)
            axes.text(place, top, f"{factor:.3g}x", ha="center", va="bottom", weight="bold")
    axes.set_yscale("log")
    axes.set_ylim(min(needs.values()) / 4, max(needs.values()) * 2.5)


def _step_label(name: str, published: float | None) -> str:
    """A step's name on two lines at most, and the paper's factor where there is one."""
    words = name.replace(" ", "\n", 1)
    return f"{words}\n(paper: {published:g}x)" if published and published == published else words


def _group_bars(axes: Axes, frame: pd.DataFrame) -> None:
    """A group of bars for each line of the frame, one for each of MEASURES."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.axhline(1, color="0.6", linewidth=0.6, zorder=0)
    for number, (column, name) in enumerate(MEASURES):
        places = [line + 0.27 * (number - 1) for line in range(len(frame))]
        bars = axes.bar(places, frame[column], 0.25, color=COLOURS[number], label=name)
        axes.bar_label(bars, fmt="%.2f", fontsize=7.5, padding=1.5, bbox={"color": "white", "pad": 0.3})


def _axes(width: float, height: float) -> Axes:
    """Axes on a figure of their own, with no more lines than needed."""
    from matplotlib.figure import Figure

    axes = Figure(figsize=(width, height), layout="constrained").add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    return axes


def _label_bar(axes: Axes, bar: object, name: str, width: float) -> None:
    """Write a name into a bar, upright if the bar is narrow, and not at all where it would not fit."""
    cycles = bar.get_width()  # type: ignore[attr-defined]
    share = cycles / width
    place = bar.get_x() + cycles / 2, bar.get_y() + bar.get_height() / 2  # type: ignore[attr-defined]
    if share > 0.0075 * len(name) + 0.006:
        axes.text(*place, name, ha="center", va="center", fontsize=8, color="white")
    elif share > 0.009:
        axes.text(*place, name, ha="center", va="center", fontsize=7, color="white", rotation=90)
