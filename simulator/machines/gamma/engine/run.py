"""A run of the compiled engine."""

import numpy as np
from numba import njit

from simulator.core.run import Run
from simulator.machines.gamma.arch import Arch, CacheLetter, Counts, MemoryLetter, PeLetter, Reasons
from simulator.machines.gamma.engine.memory import LATE, step_memory
from simulator.machines.gamma.engine.merger import step_pe
from simulator.machines.gamma.engine.state import (
    ASKED,
    CONFLICT_CYCLES,
    DONE,
    DRAM_FREE,
    FULL,
    HEAD,
    HELD,
    HERE,
    LEAF,
    MADE,
    MERGED,
    MOVE_CYCLES,
    OUTPUT_BYTES,
    OUTPUT_ELEMENTS,
    PENDING,
    READY_HEAD,
    READY_TAIL,
    SERVED_CYCLES,
    SHARED,
    STALL,
    WAITING,
    State,
    initial_state,
    numbers_of,
)
from simulator.machines.gamma.engine.units import schedule
from simulator.machines.gamma.layout import NONE, Streams

LETTERS = np.frombuffer("".join(PeLetter).encode(), np.uint8)
CONFLICT, ACCESS, MOVE = ord(CacheLetter.CONFLICT), ord(CacheLetter.ACCESS), ord(MemoryLetter.MOVE)


def run(arch: Arch, streams: Streams, trace_cycles: int = 0, output: bool = True) -> Run:
    """Run a product; the trace holds its first `trace_cycles` cycles. output: False leaves it out.

    A trace takes a second run, as no one knows the number of cycles before the first.
    """
    length = min(trace_cycles, run(arch, streams, 0, output=False).cycles) if trace_cycles else 0
    numbers, state = numbers_of(arch, streams), initial_state(arch, streams)
    trace = np.empty((arch.pes + 2, length), np.uint8)
    trace[:-2], trace[-2], trace[-1] = ord(PeLetter.NO_TASK), ord(CacheLetter.IDLE), ord(MemoryLetter.IDLE)
    ended = int(_loop(numbers, state, trace))
    cycles = max(ended, -(-int(state.one[DRAM_FREE]) // numbers.rate))
    trace[-1, ended:cycles] = MOVE
    state.one[MOVE_CYCLES] += cycles - ended
    return Run(
        cycles=cycles,
        output=_output(streams, state) if output else np.zeros(0),
        counts=Counts(
            *state.pe[:, : OUTPUT_ELEMENTS + 1].T.copy(), *(state.one[place : place + 1] for place in range(SHARED))
        ),
        reasons=_reasons(state, cycles),
        trace=trace[:, :cycles],
    )


@njit(cache=True)
def _loop(numbers, state, trace):  # type: ignore[no-untyped-def]
    """Cycle after cycle until all tasks are done; returns the number of cycles. trace: uint8 [pes + 2, length].

    numbers, state: see `engine.state`. Cycles in which all units wait for DRAM are passed over together.
    """
    now = 0
    while True:
        seen, before = state.one[READY_TAIL], _progress(state)
        found = step_memory(numbers, state, now)
        moving = state.one[DRAM_FREE] > now * numbers.rate
        if found:
            state.one[CONFLICT_CYCLES if found & LATE else SERVED_CYCLES] += 1
        state.one[MOVE_CYCLES] += moving
        if now < trace.shape[1]:
            if found:
                trace[-2, now] = CONFLICT if found & LATE else ACCESS
            if moving:
                trace[-1, now] = MOVE
        if state.one[DONE] == numbers.tasks and state.one[ASKED] == numbers.a_lines:
            return now + 1
        schedule(numbers, state, now, seen)
        waiting = found == 0 and _progress(state) == before
        for pe in range(numbers.pes):
            if state.pe[pe, HELD]:
                what = step_pe(numbers, state, now, pe)
                waiting = waiting and what == WAITING
                if what != NONE:
                    state.pe[pe, what] += 1
                    if now < trace.shape[1]:
                        trace[pe, now] = LETTERS[what - MERGED]
        now = _wait(numbers, state, trace, now) if waiting else now + 1


@njit(cache=True)
def _progress(state):  # type: ignore[no-untyped-def]
    """A number that changes when a line of A is asked for or comes, a task begins, or a finished line goes to DRAM.

    state: int64 [shapes of `State`].
    """
    one = state.one
    return one[ASKED] + one[HERE] + one[LEAF] + one[READY_HEAD] + one[OUTPUT_BYTES]


@njit(cache=True)
def _wait(numbers, state, trace, now):  # type: ignore[no-untyped-def]
    """The next cycle in which a line arrives, when all that happens until then is waiting for one.

    The cycles before it are accounted for as the one at `now`. state: int64 [shapes of `State`]; trace: uint8
    [pes + 2, length].
    """
    after = np.int64(-1)
    if state.one[HERE] < state.one[ASKED]:
        after = state.arrival[state.one[HERE]]
    for pe in range(numbers.pes):
        slot = pe * numbers.slots + state.pe[pe, HEAD]
        if state.pe[pe, HELD] and state.slot[slot, PENDING] == 0 and (after < 0 or state.slot[slot, STALL] < after):
            after = state.slot[slot, STALL]
    if after <= now + 1:
        return now + 1
    state.one[MOVE_CYCLES] += max(0, min(after, -(-state.one[DRAM_FREE] // numbers.rate)) - now - 1)
    shown = min(after, trace.shape[1])
    for cycle in range(now + 1, shown):
        if state.one[DRAM_FREE] > cycle * numbers.rate:
            trace[-1, cycle] = MOVE
    for pe in range(numbers.pes):
        if state.pe[pe, HELD]:
            state.pe[pe, WAITING] += after - now - 1
            trace[pe, now + 1 : shown] = LETTERS[WAITING - MERGED]
    return after


def _reasons(state: State, cycles: int) -> Reasons:
    spent: list[np.ndarray] = list(state.pe[:, MERGED : FULL + 1].T.copy())
    access, conflict, move = (state.one[at : at + 1] for at in (SERVED_CYCLES, CONFLICT_CYCLES, MOVE_CYCLES))
    merge, line_wait, write_wait = spent
    return Reasons(
        merge, line_wait, write_wait, cycles - merge - line_wait - write_wait, access, conflict,
        cycles - access - conflict, move, cycles - move,
    )  # fmt: skip


def _output(streams: Streams, state: State) -> np.ndarray:
    """The product by rows, float64 [rows + 1 + 2 x entries]: starts, columns, values."""
    finished = np.flatnonzero(streams.parent == NONE)
    made, begin = state.task[finished, MADE], streams.room[finished]
    sizes = np.zeros(streams.layer.left.rows, np.int64)
    sizes[streams.output_row[finished]] = made
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
    before = np.cumsum(made) - made
    places = np.repeat(begin - before, made) + np.arange(int(made.sum()))
    return np.concatenate([starts, state.pool[places], state.sums[places]])
