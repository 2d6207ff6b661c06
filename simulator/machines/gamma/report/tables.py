"""What GAMMA reports of its tasks."""

from collections.abc import Sequence

import numpy as np

from simulator.core.machine import Table
from simulator.machines.gamma.arch import Arch
from simulator.machines.gamma.layout import NONE, Streams


def tables(arch: Arch, passes: Sequence[Streams]) -> list[Table]:
    """Rows without a term, rows of one task, and rows with partial rows."""
    (streams,) = passes
    terms = np.diff(streams.first)
    finished = streams.parent == NONE
    count = np.bincount(streams.output_row, minlength=streams.layer.left.rows)
    split = count[streams.output_row] > 1
    rows = [
        _row("no term", int(np.count_nonzero(count == 0)), np.zeros(0, np.int64), 0),
        _row(f"up to {arch.radix}", int(np.count_nonzero(finished & ~split)), terms[~split], 0),
        _row("more", int(np.count_nonzero(finished & split)), terms[split], int(np.count_nonzero(~finished))),
    ]
    return [Table("rows of A by their terms", ("terms", "rows", "tasks", "terms in all", "partial rows"), tuple(rows))]


def _row(name: str, rows: int, terms: np.ndarray, partial: int) -> tuple[str, ...]:
    """terms: int64 [tasks]."""
    return name, f"{rows:,}", f"{terms.size:,}", f"{int(terms.sum()) - partial:,}", f"{partial:,}"
