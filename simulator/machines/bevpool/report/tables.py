"""How many points a cell has, and how evenly they load lanes."""

from collections.abc import Sequence

import numpy as np

from simulator.core.machine import Table
from simulator.machines.bevpool.arch import Arch
from simulator.machines.bevpool.layout import Streams

LANES = (32, 256, 1024)
"""For which the balance is listed next to the machine's own."""


def tables(arch: Arch, passes: Sequence[Streams]) -> list[Table]:
    """Points by cell, and the balance of lanes over the cells in the machine's order."""
    (streams,) = passes
    lengths = streams.intervals.lengths
    rows = (
        ("points", f"{streams.layer.inputs:,}"),
        ("points in a cell", f"{streams.layer.kept:,}"),
        ("cells", f"{streams.layer.cells:,}"),
        ("cells with a point", f"{lengths.size:,}"),
        ("points of such a cell, mean", f"{lengths.mean():.1f}"),
        ("median", f"{np.median(lengths):g}"),
        ("99th percentile", f"{np.percentile(lengths, 99):g}"),
        ("most", f"{int(lengths.max()):,}"),
    )
    known = sorted({*LANES, arch.lanes})
    even = tuple((f"{lanes:,}", f"{balance(lengths[streams.order], lanes):.2f}") for lanes in known)
    return [Table("points by cell", ("of", "number"), rows), Table("balance", ("lanes", "busy share"), even)]


def balance(lengths: np.ndarray, lanes: int) -> float:
    """Points over lanes times the longest cell of each group of `lanes` cells; lengths: int64 [cells], in order."""
    padded = np.zeros(-(-lengths.size // lanes) * lanes, np.int64)
    padded[: lengths.size] = lengths
    return float(lengths.sum() / (lanes * padded.reshape(-1, lanes).max(axis=1).sum()))
