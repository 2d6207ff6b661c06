"""Language models: tokens a second over contexts, and the bytes of a step by what they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulator.plots import style
from simulator.plots.breakdowns import stack
from simulator.plots.colours import of_machines
from simulator.plots.words import part_name
from simulator.results.context_frames import PARTS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

GIGA = 1e-9
DASHES = ("-", "--", ":", "-.")
MOST_LINES, MOST_POINTS = 12, 200


def contexts(frame: pd.DataFrame, title: str) -> Axes | list[Axes]:
    """Tokens a second over the context, a line for each model and machine, on logarithmic axes.

    frame: columns workload, machine, context, tokens_per_s.
    """
    axes = style.one(8, 4.6)
    models = list(dict.fromkeys(frame["workload"]))
    machines = list(dict.fromkeys(frame["machine"]))
    colours = of_machines(models)
    pairs = [(model, machine) for model in models for machine in machines]
    for model, machine in pairs[:MOST_LINES]:
        rows = frame[(frame["workload"] == model) & (frame["machine"] == machine)].sort_values("context")
        rows = rows.iloc[:: max(1, -(-len(rows) // MOST_POINTS))]
        name = str(model) if len(machines) == 1 else f"{model} on {machine}"
        dash = DASHES[machines.index(machine) % len(DASHES)]
        axes.plot(rows["context"], rows["tokens_per_s"], dash, marker="o", color=colours[model], label=name)
    style.logarithmic(axes, "x")
    style.logarithmic(axes, "y")
    style.grid(axes, "both")
    axes.set_xlabel("context (tokens of each sequence)")
    axes.set_ylabel("tokens a second, all sequences")
    style.name(axes, title)
    style.legend(axes, "outside right upper")
    shown = sum(np.size(line.get_xdata()) for line in axes.lines)
    cut = f"up to {MOST_POINTS} points of {MOST_LINES} of {len(pairs):,} lines, of {len(frame):,} rows"
    style.note(axes, [cut if shown < len(frame) else ""])
    return axes


def parts(frame: pd.DataFrame, title: str) -> Axes | list[Axes]:
    """Bytes of DRAM in a step, a bar for each model, machine and context, by what they are.

    frame: columns workload, machine, perhaps context, and `bytes_by_part.PART`.
    """
    columns = [str(name) for name in frame if str(name).startswith(PARTS)]
    words = {name: part_name(name.removeprefix(PARTS)) for name in columns}
    pieces = frame[columns].fillna(0).rename(columns=words) * GIGA
    several = frame["machine"].nunique() > 1
    names = frame["workload"].astype(str) + (", " + frame["machine"] if several else "")
    if "context" in frame:
        names = names + ", " + frame["context"].astype(int).map("{:,}".format)
    pieces.index = names
    return stack(pieces, "bytes of DRAM in a step (GB)", title)
