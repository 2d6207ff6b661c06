import numpy as np
import pytest
import simpy
from hypothesis import given
from hypothesis import strategies as st
from support.dram.flow import ask, open_flow, stream, there
from support.dram.specs import PRESETS, by_engine, by_model, memories, small, traces, violations
from support.dram.stream import Stream

from simulator.hardware.dram.engine import scheduler as engine
from simulator.hardware.dram.engine.bulk import load
from simulator.hardware.dram.engine.memory import serve
from simulator.hardware.dram.engine.state import (
    CHANNEL,
    COUNTS,
    FIRST_RANK,
    HEAD,
    PLACE,
    counts_of,
    first_slot_row,
    initial_state,
)
from simulator.hardware.dram.model.channel import Channel
from simulator.hardware.dram.presets import load_dram
from simulator.hardware.dram.spec import FIELDS, lines_per_channel, to_clock, to_cycle

MIXED_CLOCKS = 300, 625, 1000, 1250, 1876, 5000


@given(st.data())
def test_engine_equals_model_and_no_rule_is_broken(data):
    dram = data.draw(memories())
    trace = data.draw(traces(dram))
    done, counts = by_engine(dram, *trace)
    expected_done, expected_counts, log, _ = by_model(dram, *trace)
    assert done == expected_done
    assert counts == expected_counts
    assert violations(dram, log) == []


@pytest.mark.parametrize("name", PRESETS)
def test_shipped_memories(name):
    dram, rng = load_dram(name), np.random.default_rng(7)
    trace = rng.integers(0, 4000, 250), rng.integers(0, 2, 250), np.sort(rng.integers(0, 9000, 250))
    done, counts = by_engine(dram, *trace)
    expected_done, expected_counts, log, _ = by_model(dram, *trace)
    assert done == expected_done
    assert counts == expected_counts
    assert violations(dram, log) == []


@given(st.data())
def test_counts_conserve(data):
    dram = data.draw(memories())
    line, write, arrival = data.draw(traces(dram))
    done, counts = by_engine(dram, line, write, arrival)
    number = {name: int(value[0]) for name, value in counts._asdict().items()}
    assert number["reads"] + number["writes"] == line.size
    assert number["writes"] == write.sum()
    assert 0 <= number["activates"] - number["precharges"] <= dram.ranks * dram.groups * dram.banks
    assert line.size - number["row_hits"] <= number["activates"]
    assert number["refreshes"] <= dram.ranks * (max(done) // dram.refi)
    assert number["active_clocks"] <= dram.ranks * max(done)


@given(st.data())
def test_requests_to_a_line_keep_their_order(data):
    dram = data.draw(memories())
    line, write, arrival = data.draw(traces(dram))
    _, _, log, _ = by_model(dram, line, write, arrival)
    done, _ = by_engine(dram, line, write, arrival)
    ends = [(t.clock + dram.bl + (dram.cl if t.kind == "RD" else dram.cwl)) for t in log if t.kind in ("RD", "WR")]
    rank = {end: i for i, end in enumerate(ends)}
    for each in np.unique(line):
        order = [rank[done[i]] for i in np.flatnonzero(line == each)]
        assert order == sorted(order)


@given(st.data())
def test_a_stream_through_a_fifo_in_a_machine_of_another_clock(data):
    dram = data.draw(memories(cores=MIXED_CLOCKS))
    lines, depth = data.draw(st.integers(0, 40)), data.draw(st.integers(1, 9))
    first, start = data.draw(st.integers(0, 8)), data.draw(st.integers(0, 500))
    lines = min(lines, 4 * dram.ranks * dram.groups * dram.banks * 8 - first)
    busy = np.random.default_rng(data.draw(st.integers(0, 99))).integers(0, 30, lines)
    state = initial_state(dram)
    times = stream(dram, state, first, lines, depth, start, busy)
    env = simpy.Environment()
    channel = Channel(env, dram)
    come, taken = [], []

    def watcher(fifo, store):
        for _ in range(lines):
            yield fifo.there()
            come.append(int(env.now))
            yield store.put(None)

    def consumer():
        yield env.timeout(start)
        fifo, store = Stream(env, channel, first, lines, depth), simpy.Store(env)
        env.process(watcher(fifo, store))
        for i in range(lines):
            yield store.get()
            taken.append(int(env.now))
            fifo.free()
            yield env.timeout(int(busy[i]))

    env.run(until=env.process(consumer()))
    assert come == times[0].tolist()
    assert taken == times[1].tolist()
    end = int(env.now) + 50
    engine.advance(dram, state, to_clock(dram, end))
    assert counts_of(dram, [state], to_clock(dram, end)) == channel.counts(end)


@given(st.data())
def test_a_producer_that_waits_for_room(data):
    dram = data.draw(memories(cores=MIXED_CLOCKS))
    line, write, _ = data.draw(traces(dram))
    state = initial_state(dram, line.size)
    cycle, pushed = 0, []
    for i in range(line.size):
        cycle = max(cycle, to_cycle(dram, max(0, int(engine.room(dram, state)))))
        pushed.append(cycle)
        engine.push(dram, state, line[i], write[i], to_clock(dram, cycle))
    env = simpy.Environment()
    channel = Channel(env, dram)
    expected = []

    def producer():
        events = []
        for i in range(line.size):
            yield channel.room()
            expected.append(int(env.now))
            events.append(channel.push(int(line[i]), bool(write[i])))
        for ticket, event in enumerate(events):
            assert (yield event) == engine.wait(dram, state, ticket)

    env.run(until=env.process(producer()))
    assert pushed == expected


@given(st.data())
def test_loads_are_as_good_as_their_requests(data):
    """Several loads, random requests between them: the engine's short cut through rows of hits changes nothing."""
    dram = data.draw(memories())
    if data.draw(st.booleans()):
        order = ["Ro", *data.draw(st.permutations(["Ba", "Bg", "Ra"])), "Co"]
        dram = dram._replace(mapping=sum(FIELDS.index(part) << 3 * i for i, part in enumerate(reversed(order))))
    dram = dram._replace(row_lines=data.draw(st.sampled_from([8, 24, 64])))
    state = initial_state(dram, 64)
    env = simpy.Environment()
    channel = Channel(env, dram)
    start = 0
    for _ in range(data.draw(st.integers(1, 3))):
        first = data.draw(st.integers(0, 90)) % lines_per_channel(dram)
        lines = data.draw(st.integers(0, 80))
        lines = min(lines, lines_per_channel(dram) - first)
        write = int(data.draw(st.booleans()))
        start += data.draw(st.sampled_from([0, 1, 700]))
        end = load(dram, state, first, lines, write, start)

        def story(begin=start, wanted=range(first, first + lines), kind=bool(write)):
            yield env.timeout(begin - int(env.now))
            yield env.all_of([channel.push(line, kind) for line in wanted])

        env.run(until=env.process(story()))
        start = max(start, int(env.now))
        if lines:
            assert end == env.now
    engine.advance(dram, state, start)
    assert counts_of(dram, [state], start) == channel.counts(start)


@pytest.mark.parametrize("kind", [0, 1])
@pytest.mark.parametrize("queue", [1, 5, 8, 32])
def test_the_short_cut_of_loads(queue, kind):
    """Rows of any phase to the refresh: the state after a load is that after its requests, slots and rings aside."""
    for shift in range(2 * 24):
        dram = load_dram("ddr3_1600", queue=queue, row_lines=64, rows=8, refi=700 + shift)
        one, other = initial_state(dram), initial_state(dram)
        start = shift % 3 * 40
        end = load(dram, one, shift, 300, kind, start)
        for line in range(shift, shift + 300):
            ticket = engine.push(dram, other, line, kind, start)
        assert end == engine.drain(dram, other)
        slots = first_slot_row(dram)
        np.testing.assert_array_equal(one.table[CHANNEL, :HEAD], other.table[CHANNEL, :HEAD])
        np.testing.assert_array_equal(one.table[COUNTS], other.table[COUNTS])
        np.testing.assert_array_equal(one.table[FIRST_RANK:slots, :PLACE], other.table[FIRST_RANK:slots, :PLACE])
        for state in (one, other):
            assert engine.push(dram, state, 7, 1 - kind, end + 1) == ticket + 1
        assert engine.wait(dram, one, ticket + 1) == engine.wait(dram, other, ticket + 1)
        np.testing.assert_array_equal(one.done, other.done)


def test_channels_are_interleaved():
    dram = small(channels=3)
    line = np.array([0, 1, 2, 3, 4, 5, 9])
    zeros = np.zeros(7, np.int64)
    whole = serve(dram, line, zeros, zeros)
    for channel in range(3):
        own = line % 3 == channel
        alone = serve(dram._replace(channels=1), line[own] // 3, zeros[own], zeros[own])
        assert whole.done[own].tolist() == alone.done.tolist()
        assert whole.counts.reads[channel] == own.sum()
    assert whole.clocks == whole.done.max()


def test_a_state_goes_on():
    """Two calls are as good as one: rows stay open, refresh keeps its phase."""
    dram = small()
    once, twice = initial_state(dram), initial_state(dram)
    load(dram, once, 0, 150, 0, 0)
    middle = load(dram, twice, 0, 100, 0, 0)
    assert load(dram, twice, 0, 1, 0, middle) == middle + 1 + dram.rp + dram.rcd + dram.cl + dram.bl


def test_a_flow_by_hand():
    dram = small(core_ps=5000)
    state = initial_state(dram)
    flow = open_flow(dram, state, 0, 3, 2, 0)
    first = 1 + dram.rcd + dram.cl + dram.bl
    assert there(dram, state, flow) == to_cycle(dram, first)
    assert there(dram, state, flow) == to_cycle(dram, first + dram.ccd_s)
    with pytest.raises(ValueError, match="no credit"):
        there(dram, state, flow)
    ask(dram, state, flow, 100)
    assert there(dram, state, flow) == to_cycle(dram, to_clock(dram, 100) + 1 + dram.cl + dram.bl)


def test_calls_in_a_wrong_order_are_refused():
    dram = small()
    state = initial_state(dram)
    ticket = engine.push(dram, state, 0, 0, 100)
    engine.wait(dram, state, ticket)
    with pytest.raises(ValueError, match="arrives before a command"):
        engine.push(dram, state, 0, 0, 100)
    with pytest.raises(ValueError, match="a ticket that was not given"):
        engine.wait(dram, state, ticket + 1)
    with pytest.raises(ValueError, match="beyond its channel"):
        engine.push(dram, state, 1 << 20, 0, 1000)
