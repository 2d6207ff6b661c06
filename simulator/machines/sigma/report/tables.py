"""What SIGMA reports of its folds."""

from collections.abc import Sequence

import numpy as np

from simulator.core.machine import Table
from simulator.machines.sigma.arch import Arch
from simulator.machines.sigma.layout import Streams, slab_places

MOST_ROWS = 32
"""Slabs that are listed one by one."""


def tables(arch: Arch, passes: Sequence[Streams]) -> list[Table]:
    """A row for each slab, or for the first of them, and one for all."""
    (streams,) = passes
    slabs, size = slab_places(arch, streams.layer.inputs), np.diff(streams.first)
    rows = [_row(arch, streams, f"{one.start} to {one.stop - 1}", streams.slab == number, size)
            for number, one in enumerate(slabs[:MOST_ROWS])]  # fmt: skip
    every = f"all {len(slabs)} slabs" if len(slabs) > 1 else "the slab"
    rows.append(_row(arch, streams, every, np.ones(streams.folds, np.bool_), size))
    columns = "places of K", "folds", "stationary values", "multipliers with one %", "load cycles"
    return [Table("folds", columns, tuple(rows))]


def _row(arch: Arch, streams: Streams, name: str, chosen: np.ndarray, size: np.ndarray) -> tuple[str, ...]:
    """chosen: bool [folds]; size: int64 [folds], values of each."""
    folds, values = int(np.count_nonzero(chosen)), int(size[chosen].sum())
    share = f"{100 * values / (folds * arch.size):.1f}" if folds else "-"
    return name, f"{folds:,}", f"{values:,}", share, f"{int(streams.load_cycles[chosen].sum()):,}"
