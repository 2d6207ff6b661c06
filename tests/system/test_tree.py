"""Trees as data: channels, routes, and what is no tree."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.schedules import run_twins, trees

from simulator.system.link import Link
from simulator.system.network import Network, check_network
from simulator.system.schedule import Receive, Schedule, Send
from simulator.system.system_file import load_system, parse_system, shipped_systems
from workloads.errors import InputError

LINK = Link(10**12, 2, True, 1.0)
PAIRS = (("0", "a"), ("1", "a"), ("2", "b"), ("3", "b"), ("a", "top"), ("b", "top"))


def tree(parents, chips, duplex=True):
    return Network("tree", chips, LINK._replace(full_duplex=duplex), 10**12, tuple(parents))


@given(st.integers(2, 8).flatmap(lambda chips: st.tuples(st.just(chips), trees(chips))))
def test_a_route_is_the_only_path_of_a_tree(found):
    chips, parents = found
    both, shared = tree(parents, chips), tree(parents, chips, duplex=False)
    check_network("tree", both)
    for source, target in itertools.permutations(range(chips), 2):
        path = [both.channels[one].split("->") for one in both.route(source, target)]
        assert (path[0][0], path[-1][1]) == (str(source), str(target))
        assert all(first[1] == second[0] for first, second in itertools.pairwise(path))
        visited = [path[0][0], *(hop[1] for hop in path)]
        assert len(set(visited)) == len(visited)
        ends = [set(shared.channels[one].split("<->")) for one in shared.route(source, target)]
        assert ends == [set(hop) for hop in path]


def test_two_chips_share_the_way_up():
    """Heads reach the link a->top at 2; the second message waits for 4; four links, the last byte is there at 8 + 8."""
    programs = (Send(2, 0, 4),), (Send(3, 0, 4),), (Receive(0, 0, 4),), (Receive(1, 0, 4),)
    run = run_twins(Schedule("up", programs, 4), tree(PAIRS, 4))
    assert run.time_ps == 4 * 2 + 4 + 4
    assert run.channel_wait_ps.sum() == 4
    assert tree(PAIRS, 4).channels[2 * 4] == "a->top"
    assert run.channel_wait_ps[2 * 4] == 4


@pytest.mark.parametrize(
    ("parents", "sentence"),
    [
        ((), "topology is tree and no tree is given; expected tree, the parent of each chip and switch"),
        (PAIRS[1:], "its tree has no chip 0; expected chips 0 to 3"),
        ((*PAIRS, ("4", "b")), "its tree has a chip 4; expected chips 0 to 3"),
        (PAIRS[:5], "its tree has 2 roots (b, top); expected one node without a parent"),
        ((*PAIRS, ("top", "a")), "its tree goes round in a circle at a; expected parents that lead to one root"),
        ((*PAIRS, ("3", "a")), "its tree has 3 twice; expected one parent of each"),
        ((*PAIRS, ("x", "x")), "its tree goes round in a circle at x"),
        ((*PAIRS, *((f"s{i}", "top") for i in range(5000))), "its tree has 5,007 nodes; expected at most 4,096"),
    ],
)
def test_what_is_no_tree(parents, sentence):
    with pytest.raises(InputError) as error:
        check_network("system", tree(parents, 4))
    assert sentence in str(error.value)


def test_a_tree_without_a_tree_and_the_reverse():
    with pytest.raises(InputError, match="topology is switch and a tree is given; expected a tree where"):
        check_network("system", tree(PAIRS, 4)._replace(topology="switch"))


def test_a_system_file_with_a_tree():
    system = load_system("tree_16")
    assert system.network.parents[:2] == (("0", "a"), ("1", "a"))
    assert len(system.network.route(0, 15)) == 4
    text = shipped_systems()["tree_16"]
    for old, new, sentence in (
        ("a: root, ", "a: 0, ", "its tree goes round in a circle at 0"),
        ("15: d", "14: d", "the key 14 occurs twice"),
        ("15: d", "16: d", "its tree has no chip 15"),
        ("15: d", "15: [d]", "tree.value.15"),
    ):
        assert old in text
        with pytest.raises(InputError) as error:
            parse_system("file", text.replace(old, new, 1))
        assert sentence in str(error.value)
        assert "\n" not in str(error.value)
