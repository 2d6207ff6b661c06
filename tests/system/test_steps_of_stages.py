"""Steps of stages: added up or run event by event, by either twin, they are equal; and what overlap can do."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.paths import EXAMPLES
from support.schedules import run_twins
from support.stages import steps

from simulator.system.advance import add_up, run_stages
from simulator.system.collectives import COLLECTIVES, make_schedule
from simulator.system.exchanges import choose, collective_steps, exchange_schedule, padded
from simulator.system.link import Link
from simulator.system.network import Network
from simulator.system.stages import Stage, waits, whole_schedule
from simulator.system.steps import flatten
from simulator.system.system_run import COMPUTE, IDLE, RECEIVE_WAIT
from workloads.division import ALL_GATHER, ALL_REDUCE, ALL_TO_ALL, REDUCE_SCATTER, Exchange
from workloads.errors import InputError

NETWORK = Network("switch", 4, Link(10**12, 3, True, 1.0), 10**12)


@settings(max_examples=2 * EXAMPLES)
@given(steps(), st.booleans())
def test_a_step_is_what_its_whole_schedule_takes(step, overlap):
    stages, network = step
    quick = run_stages(stages, network, overlap)
    for name, one, other in zip(
        quick._fields, quick, run_twins(whole_schedule(stages, network, overlap), network), strict=True
    ):
        np.testing.assert_array_equal(one, other, name)
    without = run_stages(stages, network, overlap, intervals=False)
    assert (without.time_ps, without.spent_ps.tolist()) == (quick.time_ps, quick.spent_ps.tolist())


@settings(max_examples=2 * EXAMPLES)
@given(steps(), st.booleans())
def test_every_unit_has_a_reason_in_every_interval_and_bytes_are_those_of_the_exchanges(step, overlap):
    stages, network = step
    run = run_stages(stages, network, overlap)
    assert (run.spent_ps.sum(axis=1) == run.time_ps).all()
    moved = np.zeros_like(run.channel_bytes)
    for stage in stages:
        if stage.exchange is not None:
            alone = run_twins(exchange_schedule(stage.exchange, network), network)
            moved += alone.channel_bytes
    assert run.channel_bytes.tolist() == moved.tolist()
    for unit in range(len(run.spent_ps)):
        rows = run.intervals[run.intervals[:, 0] == unit]
        assert (rows[1:, 1] == rows[:-1, 2]).all()
        assert not run.time_ps or (rows[0, 1], rows[-1, 2]) == (0, run.time_ps)


@settings(max_examples=2 * EXAMPLES)
@given(steps(even=True))
def test_overlap_is_never_slower_and_never_faster_than_what_is_busiest(step):
    """Where all chips compute as long as each other; else a message that leaves sooner may be in another's way."""
    stages, network = step
    serial, overlapped = (run_stages(stages, network, overlap) for overlap in (False, True))
    assert overlapped.time_ps <= serial.time_ps
    computed = sum(stage.ps[0] for stage in stages)
    busiest = max(computed, int(serial.channel_busy_ps.max(initial=0)))
    assert busiest <= overlapped.time_ps
    if add_up(stages, network, False) is not None:
        alone = sum(choose(one.exchange, network).run.time_ps for one in stages if one.exchange is not None)
        assert max(computed, alone) <= overlapped.time_ps <= serial.time_ps == computed + alone


@settings(max_examples=EXAMPLES)
@given(steps(), st.booleans())
def test_a_chip_computes_what_its_stages_take(step, overlap):
    stages, network = step
    run = run_stages(stages, network, overlap)
    for chip in range(network.chips):
        computed = sum(stage.ps[chip] for stage in stages)
        assert run.spent_ps[chip, COMPUTE] >= computed
        if overlap:
            assert run.spent_ps[chip, COMPUTE] == computed
            assert (
                run.spent_ps[chip, COMPUTE] + run.spent_ps[chip, RECEIVE_WAIT] + run.spent_ps[chip, IDLE] == run.time_ps
            )


def test_a_step_drawn_by_hand():
    """Two chips, 10 to compute, 4 bytes to add: a ring sends 2 (3 + 2 ps), adds 2, sends 2 (3 + 2); then 7 more.

    With overlap the second computation needs nothing of it and takes 7 of the 12.
    """
    network = NETWORK._replace(topology="full mesh", chips=2)
    stages = [Stage((10, 10), Exchange(ALL_REDUCE, 4), 2), Stage((7, 7))]
    assert run_stages(stages, network, False, "ring all-reduce").time_ps == 10 + 5 + 2 + 5 + 7
    assert run_stages(stages, network, True, "ring all-reduce").time_ps == 10 + 12
    needed = [stages[0]._replace(needed=1), stages[1]]
    assert run_stages(needed, network, True, "ring all-reduce").time_ps == 10 + 12 + 7


def test_how_many_exchanges_a_stage_waits_for():
    one = Exchange(ALL_REDUCE, 8)
    stages = [Stage((1,), one, 3), Stage((1,), one, 2), Stage((1,)), Stage((1,), one, 4)]
    assert waits(stages) == [0, 0, 2, 2, 3]  # exchanges go on in order: the second is after the first


@pytest.mark.parametrize("chips", [1, 2, 4, 8])
@pytest.mark.parametrize("name", COLLECTIVES)
def test_a_scaled_template_is_the_schedule_itself(name, chips):
    network = Network("switch", chips, Link(3 * 10**9, 700, True, 1.0), 7 * 10**9)
    for size in (chips, 24 * chips, 1600):
        flat = flatten(make_schedule(name, chips, size), network)
        for field, one, other in zip(flat._fields, flat, collective_steps(name, size, network), strict=True):
            np.testing.assert_array_equal(one, other, field)


@pytest.mark.parametrize("kind", [ALL_REDUCE, REDUCE_SCATTER, ALL_GATHER, ALL_TO_ALL])
@pytest.mark.parametrize("size", [1, 30, 4096, 10**7])
def test_the_fastest_collective_is_taken(kind, size):
    whole = padded(size, 4)
    assert whole % 4 == 0
    assert size <= whole < size + 4
    others = [name for name, one in COLLECTIVES.items() if one.kind == kind]
    times = [
        run_twins(make_schedule(name, 4, whole), NETWORK).time_ps
        for name in others
        if name not in ("gathered tree", "parameter server")
    ]
    assert choose(Exchange(kind, size), NETWORK).run.time_ps == min(times)


def test_a_collective_by_name_counts_for_its_kind():
    assert choose(Exchange(ALL_REDUCE, 64), NETWORK, "pairwise tree").name == "pairwise tree"
    assert choose(Exchange(ALL_GATHER, 64), NETWORK, "pairwise tree").name == "recursive doubling all-gather"
    with pytest.raises(InputError, match="it has 3 chips; expected a power of two"):
        choose(Exchange(ALL_REDUCE, 6), NETWORK._replace(chips=3), "pairwise tree")
    assert choose(Exchange(ALL_REDUCE, 6), NETWORK._replace(chips=3)).name == "ring all-reduce"


def test_steps_that_are_too_long_for_64_bits_are_refused():
    slow = NETWORK._replace(link=Link(1, 1, True, 1.0))
    with pytest.raises(InputError, match="more than 2\\^61 ps one after another"):
        choose(Exchange(ALL_REDUCE, 10**9), slow)
    with pytest.raises(InputError, match="more than 2\\^61 ps"):
        run_stages([Stage((1 << 61,) * 4), Stage((1 << 61,) * 4)], NETWORK, False)
