"""From a sparse product to GAMMA's tasks: which rows of B, and which partial rows, a merger takes together.

A row of A is the sum of rows of B, each times an element. While it has more terms than the merger's radix, its first
terms become a task whose result, a partial row, is its last term; the last task has as many terms as fit. So there are
as few partial rows as possible. Elements of A whose row of B is empty have no term.
"""

from collections import deque
from typing import NamedTuple

import numpy as np

from simulator.machines.gamma.arch import Arch
from workloads.errors import refuse
from workloads.kinds import expect
from workloads.kinds.kind import CompressedLayer
from workloads.kinds.sparse_product.layer import CompressedSparseProduct

MOST_MERGES = 1 << 27
"""Elements that all mergers may take: 3 GB, and a minute."""
MOST_CYCLES = 1 << 28
"""That DRAM may move bytes: some minutes."""
NONE = -1


class Streams(NamedTuple):
    """A whole product: tasks in the order of their rows, those of partial rows before those that take them."""

    layer: CompressedSparseProduct
    first: np.ndarray  # int64 [tasks + 1]: the first term of each task
    row: np.ndarray  # int64 [terms]: of B; NONE: the term is a partial row
    child: np.ndarray  # int64 [terms]: the task whose partial row it is; NONE: it is a row of B
    scale: np.ndarray  # float64 [terms]: the element of A; of partial rows 1
    parent: np.ndarray  # int64 [tasks]: the task that takes its partial row; NONE: its row is finished
    children: np.ndarray  # int64 [tasks]: partial rows that it takes
    needed: np.ndarray  # int64 [tasks]: elements of A up to its last one
    output_row: np.ndarray  # int64 [tasks]: of A
    room: np.ndarray  # int64 [tasks + 1]: elements that all tasks before it may put out
    line: np.ndarray  # int64 [tasks]: the first line of its partial row, after those of B

    @property
    def tasks(self) -> int:
        """Of all rows."""
        return self.parent.size


def layout(arch: Arch, given: CompressedLayer) -> tuple[Streams, ...]:
    """One pass.

    InputError where the layer is of another kind, its partial rows have too many elements, or DRAM needs too long.
    """
    layer = expect(given, CompressedSparseProduct, "GAMMA")
    sizes = np.diff(layer.right.starts)
    used = np.flatnonzero(sizes[layer.left.columns])  # elements of A with a term
    begin = np.searchsorted(used, layer.left.starts)
    terms = np.diff(begin)
    partial = -(-np.maximum(0, terms - arch.radix) // (arch.radix - 1))
    task = _running(partial + (terms > 0))
    place = _running(terms + partial)
    streams = _empty(layer, int(task[-1]), int(place[-1]))
    short = terms <= arch.radix
    owner = np.repeat(np.arange(terms.size), terms)
    mine = short[owner]
    at = (place[:-1] - begin[:-1])[owner[mine]] + np.flatnonzero(mine)
    streams.row[at], streams.scale[at] = layer.left.columns[used[mine]], layer.left.values[used[mine]]
    alone = np.flatnonzero(short & (terms > 0))
    streams.first[task[alone]], streams.output_row[task[alone]] = place[alone], alone
    streams.needed[task[alone]] = used[begin[alone + 1] - 1] + 1
    for row in np.flatnonzero(~short).tolist():
        _fill_row(streams, arch.radix, row, used[begin[row] : begin[row + 1]], (int(task[row]), int(place[row])))
    return (_measure(arch, streams, sizes),)


def _empty(layer: CompressedSparseProduct, tasks: int, terms: int) -> Streams:
    """Tasks that take no partial rows and put out finished ones."""

    def zeros(size: int) -> np.ndarray:
        return np.zeros(size, np.int64)

    def none(size: int) -> np.ndarray:
        return np.full(size, NONE, np.int64)

    first = np.full(tasks + 1, terms, np.int64)
    return Streams(
        layer, first, none(terms), none(terms), np.ones(terms), none(tasks), zeros(tasks), zeros(tasks), zeros(tasks),
        zeros(tasks + 1), zeros(tasks),
    )  # fmt: skip


def _fill_row(streams: Streams, radix: int, row: int, elements: np.ndarray, begin: tuple[int, int]) -> None:
    """The tasks of a row of more terms than the radix.

    elements: int64 [terms], of A; begin: its first task and term.
    """
    left, (task, place) = streams.layer.left, begin
    waiting = deque((element, NONE) for element in elements.tolist())
    while waiting:
        many = min(radix, len(waiting) - radix + 1) if len(waiting) > radix else len(waiting)
        streams.first[task], streams.output_row[task] = place, row
        last = len(waiting) == many
        for element, child in [waiting.popleft() for _ in range(many)]:
            if child == NONE:
                streams.row[place], streams.scale[place] = left.columns[element], left.values[element]
                streams.needed[task] = max(int(streams.needed[task]), element + 1)
            else:
                streams.child[place], streams.parent[child] = child, task
                streams.children[task] += 1
            place += 1
        if not last:
            waiting.append((NONE, task))
        task += 1


def _measure(arch: Arch, streams: Streams, sizes: np.ndarray) -> Streams:
    """The streams with what each task may put out at most, and lines for it. sizes: int64 [rows of B], elements.

    InputError where that is too much, or takes DRAM too long.
    """
    width, tasks = streams.layer.right.width, streams.tasks
    own = np.where(streams.child == NONE, sizes[streams.row], 0)
    before = _running(own)
    room = np.minimum(np.diff(before[streams.first]), width)
    for task in np.flatnonzero(streams.children).tolist():
        taken = streams.child[streams.first[task] : streams.first[task + 1]]
        room[task] = min(width, int(room[task]) + int(room[taken[taken != NONE]].sum()))
    partial = streams.parent != NONE
    merges = int(own.sum()) + int(room[partial].sum())
    if merges > MOST_MERGES:
        refuse(streams.layer.name, f"its mergers take up to {merges:,} elements", f"at most {MOST_MERGES:,}")
    _check_cycles(arch, streams, int(room[~partial].sum()))
    lines = _running(np.where(partial, -(-room // arch.line_elements), 0))[:tasks]
    whole = -(-streams.layer.right.entries // arch.line_elements)
    return streams._replace(room=_running(room), line=whole + lines)


def _check_cycles(arch: Arch, streams: Streams, finished: int) -> None:
    """InputError where DRAM needs too many cycles for entries of A and up to `finished` entries of the product."""
    bits = 8 * arch.element_bytes * (streams.layer.left.entries + finished)
    if (cycles := 1000 * bits // arch.dram_bits_per_kcycle) > MOST_CYCLES:
        refuse(streams.layer.name, f"DRAM may move bytes for {cycles:,} cycles", f"at most {MOST_CYCLES:,}")


def _running(parts: np.ndarray) -> np.ndarray:
    """Sums of all parts before each, int64 [parts + 1]."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(parts, dtype=np.int64)])
