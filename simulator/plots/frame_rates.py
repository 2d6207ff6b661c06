"""The picture of CaTDet: delay against the frame rate, a panel for each machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.plots import style
from simulator.plots.sweeps import draw_lines

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

MOST_PANELS, MOST_TICKS = 6, 12


def delay(frame: pd.DataFrame, title: str) -> list[Axes]:
    """Mean delay by frames a second, a line for each detector.

    frame: columns `machine`, `detector`, `fps`, `delay_ms`.
    """
    known = list(frame["machine"].unique())
    machines = known[:MOST_PANELS]
    notes = [f"{len(known) - MOST_PANELS} more machines"] if len(known) > MOST_PANELS else []
    grid = style.panels(1, len(machines), 3.4 * len(machines) + 0.6, 3.8)
    for axes, machine in zip(grid[0], machines, strict=True):
        mine = frame[frame["machine"] == machine]
        lines = mine.assign(series=mine["detector"].astype(str), x=mine["fps"], y=mine["delay_ms"])
        drawn, sentences = draw_lines(axes, lines.sort_values("x", kind="stable"))
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter("{x:g}")
        ticks = sorted(mine["fps"].unique())
        if len(ticks) <= MOST_TICKS:
            axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
            axes.minorticks_off()
        axes.set_ylim(bottom=0)
        axes.set_xlabel("frames a second")
        axes.set_ylabel("mean delay (ms)")
        style.name(axes, str(machine), 10)
        style.grid(axes, "y")
        style.label_ends(axes, drawn)
        notes += [sentence for sentence in sentences if sentence not in notes]
    style.note(grid[0][0], notes)
    style.figure_of(grid[0][0]).suptitle(title, x=0.01, ha="left", fontsize=11)
    return list(grid[0])
