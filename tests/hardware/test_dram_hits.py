"""Hits that are served together: never where a request of before the run still waits in the queue."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from support.dram.specs import memories

from simulator.hardware.dram.engine import scheduler as engine
from simulator.hardware.dram.engine.bulk import count_hits, refill
from simulator.hardware.dram.engine.state import CHANNEL, FREED, HEAD, first_slot_row, initial_state
from simulator.hardware.dram.spec import lines_per_channel


def copy(state):
    return type(state)(*(one.copy() for one in state))


def what_lasts(dram, state):
    """A drained channel without the numbers of its free slots: the clocks when they were freed, from the head on."""
    first = first_slot_row(dram)
    freed = np.roll(state.table[first:, FREED], -state.table[CHANNEL, HEAD])
    table = state.table[:first].copy()
    table[CHANNEL, HEAD] = 0
    return table, freed, state.done


def same(dram, one, other):
    """Whether two states end alike: the clock of the last burst, all counts, all completions, what limits the next."""
    ends = [engine.drain(dram, state) for state in (one, other)]
    assert ends[0] == ends[1]
    for mine, others in zip(what_lasts(dram, one), what_lasts(dram, other), strict=True):
        np.testing.assert_array_equal(mine, others)


@given(
    dram=memories(),
    row_lines=st.sampled_from([4, 16, 64]),
    first=st.integers(0, 40),
    opened=st.integers(1, 20),
    far=st.lists(st.integers(0, 4000), max_size=2),
    run=st.integers(1, 60),
    write=st.integers(0, 1),
)
def test_requests_served_together_end_as_one_by_one(dram, row_lines, first, opened, far, run, write):
    """Lines open a row, others of elsewhere follow, then the lines after the first ones, which may overtake them."""
    dram = dram._replace(row_lines=row_lines)
    last = lines_per_channel(dram)
    state = initial_state(dram)
    before = [*range(first, first + opened), *far]
    begin = first + opened
    if max(before) >= last or begin + run + dram.queue >= last:
        return
    for line in before:
        engine.enter(dram, state.table, state.done, line, write, 0)
    for line in range(begin, begin + run):
        engine.enter(dram, state.table, state.done, line, write, 0)
        count = int(count_hits(dram, state.table, line + 1, write))
        if count > 0:
            together, single = copy(state), copy(state)
            refill(dram, together.table, together.done, count)
            for k in range(count):
                engine.enter(dram, single.table, single.done, line + 1 + k, write, 0)
            same(dram, together, single)
