"""ESE's schedule as a Gantt chart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.plots import style
from simulator.plots.colours import ink, of_names

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

GANTT_PARTS = ("product", "element-wise", "weights", "vectors")
"""The parts of the machine, a line for each."""
MOST_SLOTS = 60


def schedule(frame: pd.DataFrame, title: str) -> Axes:
    """One time step: a line for each part of the machine, with a bar for its work in each slot.

    frame: the table `schedule` of an ESE result, with columns `slot`, `cycles`, and for each part PART its work,
    `PART`, and that work's cycles, `PART cycles`. Thin lines separate the slots. Of more than MOST_SLOTS slots, the
    first are drawn.
    """
    slots, frame = len(frame), frame.iloc[:MOST_SLOTS]
    axes = style.one(11, 3.6)
    begins, colours = frame["cycles"].cumsum() - frame["cycles"], of_names(GANTT_PARTS)
    for line, part in enumerate(GANTT_PARTS):
        used = frame[f"{part} cycles"] > 0
        cycles, lines = frame[f"{part} cycles"][used], [line] * int(used.sum())
        bars = axes.barh(lines, cycles, 0.72, begins[used], color=colours[part], edgecolor="white")
        for bar, name in zip(bars, frame[part][used], strict=True):
            _label_bar(axes, bar, str(name), float(frame["cycles"].sum()), ink(colours[part]))
    for begin, cycles, slot in zip(begins, frame["cycles"], frame["slot"], strict=True):
        axes.axvline(begin, color="0.6", linewidth=0.6, zorder=0)
        axes.text(begin + cycles / 2, -0.62, str(slot), ha="center", va="bottom", fontsize=style.SMALL, color="0.35")
    axes.set_yticks(range(len(GANTT_PARTS)), GANTT_PARTS)
    axes.set_ylim(len(GANTT_PARTS) - 0.5, -0.95)
    axes.set_xlim(0, frame["cycles"].sum())
    axes.set_xlabel("cycles of a time step; numbers above are the slots of the paper's state machine")
    style.name(axes, title)
    style.note(axes, [f"the first {len(frame)} of {slots:,} slots" if slots > len(frame) else ""])
    return axes


def _label_bar(axes: Axes, bar: object, name: str, width: float, colour: str) -> None:
    """Write a name into a bar, vertically where the bar is narrow, and not at all where it would not fit."""
    cycles = bar.get_width()  # type: ignore[attr-defined]
    share = cycles / width
    place = bar.get_x() + cycles / 2, bar.get_y() + bar.get_height() / 2  # type: ignore[attr-defined]
    if share > 0.0075 * len(name) + 0.006:
        axes.text(*place, name, ha="center", va="center", fontsize=8, color=colour)
    elif share > 0.009:
        axes.text(*place, name, ha="center", va="center", fontsize=7, color=colour, rotation=90)
