"""Contention drawn by hand: who passes a channel when, and why each chip's time passes."""

import itertools

import pytest
from support.schedules import run_twins

from simulator.system.link import Link
from simulator.system.network import Network
from simulator.system.schedule import Compute, Receive, Schedule, Send
from simulator.system.system_run import REASONS, link_pj

LETTERS = dict(zip(range(len(REASONS)), "Cs.i", strict=True))
BYTE_PS = 10**12  # bytes/s at which a byte takes a picosecond


def draw(run, chips):
    """A letter a picosecond: C computes, s sends, . waits to receive, i is idle."""
    lines = [""] * chips
    for chip, begin, end, reason in run.intervals.tolist():
        lines[chip] += LETTERS[reason] * (end - begin)
    return lines


def network(topology, chips, *, duplex=True, latency=2):
    return Network(topology, chips, Link(BYTE_PS, latency, duplex, 1.5), BYTE_PS)


def test_messages_to_one_chip_pass_its_link_one_after_another():
    """Both heads reach chip 2's link at 2; chip 0 is first, chip 1's message waits 4; the last byte is there at 12."""
    programs = (Send(2, 0, 4),), (Send(2, 0, 4),), (Receive(1, 0, 4), Receive(0, 0, 4))
    run = run_twins(Schedule("two to one", programs, 4), network("switch", 3))
    assert draw(run, 3) == ["ssssiiiiiiii", "ssssiiiiiiii", "............"]
    assert run.channel_wait_ps.tolist() == [0, 0, 0, 0, 0, 4]


def test_a_later_head_waits_whatever_its_chip():
    programs = (Compute(1), Send(2, 0, 4)), (Send(2, 0, 4),), (Receive(0, 0, 4), Receive(1, 0, 4))
    run = run_twins(Schedule("two to one", programs, 4), network("switch", 3))
    assert draw(run, 3) == ["Cssssiiiiiii", "ssssiiiiiiii", "............"]
    assert run.channel_wait_ps.tolist() == [0, 0, 0, 0, 0, 3]


@pytest.mark.parametrize(("duplex", "drawing"), [(True, ["ssss..", "ssss.."]), (False, ["ssss......", "ssssssssii"])])
def test_an_exchange_takes_turns_where_both_directions_share_the_link(duplex, drawing):
    programs = (Send(1, 0, 4), Receive(1, 0, 4)), (Send(0, 0, 4), Receive(0, 0, 4))
    run = run_twins(Schedule("exchange", programs, 4), network("full mesh", 2, duplex=duplex))
    assert draw(run, 2) == drawing


def test_a_ring_passes_messages_on_before_they_are_whole():
    """Chip 0 to chip 2 through chip 1, whose own message has its link until 10 and holds the other up for 8."""
    programs = (Send(2, 0, 5),), (Send(2, 0, 10),), (Receive(0, 0, 5), Receive(1, 0, 10)), (), ()
    run = run_twins(Schedule("through", programs, 10), network("ring", 5))
    assert draw(run, 5) == ["sssssiiiiiiiiiiii", "ssssssssssiiiiiii", ".................", *["i" * 17] * 2]
    assert run.channel_bytes.tolist() == [5, 0, 15, 0, 0, 0, 0, 0, 0, 0]
    assert run.channel_wait_ps.tolist() == [0, 0, 8, 0, 0, 0, 0, 0, 0, 0]
    assert link_pj(run, 1.5) == (5 + 15) * 8 * 1.5


def test_a_chip_computes_while_it_sends():
    programs = (Send(1, 0, 6), Compute(4)), (Receive(0, 0, 6), Compute(3))
    run = run_twins(Schedule("overlap", programs, 6), network("full mesh", 2))
    assert draw(run, 2) == ["CCCCssiiiii", "........CCC"]


def test_at_one_time_the_lower_chip_is_first_whatever_made_it_send():
    """At 3, chip 5's message to chip 1 reaches link 0->1, and chip 0 has just received what lets it send there."""
    zero, one, five = (Receive(1, 0, 1), Send(1, 0, 4)), (Send(0, 0, 1), Receive(0, 0, 4), Compute(1)), (Compute(1),)
    programs = zero, (*one, Receive(5, 0, 4)), (), (), (), (*five, Send(1, 0, 4))
    run = run_twins(Schedule("tie", programs, 4), network("ring", 6))
    assert draw(run, 6)[1] == "s........C..."
    assert run.channel_wait_ps.tolist() == [4, *[0] * 11]


@pytest.mark.parametrize("chips", [2, 3, 4, 5, 8])
@pytest.mark.parametrize("topology", ["ring", "full mesh", "switch"])
def test_a_route_is_a_shortest_path(topology, chips):
    both, shared = network(topology, chips), network(topology, chips, duplex=False)
    for source in range(chips):
        for target in set(range(chips)) - {source}:
            path = [both.channels[one].split("->") for one in both.route(source, target)]
            assert (path[0][0], path[-1][1]) == (str(source), str(target))
            assert all(first[1] == second[0] for first, second in itertools.pairwise(path))
            ends = [set(shared.channels[one].split("<->")) for one in shared.route(source, target)]
            assert ends == [set(hop) for hop in path]
            onward = (target - source) % chips
            assert len(path) == {"ring": min(onward, chips - onward), "full mesh": 1, "switch": 2}[topology]
            if topology == "ring" and 2 * onward == chips:
                assert path[0][1] == str((source + 1) % chips)
