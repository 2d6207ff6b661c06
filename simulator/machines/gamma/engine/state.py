"""What the compiled engine keeps of a run: few arrays of integers, as each array costs time with every call."""

from typing import NamedTuple

import numpy as np

from simulator.machines.gamma.arch import Arch
from simulator.machines.gamma.layout import NONE, Streams

SHIFT = 10
"""Bits of a term's number below its column in a merger's key."""


class Numbers(NamedTuple):
    """Of the architecture and the matrices: integers."""

    pes: int
    slots: int
    way_lines: int
    write_lines: int
    banks: int
    latency: int
    elements: int  # of a line
    bits: int  # of an element
    sets: int
    ahead: int
    rate: int  # bits of DRAM in a thousand cycles
    dram_latency: int
    a_elements: int
    a_lines: int
    b_elements: int
    tasks: int
    leaves: int


class State(NamedTuple):
    """The plan of `Streams`, B, and all units; of the second index of most arrays see below."""

    one: np.ndarray  # int64 [ONES]
    task: np.ndarray  # int64 [tasks + 1, TASK]
    terms: np.ndarray  # int64 [terms, 2]: row of B and task, one of them NONE
    scale: np.ndarray  # float64 [terms]
    leaves: np.ndarray  # int64 [leaves]: tasks without partial rows
    ready: np.ndarray  # int64 [tasks]: tasks whose partial rows are there, in order
    arrival: np.ndarray  # int64 [lines]: the cycle in which each line of A is there
    starts: np.ndarray  # int64 [rows + 1], of B
    columns: np.ndarray  # int64 [entries], of B
    values: np.ndarray  # float64 [entries], of B
    tags: np.ndarray  # int64 [banks x sets, ways]: lines, or NONE
    cache: np.ndarray  # int64 [banks x sets, ways, LINE]
    taken: np.ndarray  # int64 [banks]: the last cycle with an access
    pe: np.ndarray  # int64 [pes, PE]
    writes: np.ndarray  # int64 [pes, write_lines, 4]: task, line, elements, 1 for the last
    slot: np.ndarray  # int64 [pes x slots, SLOT]
    heap: np.ndarray  # int64 [pes x slots, radix]: keys of terms with elements left, the least first
    wants: np.ndarray  # int64 [pes x slots, radix x way_lines]: terms whose lines are to be read, in order
    term: np.ndarray  # int64 [pes x slots, radix, TERM + way_lines], at the end when each line is there
    pool: np.ndarray  # int64 [room]: columns of what tasks put out
    sums: np.ndarray  # float64 [room]: its values


SHARED = 12
(
    FETCHES, READS, CONSUMES, WRITES, MISSES, CONFLICTS, SPILLS, A_ELEMENTS, A_BYTES, B_BYTES, PARTIAL_BYTES,
    OUTPUT_BYTES,
) = range(SHARED)  # fmt: skip
"""Places of events of the FiberCache and DRAM in `State.one`, in the order of `Counts`."""
ONES = SHARED + 11
(
    DRAM_FREE, ASKED, HERE, LEAF, READY_HEAD, READY_TAIL, DONE, ACCESSES, SERVED_CYCLES, CONFLICT_CYCLES, MOVE_CYCLES,
) = range(SHARED, ONES)  # fmt: skip
"""And of: when DRAM is free, in bits of its rate; lines of A asked for, and there; the next leaf; ready tasks; tasks
that are done; accesses of the FiberCache; cycles with accesses alone, with conflicts, and in which DRAM moves bytes."""
TASK = 7
FIRST, PARENT, NEEDED, ROOM, LINE_OF, CHILDREN, MADE = range(TASK)
"""Of a task, see `Streams`; partial rows that are not there yet; elements that it put out."""
LINE = 4
PRIORITY, AGE, ARRIVAL, DIRTY = range(LINE)
"""Of a line: reads to come; the number of its last access; the cycle in which it is there; its
elements of a partial row that DRAM does not have."""
PE = 14
(
    MULTIPLIES, MERGES, ADDITIONS, PARTIAL_ELEMENTS, OUTPUT_ELEMENTS, MERGED, WAITING, FULL, HEAD, HELD, WRITE_HEAD,
    WRITE_TAIL, POPPED, GIVEN,
) = range(PE)  # fmt: skip
"""Of a PE: events in the order of `Counts`, cycles in the order of `Reasons`; the slot of the task that is merged;
tasks; lines that wait to be written; the cycle in which one was written last; that in which a task was given last."""
SLOT = 11
(
    TASK_OF, SINCE, SIZE, PENDING, STALL, OUT, WANT_HEAD, WANT_TAIL, DEPTH, WAY, DEEPEST,
) = range(SLOT)  # fmt: skip
"""Of a slot: its task; the cycle in which it was given; terms with elements left; terms whose next line was not read;
the cycle in which all lines that were read are there; elements put out; lines to read; the line to fetch, among those
of its term; lines of the longest term."""
TERM = 9
PARTIAL, AT, END, FIRST_LINE, LINES, LEFT, WANTED, GRANTED, USED = range(TERM)
"""Of a term: 1 for a partial row; its next element, in B or in the pool, and the one after its last; its first line and
how many there are; elements of the line before the next; lines asked for, read, and used up."""


def numbers_of(arch: Arch, streams: Streams) -> Numbers:
    """The integers of a run."""
    entries, line = streams.layer.left.entries, arch.line_elements
    return Numbers(
        arch.pes, arch.task_slots, arch.way_lines, arch.write_lines, arch.cache_banks, arch.cache_latency, line,
        8 * arch.element_bytes, arch.sets, arch.lines_ahead, arch.dram_bits_per_kcycle, arch.dram_latency, entries,
        -(-entries // line), streams.layer.right.entries, streams.tasks, int(np.count_nonzero(streams.children == 0)),
    )  # fmt: skip


def initial_state(arch: Arch, streams: Streams) -> State:
    """Empty units."""
    slots, radix, right, tasks = arch.pes * arch.task_slots, arch.radix, streams.layer.right, streams.tasks

    def zeros(*shape: int) -> np.ndarray:
        return np.zeros(shape, np.int64)

    task = zeros(tasks + 1, TASK)
    task[:, FIRST], task[:, ROOM] = streams.first, streams.room
    task[:-1, PARENT], task[:-1, NEEDED], task[:-1, LINE_OF] = streams.parent, streams.needed, streams.line
    task[:-1, CHILDREN] = streams.children
    sets, pe = (arch.cache_banks * arch.sets, arch.cache_ways), zeros(arch.pes, PE)
    pe[:, POPPED] = pe[:, GIVEN] = NONE
    room, lines = int(streams.room[-1]), -(-streams.layer.left.entries // arch.line_elements)
    return State(
        zeros(ONES), task, np.stack([streams.row, streams.child], axis=1), streams.scale,
        np.flatnonzero(streams.children == 0), zeros(tasks), zeros(lines),
        right.starts, right.columns, right.values, np.full(sets, NONE), zeros(*sets, LINE),
        np.full(arch.cache_banks, NONE), pe,
        zeros(arch.pes, arch.write_lines, 4), zeros(slots, SLOT), zeros(slots, radix),
        zeros(slots, radix * arch.way_lines), zeros(slots, radix, TERM + arch.way_lines), zeros(room), np.zeros(room),
    )  # fmt: skip
