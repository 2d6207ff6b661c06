"""ESE's memory channel: lines of one row that are worked out at once come as they do one by one, and in the model."""

import numpy as np
import pytest
import simpy
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numba import njit
from support.paths import EXAMPLES

from simulator.hardware.clock import Window
from simulator.hardware.dram.engine.scheduler import advance, clock_of, cycle_of, push, wait
from simulator.hardware.dram.engine.state import counts_of, initial_state
from simulator.hardware.dram.model.channel import Channel
from simulator.hardware.dram.presets import presets
from simulator.hardware.dram.spec import to_clock
from simulator.machines.ese.arch import bursts
from simulator.machines.ese.engine.timing import MemoryChannel
from zeroskip import load_arch


def a_line_for_a_burst(arch):
    """Only lines of one burst are worked out at once."""
    return arch._replace(line_bits=8 * arch.dram.line_bytes, input_path_bits=4 * arch.dram.line_bytes)


ARCHS = {name: a_line_for_a_burst(load_arch("ese", dram=name).arch) for name in presets()}
ARCHS["lpddr4_3200, two bursts"] = load_arch("ese", dram="lpddr4_3200").arch


def slots(most):
    """Slots: runs of lines, each with where the next run begins (None: it follows), lines of x, cycles of a pause."""
    jumps = st.none() | st.none() | st.integers(0, 49_999) | st.integers(1, 97).map(lambda row: 512 * row)
    runs = st.lists(st.tuples(st.integers(1, most), jumps), min_size=1, max_size=4)
    return st.lists(st.tuples(runs, st.integers(0, 4), st.integers(0, 60)), min_size=1, max_size=6)


MACHINES = {
    "depth": st.sampled_from((8, 32, 33, 41, 256)),
    "core_ps": st.sampled_from((1250, 5000)),
    "now": st.integers(0, 7000),
    "line": st.integers(0, 4999),
}
AS_MANY_AS_REQUESTS = {
    "slots": [([(681, None)], 0, 0), ([(356, 3328), (33, None)], 0, 0)],
    "depth": 32, "core_ps": 5000, "now": 0, "line": 244,
}  # fmt: skip
"""The queue is full while the FIFO is, and its oldest request, which the next line waits for, opens a row."""
CLOSED_BANK = {
    "slots": [([(322, None)], 0, 60), ([(5, 1611), (104, None)], 0, 0)],
    "depth": 41, "core_ps": 1250, "now": 4128, "line": 4225,
}  # fmt: skip
"""Of the banks among which a row's lines take turns, the first is open, and the last must be opened meanwhile."""


def places_of(line, slots):
    """The lines of each slot, int64 [lines], from the first line."""
    for runs, narrow, pause in slots:
        parts = []
        for length, jump in runs:
            parts.append(np.arange(line, line + length))
            line = line + length if jump is None else jump
        places = np.concatenate(parts)
        yield places, min(narrow, places.size), pause


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


def arch_of(name, depth, core_ps):
    arch = ARCHS[name]
    return arch._replace(fifo_lines=depth, dram=arch.dram._replace(core_ps=core_ps))


@pytest.mark.parametrize("name", ARCHS)
@given(slots=slots(400), **MACHINES)
@example(**AS_MANY_AS_REQUESTS)
@example(**CLOSED_BANK)
@settings(max_examples=EXAMPLES // 2, deadline=None)
def test_lines_come_as_they_do_one_by_one(name, slots, depth, core_ps, now, line):
    arch = arch_of(name, depth, core_ps)
    memory, each = MemoryChannel(arch), bursts(arch)
    state = initial_state(arch.dram, each * depth)
    for places, narrow, pause in places_of(line, slots):
        found = memory.deliver(places, narrow, now)
        given_ = places.size - narrow, memory.narrow_cycles, depth, each, now
        asked, last, cycles = one_by_one(arch.dram, state, places, *given_)
        assert np.array_equal(found.requested, asked)
        assert (found.last, found.cycles) == (last, cycles)
        now += cycles + pause
    clock = 64 * now
    mine, theirs = (counts_of(arch.dram, [one], clock) for one in (memory.state, state))
    assert all(np.array_equal(a, b) for a, b in zip(mine, theirs, strict=True))


def in_the_model(env, channel, fifo, places, costs, each):
    """The same in SimPy, as the model fetches and loads a slot's lines; costs: the cycles of each to the buffer."""
    begin, asked, arrived = int(env.now), [], []

    def fetch():
        parts = []
        for place in places.tolist():
            if not fifo.free:
                yield fifo.room()
            asked.append(int(env.now) - begin)
            line = [channel.push(each * place + burst) for burst in range(each)]
            fifo.push(env.all_of(line))
            parts += line
        yield env.all_of(parts)
        arrived.append(int(env.now) - begin)

    def load():
        for cost in costs:
            yield (yield fifo.look(fifo.pops))
            fifo.drop()
            yield env.timeout(cost)

    env.run(until=env.all_of([env.process(fetch()), env.process(load())]))
    return asked, arrived[0], int(env.now) - begin


@pytest.mark.parametrize("name", ARCHS)
@given(slots=slots(120), **MACHINES)
@example(**AS_MANY_AS_REQUESTS)
@example(**CLOSED_BANK)
@settings(max_examples=EXAMPLES // 10, deadline=None)
def test_lines_come_as_in_the_model(name, slots, depth, core_ps, now, line):
    arch = arch_of(name, depth, core_ps)
    memory, env = MemoryChannel(arch), simpy.Environment(now)
    channel, fifo = Channel(env, arch.dram), Window(env, "FIFO", depth)
    for places, narrow, pause in places_of(line, slots):
        now = int(env.now)
        found = memory.deliver(places, narrow, now)
        costs = [1] * (places.size - narrow) + [memory.narrow_cycles] * narrow
        asked, last, cycles = in_the_model(env, channel, fifo, places, costs, bursts(arch))
        assert found.requested.tolist() == asked
        assert (found.last, found.cycles) == (last, cycles)
        env.run(until=now + cycles + pause + 1)
    end = to_clock(arch.dram, int(env.now))
    advance(arch.dram, memory.state, end)
    assert counts_of(arch.dram, [memory.state], end) == channel.counts(int(env.now))


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
