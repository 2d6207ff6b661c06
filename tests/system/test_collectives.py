"""Each collective moves the right values, in the right order of additions, in the time of its closed form."""

import numpy as np
import pytest
from support.schedules import run_twins

from simulator.system.collectives import COLLECTIVES, make_schedule
from simulator.system.link import Link
from simulator.system.network import Network
from simulator.system.schedule import Compute, Schedule, in_sequence
from simulator.system.system_run import COMPUTE
from simulator.system.values import run_values
from workloads.errors import InputError

LATENCY, RATE, REDUCE = 700, 3 * 10**9, 7 * 10**9
SHARE = 24
SUMS = ["ring all-reduce", "recursive doubling all-reduce", "Rabenseifner all-reduce", "parameter server"]
SUMS += ["pairwise tree", "gathered tree"]
RINGS = ["ring all-reduce", "ring all-gather", "gathered tree"]


def up(size, rate):
    """Picoseconds of bytes, rounded up."""
    whole, rest = divmod(size * 10**12, rate)
    return whole + (rest > 0)


def buffers(name, chips, size):
    """Operands as they have to lie, and each chip's operand: int64 [chips, buffer bytes], [chips, size]."""
    schedule = make_schedule(name, chips, size)
    operands = np.random.default_rng(1).integers(0, 1000, (chips, size))
    held = np.full((chips, schedule.buffer_bytes), -(10**6))
    for chip in range(chips):
        if name == "gathered tree":
            held[chip, chip * size : (chip + 1) * size] = operands[chip]
        elif "gather" in name:
            part = size // chips
            held[chip, chip * part : (chip + 1) * part] = operands[chip, chip * part : (chip + 1) * part]
        else:
            held[chip, :size] = operands[chip]
    run_values(schedule, held)
    return held, operands


@pytest.mark.parametrize("chips", [1, 2, 4, 8])
@pytest.mark.parametrize("name", SUMS)
def test_an_all_reduce_leaves_the_sum_everywhere(name, chips):
    held, operands = buffers(name, chips, SHARE * chips)
    assert (held[:, : SHARE * chips] == operands.sum(axis=0)).all()


@pytest.mark.parametrize("chips", [3, 5, 6])
@pytest.mark.parametrize("name", ["ring all-reduce", "parameter server"])
def test_some_need_no_power_of_two(name, chips):
    held, operands = buffers(name, chips, SHARE * chips)
    assert (held[:, : SHARE * chips] == operands.sum(axis=0)).all()


@pytest.mark.parametrize("chips", [1, 2, 4, 8])
def test_a_reduce_scatter_leaves_the_sum_of_one_share(chips):
    held, operands = buffers("recursive halving reduce-scatter", chips, SHARE * chips)
    for chip in range(chips):
        share = slice(chip * SHARE, (chip + 1) * SHARE)
        assert (held[chip, share] == operands[:, share].sum(axis=0)).all()


@pytest.mark.parametrize("chips", [1, 2, 4, 8])
@pytest.mark.parametrize("name", ["ring all-gather", "recursive doubling all-gather"])
def test_an_all_gather_leaves_all_shares(name, chips):
    held, operands = buffers(name, chips, SHARE * chips)
    assert (held == np.concatenate([operands[i, i * SHARE : (i + 1) * SHARE] for i in range(chips)])).all()


@pytest.mark.parametrize("chips", [2, 3, 4, 8])
def test_an_all_to_all_transposes_shares(chips):
    held, operands = buffers("direct all-to-all", chips, SHARE * chips)
    received = held[:, SHARE * chips :].reshape(chips, chips, SHARE)
    sent = operands.reshape(chips, chips, SHARE)
    for chip in range(chips):
        for source in set(range(chips)) - {chip}:
            assert (received[chip, source] == sent[source, chip]).all()


class Term(str):
    def __add__(self, other):
        return Term(f"({self:s}+{other:s})")


@pytest.mark.parametrize(
    ("name", "order"),
    [
        ("pairwise tree", "((0+1)+(2+3))"),
        ("gathered tree", "((0+1)+(2+3))"),
        ("parameter server", "(((0+1)+2)+3)"),
        ("recursive doubling all-reduce", None),
    ],
)
def test_the_order_of_additions(name, order):
    schedule = make_schedule(name, 4, 1)
    held = np.full((4, schedule.buffer_bytes), Term("x"), object)
    for chip in range(4):
        held[chip, chip if name == "gathered tree" else 0] = Term(chip)
    run_values(schedule, held)
    if order is None:  # each chip puts its own half first: the same only where additions commute
        assert held[:, 0].tolist() == ["((0+1)+(2+3))", "((1+0)+(3+2))", "((2+3)+(0+1))", "((3+2)+(1+0))"]
    else:
        assert held[:, 0].tolist() == [order] * 4


def test_a_ring_begins_each_share_at_another_chip():
    schedule = make_schedule("ring all-reduce", 4, 4)
    held = np.array([[Term(chip)] * schedule.buffer_bytes for chip in range(4)], object)
    run_values(schedule, held)
    shares = ["(3+(2+(1+0)))", "(0+(3+(2+1)))", "(1+(0+(3+2)))", "(2+(1+(0+3)))"]
    assert held[:, :4].tolist() == [shares] * 4


def closed_form(name, chips, size, topology):
    """The time without contention. hop: latency of a message; wire, add: of all bytes; part_...: of a share."""
    hop = LATENCY * (2 if topology == "switch" else 1)
    wire, add = up(size, RATE), up(size, REDUCE)
    part_wire, part_add = up(size // chips, RATE), up(size // chips, REDUCE)
    rounds, others = chips.bit_length() - 1, chips - 1
    halving = sum(hop + up(size >> k, RATE) + up(size >> k, REDUCE) for k in range(1, rounds + 1))
    doubling = sum(hop + up(size >> k, RATE) for k in range(1, rounds + 1))
    one_by_one = topology == "switch"  # messages of or to one chip share its link
    served = wire + (others - 1) * max(wire, add) + add if one_by_one else wire + others * add
    return {
        "ring all-reduce": others * (2 * (hop + part_wire) + part_add),
        "ring all-gather": others * (hop + part_wire),
        "gathered tree": others * (hop + wire) + others * add,
        "recursive doubling all-reduce": rounds * (hop + wire + add),
        "recursive halving reduce-scatter": halving,
        "recursive doubling all-gather": doubling,
        "Rabenseifner all-reduce": halving + doubling,
        "pairwise tree": rounds * (2 * (hop + wire) + add),
        "parameter server": 2 * hop + served + (others if one_by_one else 1) * wire,
        "direct all-to-all": hop + (others if one_by_one else 1) * part_wire,
    }[name]


@pytest.mark.parametrize("chips", [2, 4, 8, 16])
@pytest.mark.parametrize(("name", "topology"), [(n, t) for n in COLLECTIVES for t in ("full mesh", "switch")])
@pytest.mark.parametrize("size", [SHARE * 16, 1600])
def test_the_time_without_contention(name, topology, chips, size):
    run = run_twins(make_schedule(name, chips, size), Network(topology, chips, Link(RATE, LATENCY, True, 1.0), REDUCE))
    assert run.time_ps == closed_form(name, chips, size, topology)


@pytest.mark.parametrize("chips", [2, 3, 5, 8])
@pytest.mark.parametrize("name", RINGS)
def test_the_time_on_a_ring(name, chips):
    if name == "gathered tree" and chips & chips - 1:
        pytest.skip("for powers of two")
    size = SHARE * chips
    run = run_twins(make_schedule(name, chips, size), Network("ring", chips, Link(RATE, LATENCY, True, 1.0), REDUCE))
    assert run.time_ps == closed_form(name, chips, size, "ring")
    assert not run.channel_wait_ps.any()


def test_an_addition_that_is_slower_than_the_link_holds_up_the_server():
    link = Link(RATE, LATENCY, True, 1.0)
    run = run_twins(make_schedule("parameter server", 4, 100), Network("switch", 4, link, RATE // 10))
    wire, add = up(100, RATE), up(100, RATE // 10)
    assert run.time_ps == 4 * LATENCY + wire + 3 * add + 3 * wire
    assert run.spent_ps[0].tolist() == [3 * add, 3 * wire, 2 * LATENCY + wire, 2 * LATENCY]


@pytest.mark.parametrize("name", COLLECTIVES)
def test_one_chip_alone_needs_no_link(name):
    run = run_twins(make_schedule(name, 1, 8), Network("switch", 1, Link(RATE, LATENCY, True, 1.0), REDUCE))
    assert (run.time_ps, run.channel_bytes.sum()) == (0, 0)


@pytest.mark.parametrize("chips", [2, 4, 8])
def test_bytes_of_an_all_reduce(chips):
    """2 (chips - 1) / chips of the operand leave each chip, the least that is possible; a gathered tree's all."""
    size = SHARE * chips
    for name, sent in {
        "ring all-reduce": 2 * (chips - 1) * SHARE,
        "Rabenseifner all-reduce": 2 * (chips - 1) * SHARE,
        "gathered tree": (chips - 1) * size,
        "recursive doubling all-reduce": (chips.bit_length() - 1) * size,
    }.items():
        network = Network("full mesh", chips, Link(RATE, LATENCY, True, 1.0), REDUCE)
        run = run_twins(make_schedule(name, chips, size), network)
        assert (run.received_bytes == sent).all()
        assert (run.channel_bytes.reshape(chips, chips).sum(axis=1) == sent).all()


def test_a_sequence_of_collectives_takes_the_sum_of_their_times():
    """Where all chips end together, that is; each tensor's all-reduce follows its computation."""
    network = Network("switch", 8, Link(RATE, LATENCY, True, 1.0), REDUCE)
    parts, expected = [], 0
    for size, ps in ((64, 5000), (1600, 0), (800, 123)):
        parts.append(Schedule("computation", ((Compute(ps),),) * 8, 0))
        parts.append(make_schedule("Rabenseifner all-reduce", 8, size))
        expected += ps + closed_form("Rabenseifner all-reduce", 8, size, "switch")
    run = run_twins(in_sequence("step", parts), network)
    assert run.time_ps == expected
    assert (run.spent_ps[:, COMPUTE] >= 5123).all()


def test_parts_of_a_sequence_have_the_same_chips():
    for parts, found in (([], "[]"), ([make_schedule("ring all-gather", n, 8) for n in (2, 4)], "[2, 4]")):
        with pytest.raises(InputError) as error:
            in_sequence("step", parts)
        assert f"step: its parts are for {found} chips; expected one or more parts" in str(error.value)
