"""Activity over time: utilisation of the PEs, occupancy of their queues."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.plots import style

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from matplotlib.axes import Axes

MOST_BINS = 240
"""Intervals of time."""
MOST_LINES = 256
"""Rows of a heat map."""
FILL_COLOURS = (style.COLOURS[4], style.COLOURS[0], style.COLOURS[5])
"""Colours of the fullest queue, the mean and the emptiest queue."""


def utilisation(frame: pd.DataFrame, title: str) -> Axes:
    """A heat map: the share of each interval of time in which each PE works.

    frame: a row for each span of a PE, with `unit`, `cycle` (its first), `cycles`, and `working`, the cycles of work
    among them. A unit's spans are in order and without gaps. There are at most MOST_BINS intervals, and at most
    MOST_LINES lines; with more PEs, a line is the mean of neighbours.
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
    style.of_pes(axes, pes)
    axes.set_xlabel("cycle")
    style.name(axes, title)
    cells = (last - first) / (edges.size - 1)
    sentences = [f"a cell is {cells:,.4g} cycles" if cells > 1 else "", f"mean {100 * lines.mean():.1f} %"]
    style.note(
        axes, [*sentences, f"a line is the mean of up to {-(-pes // MOST_LINES)} PEs" if pes > MOST_LINES else ""]
    )
    return axes


def _share(spans: pd.DataFrame, edges: np.ndarray) -> np.ndarray:
    """The share of work between neighbouring edges: float64 [intervals]. Within a span, work is spread evenly.

    edges: float64 [intervals + 1], cycles.
    """
    import numpy as np

    ends = np.append(spans["cycle"].to_numpy(float), spans["cycle"].iloc[-1] + spans["cycles"].iloc[-1])
    done = np.concatenate([[0.0], np.cumsum(spans["working"].to_numpy(float))])
    return np.diff(np.interp(edges, ends, done)) / np.diff(edges)


def occupancy(frame: pd.DataFrame, title: str) -> Axes:
    """Slots in use of the queues over time: the fullest queue, the emptiest, and the mean of all.

    frame: a row for each change of a queue, with `queue`, `cycle`, `held` (slots in use from then on), `slots`, and
    `last` (the cycle at which time ends). Of more than MOST_BINS cycles, MOST_BINS at equal distances are sampled.
    ValueError where time ends before the first change.
    """
    import numpy as np

    first, last = int(frame["cycle"].min()), int(frame["last"].iloc[0])
    if last <= first:
        raise ValueError(f"time ends at cycle {last:,}, and the first change is in cycle {first:,}")
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
    """Slots in use of a queue at each sample, int64 [samples]: the value of the last change until then.

    looks: int64 [samples], cycles.
    """
    import numpy as np

    place = np.searchsorted(changes["cycle"].to_numpy(), looks, side="right") - 1
    return changes["held"].to_numpy()[place]
