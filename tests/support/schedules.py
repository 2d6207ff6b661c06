"""Random schedules and networks, and runs of both twins."""

from collections import Counter

import numpy as np
from hypothesis import strategies as st

from simulator.system.deadlock import SystemDeadlockError
from simulator.system.engine import run_engine
from simulator.system.link import Link
from simulator.system.model import run_model
from simulator.system.network import TOPOLOGIES, Network
from simulator.system.schedule import Compute, Receive, Reduce, Schedule, Send

BUFFER = 40


@st.composite
def networks(draw, chips):
    """Small numbers, so that messages reach a channel at the same time."""
    rates = st.sampled_from([10**12, 3 * 10**11, 10**11])
    link = Link(draw(rates), draw(st.integers(1, 20)), draw(st.booleans()), 1.0)
    topology = draw(st.sampled_from(sorted(TOPOLOGIES)))
    parents = draw(trees(chips)) if topology == "tree" else ()
    return Network(topology, chips, link, draw(rates), parents)


@st.composite
def trees(draw, chips):
    """Switches below a root, and each chip below a switch or a chip of a lower number."""
    switches = ["root", *(f"s{number}" for number in range(draw(st.integers(0, 3))))]
    pairs = [(one, draw(st.sampled_from(switches[:place]))) for place, one in enumerate(switches) if place]
    above = switches + [str(chip) for chip in range(chips)]
    for chip in range(chips):
        pairs.append((str(chip), draw(st.sampled_from(above[: len(switches) + chip]))))
    return tuple(pairs)


@st.composite
def schedules(draw, *, may_deadlock=False, most_chips=6, most_steps=40):
    """A schedule whose receives come after their sends in one order of all steps; or before, where it may deadlock.

    Each unit is a chip, or units lie on chips at random.
    """
    chips = draw(st.integers(2, most_chips))
    chip = st.integers(0, chips - 1)
    size = st.integers(1, BUFFER)
    programs = [[] for _ in range(chips)]
    pending = []  # sides of messages that the other side does not know yet, in order
    for _ in range(draw(st.integers(0, most_steps))):
        what = draw(st.sampled_from(["compute", "reduce", "message", "message", "settle"]))
        if what == "compute":
            programs[draw(chip)].append(Compute(draw(st.integers(0, 60))))
        elif what == "reduce":
            programs[draw(chip)].append(Reduce(0, 0, draw(size)))
        elif what == "message":
            source = draw(chip)
            target = (source + draw(st.integers(1, chips - 1))) % chips
            bytes_ = draw(size)
            send, receive = Send(target, 0, bytes_), Receive(source, 0, bytes_)
            early = may_deadlock and draw(st.integers(0, 7)) == 0 and not waiting(pending, source, target)
            if early:
                programs[target].append(receive)
                pending.append((source, target, source, send))
            elif not any(who == source for one, two, who, _ in pending if (one, two) == (source, target)):
                programs[source].append(send)
                pending.append((source, target, target, receive))
        elif pending:
            settle(programs, pending, draw(st.integers(0, len(pending) - 1)))
    while pending:
        settle(programs, pending, draw(st.integers(0, len(pending) - 1)))
    chip_of = draw(st.just(()) | st.tuples(*[st.integers(0, chips - 1)] * chips))
    return Schedule("random", tuple(map(tuple, programs)), BUFFER, chip_of)


def waiting(pending, source, target):
    return any((one, two) == (source, target) for one, two, _, _ in pending)


def settle(programs, pending, place):
    """Add the other side of a pair's oldest message."""
    pair = pending[place][:2]
    oldest = next(i for i, one in enumerate(pending) if one[:2] == pair)
    _, _, who, step = pending.pop(oldest)
    programs[who].append(step)


def run_twins(schedule, network):
    """The run of both, or the sentence of the deadlock of both."""
    model, engine = (outcome(run, schedule, network) for run in (run_model, run_engine))
    if isinstance(model, str):
        assert model == engine
        return model
    for name, one, other in zip(model._fields, model, engine, strict=True):
        np.testing.assert_array_equal(one, other, name)
        assert isinstance(one, int) or one.dtype == other.dtype == np.int64
    return engine


def outcome(run, schedule, network):
    try:
        return run(schedule, network)
    except SystemDeadlockError as error:
        return str(error)


def moved_bytes(schedule, network):
    """What each channel and each chip has to move, from the sends alone."""
    channels, chips = Counter(), Counter()
    for source, program in enumerate(schedule.programs):
        for step in program:
            if isinstance(step, Send):
                chips[step.target] += step.size
                channels.update(dict.fromkeys(schedule.way(network, source, step.target), step.size))
    return (
        [channels[one] for one in range(len(network.channels))],
        [chips[one] for one in range(len(schedule.programs))],
    )
