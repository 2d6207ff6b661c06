"""ESE's memory channel: lines of one row that are worked out at once come as they do one by one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from simulator.hardware.dram.engine.scheduler import clock_of, cycle_of, push, wait
from simulator.hardware.dram.engine.state import counts_of, initial_state
from simulator.machines.ese.arch import bursts
from simulator.machines.ese.engine.timing import MemoryChannel
from zeroskip import load_arch

ARCHS = {name: load_arch("ese", dram=name).arch for name in ("ddr3_1600", "ddr4_2400", "lpddr4_3200")}
SLOTS = st.lists(
    st.tuples(st.lists(st.integers(1, 400), min_size=1, max_size=4), st.integers(0, 4), st.integers(0, 60)),
    min_size=1, max_size=6,
)  # fmt: skip


@njit
def one_by_one(dram, state, places, wide, narrow, depth, each, begin):
    """When each line is asked for, when all are there, and when all are in the buffer."""
    size = places.size
    asked, taken, tickets = np.full(size, begin), np.zeros(size, np.int64), np.zeros((size, each), np.int64)
    there = done = begin
    for i in range(size + depth):
        ready = i - depth
        if 0 <= ready < size:
            for ticket in tickets[ready]:
                there = max(there, cycle_of(dram, wait(dram, state, ticket)))
            taken[ready] = max(there, done)
            done = taken[ready] + (1 if ready < wide else narrow)
        if i < size:
            if ready >= 0:
                asked[i] = taken[ready] + 1
            for burst in range(each):
                tickets[i, burst] = push(dram, state, each * places[i] + burst, 0, clock_of(dram, asked[i]))
    return asked - begin, there - begin, done - begin


@pytest.mark.parametrize("name", ARCHS)
@given(SLOTS, st.sampled_from((8, 32, 256)), st.integers(0, 7000), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_lines_come_as_they_do_one_by_one(name, slots, depth, now, rng):
    arch = ARCHS[name]._replace(fifo_lines=depth)
    memory, each = MemoryChannel(arch), bursts(arch)
    state, line = initial_state(arch.dram, each * depth), rng.randrange(5000)
    for runs, narrow, pause in slots:
        parts = []
        for length in runs:
            parts.append(np.arange(line, line + length))
            line = line + length if rng.random() < 0.7 else rng.randrange(50_000)
        places = np.concatenate(parts)
        narrow = min(narrow, places.size)
        found = memory.deliver(places, narrow, now)
        given_ = places.size - narrow, memory.narrow_cycles, depth, each, now
        asked, last, cycles = one_by_one(arch.dram, state, places, *given_)
        assert np.array_equal(found.requested, asked)
        assert (found.last, found.cycles) == (last, cycles)
        now += cycles + pause
    clock = 64 * now
    mine, theirs = (counts_of(arch.dram, [one], clock) for one in (memory.state, state))
    assert all(np.array_equal(a, b) for a, b in zip(mine, theirs, strict=True))


def test_a_row_of_hits_is_worked_out_at_once():
    """Were it not, the property would say nothing: most lines of a long run are in no queue of the engine."""
    from simulator.hardware.dram.engine.bulk import count_hits
    from simulator.machines.ese.engine.timing import _fetch_hits

    arch = ARCHS["ddr3_1600"]
    state, places = initial_state(arch.dram, 256), np.arange(700)
    for line in range(40):
        push(arch.dram, state, line, 0, 0)
    assert count_hits(arch.dram, state.table, 40, 0) == 88  # to the end of the row of 128 lines
    taken, full = np.zeros(700, np.int64), np.zeros((700, 2), np.int64)
    last, there, done = _fetch_hits(arch.dram, state, places, 39, 0, 0, 700, 1, 256, 0, taken, full)
    assert (last, there, done) == (127, 0, 0)
    assert count_hits(arch.dram, state.table, 128, 0) == 0
