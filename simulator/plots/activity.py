"""What units do over time: utilisation of the PEs, items in their queues."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.plots import style

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from matplotlib.axes import Axes

MOST_BINS = 240
MOST_LINES = 256
FILL_COLOURS = (style.COLOURS[4], style.COLOURS[0], style.COLOURS[5])
"""Of the fullest queue, the mean and the emptiest."""


def utilisation(frame: pd.DataFrame, title: str) -> Axes:
    """A heat map: the share of each piece of time in which each PE works.

    frame: a row for each span of a PE: `unit`, `cycle`, `cycles`, and `working` of these. Spans of a unit follow each
    other. Of more than MOST_BINS cycles, neighbours share a piece; of more than MOST_LINES PEs, a line.
    """
    import numpy as np

    first, last = int(frame["cycle"].min()), int((frame["cycle"] + frame["cycles"]).max())
    edges = np.linspace(first, last, min(MOST_BINS, last - first) + 1)
    lines = np.array([_share(spans, edges) for _, spans in frame.groupby("unit", sort=False)])
    pes = len(lines)
    if pes > MOST_LINES:
        group = np.arange(pes) * MOST_LINES // pes
        lines = np.array([lines[group == number].mean(axis=0) for number in range(MOST_LINES)])
    axes = style.one(9, 4.6)
    mesh = axes.pcolormesh(edges, np.linspace(0, pes, len(lines) + 1), 100 * lines, cmap=style.HEAT, vmin=0, vmax=100)
    mesh.set_rasterized(True)
    bar = style.figure_of(axes).colorbar(mesh, ax=axes, pad=0.01)
    bar.set_label("cycles in which the PE works (%)")
    axes.set_ylim(pes, 0)
    axes.set_xlabel("cycle")
    axes.set_ylabel("PE")
    style.name(axes, title)
    cells = (last - first) / (edges.size - 1)
    sentences = [f"a cell is {cells:,.4g} cycles" if cells > 1 else "", f"mean {100 * lines.mean():.1f} %"]
    style.note(
        axes, [*sentences, f"a line is the mean of up to {-(-pes // MOST_LINES)} PEs" if pes > MOST_LINES else ""]
    )
    return axes


def _share(spans: pd.DataFrame, edges: np.ndarray) -> np.ndarray:
    """The share of cycles between neighbouring edges that a unit works; within a span, work is spread evenly."""
    import numpy as np

    ends = np.append(spans["cycle"].to_numpy(float), spans["cycle"].iloc[-1] + spans["cycles"].iloc[-1])
    done = np.concatenate([[0.0], np.cumsum(spans["working"].to_numpy(float))])
    return np.diff(np.interp(edges, ends, done)) / np.diff(edges)


def occupancy(frame: pd.DataFrame, title: str) -> Axes:
    """Items in the queues over time: the fullest, the emptiest, and the mean of all.

    frame: a row for each change of a queue: `queue`, `cycle`, `held` from then on, `slots`; and `last`, where time
    ends. At more than MOST_BINS cycles, the queues are looked at MOST_BINS times at equal distances.
    """
    import numpy as np

    first, last = int(frame["cycle"].min()), int(frame["last"].iloc[0])
    looks = np.unique(np.linspace(first, last - 1, min(MOST_BINS, last - first)).astype(np.int64))
    held = np.array([_hold(one, looks) for _, one in frame.groupby("queue", sort=False)])
    slots = int(frame["slots"].iloc[0])
    axes = style.one(9, 4.2)
    fullest, emptiest, mean = held.max(axis=0), held.min(axis=0), held.mean(axis=0)
    axes.fill_between(looks, emptiest, fullest, step="post", color=style.COLOURS[4], alpha=0.35, linewidth=0)
    lines = zip(("fullest", "mean", "emptiest"), (fullest, mean, emptiest), FILL_COLOURS, strict=True)
    names = []
    for name, values, colour in lines:
        axes.step(looks, values, where="post", color=colour, linewidth=1.4 if name == "mean" else 0.6, label=name)
        names.append(style.Label(name, float(np.median(values)), colour))
    axes.axhline(slots, color="0.5", linestyle="--", linewidth=1)
    axes.set_xlim(first, last)
    axes.set_ylim(0, slots * 1.06)
    axes.set_xlabel("cycle")
    axes.set_ylabel("slots in use")
    style.name(axes, title)
    style.label_ends(axes, [*names, style.Label(f"{slots} slots", slots, "0.4")])
    step = (last - first) / looks.size
    style.note(axes, [f"{len(held):,} queues", f"looked at every {step:,.4g} cycles" if step > 1 else ""])
    return axes


def _hold(changes: pd.DataFrame, looks: np.ndarray) -> np.ndarray:
    """What a queue holds at each look: what its last change before it says."""
    import numpy as np

    place = np.searchsorted(changes["cycle"].to_numpy(), looks, side="right") - 1
    return changes["held"].to_numpy()[place]
