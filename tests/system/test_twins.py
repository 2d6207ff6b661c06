"""Model and engine are equal on random schedules, with contention; both obey the laws of time and bytes."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from support.paths import EXAMPLES
from support.schedules import moved_bytes, networks, run_twins, schedules

from simulator.system.schedule import Compute, Receive, Reduce, Send, step_ps, total_ps
from simulator.system.system_run import COMPUTE, IDLE, RECEIVE_WAIT, SEND


@settings(max_examples=5 * EXAMPLES)
@given(st.data())
def test_twins_are_equal_and_lawful(data):
    schedule = data.draw(schedules())
    network = data.draw(networks(len(schedule.programs) + data.draw(st.integers(0, 2))))
    run = run_twins(schedule, network)
    bytes_are_conserved(run, schedule, network)
    time_is_covered(run, schedule, network)


@settings(max_examples=2 * EXAMPLES)
@given(st.data())
def test_twins_are_equal_where_a_deadlock_is_possible(data):
    schedule = data.draw(schedules(may_deadlock=True, most_chips=4))
    network = data.draw(networks(len(schedule.programs)))
    outcome = run_twins(schedule, network)
    assert isinstance(outcome, str) == deadlocks(schedule)


def bytes_are_conserved(run, schedule, network):
    channels, chips = moved_bytes(schedule, network)
    assert run.channel_bytes.tolist() == channels
    assert run.received_bytes.tolist() == chips
    sends = [(source, step) for source, program in enumerate(schedule.programs) for step in program]
    hops = [(one, step_ps(step, network)) for source, step in sends if isinstance(step, Send)
            for one in schedule.way(network, source, step.target)]  # fmt: skip
    busy = np.zeros(len(network.channels), np.int64)
    for one, ps in hops:
        busy[one] += ps
    assert run.channel_busy_ps.tolist() == busy.tolist()
    assert run.time_ps >= busy.max(initial=0)


def time_is_covered(run, schedule, network):
    assert run.time_ps <= total_ps(schedule, network)
    assert (run.spent_ps.sum(axis=1) == run.time_ps).all()
    assert (run.spent_ps >= 0).all()
    for chip, program in enumerate(schedule.programs):
        computed = sum(step_ps(step, network) for step in program if isinstance(step, Compute | Reduce))
        assert run.spent_ps[chip, COMPUTE] == computed
        rows = run.intervals[run.intervals[:, 0] == chip]
        assert (rows[1:, 1] == rows[:-1, 2]).all()
        assert (rows[1:, 3] != rows[:-1, 3]).all()
        assert rows[:1, 1].tolist() == [0] * (len(rows) > 0)
        assert rows[-1:, 2].tolist() == [run.time_ps] * (len(rows) > 0)
        for reason in (COMPUTE, SEND, RECEIVE_WAIT, IDLE):
            mine = rows[rows[:, 3] == reason]
            assert (mine[:, 2] - mine[:, 1]).sum() == run.spent_ps[chip, reason]
        if not any(isinstance(step, Receive) for step in program):
            assert run.spent_ps[chip, RECEIVE_WAIT] == 0
        if not any(isinstance(step, Send) for step in program):
            assert run.spent_ps[chip, SEND] == 0


def deadlocks(schedule):
    """Without time: whether the programs, taken as far as they go, stop before their ends."""
    places, held = [0] * len(schedule.programs), {}
    while True:
        before = list(places)
        for chip, program in enumerate(schedule.programs):
            while places[chip] < len(program):
                step = program[places[chip]]
                if isinstance(step, Receive):
                    if not held.get((step.source, chip)):
                        break
                    held[step.source, chip] -= 1
                if isinstance(step, Send):
                    held[chip, step.target] = held.get((chip, step.target), 0) + 1
                places[chip] += 1
        if places == before:
            return any(place < len(program) for place, program in zip(places, schedule.programs, strict=True))
