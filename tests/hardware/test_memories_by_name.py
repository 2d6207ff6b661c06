"""The memories that a configuration may name: which are known, and which is the next faster one."""

import pytest

from simulator.hardware.component import Component
from simulator.hardware.dram.component import MEMORY

GIGABYTES = {"ddr3_1600": 12.8, "ddr4_2400": 19.2, "lpddr3_1600": 6.4}
"""A second: transfers of a second times the bytes of one, 8, 8 and 4."""


@pytest.mark.parametrize("name", GIGABYTES)
def test_memories_are_ranked_by_their_peak(name):
    assert MEMORY.rank(name) * 1000 == pytest.approx(GIGABYTES[name], rel=1e-3)  # clocks are whole picoseconds


def test_the_next_better_memory_is_the_next_faster_one():
    ranked = sorted((MEMORY.rank(name), name) for name in MEMORY.names() if MEMORY.rank(name) is not None)
    for rank, name in ranked:
        faster = [other for other in ranked if other[0] > rank]
        assert MEMORY.next_better(name) == (faster[0][1] if faster else None)


def test_a_part_is_known_that_is_listed_or_that_a_rule_knows():
    numbered = Component("part", lambda: ["small"], lambda name, _: name, knows=lambda name: name.startswith("x"))
    listed = numbered._replace(knows=None)
    assert [one.has(name) for one in (numbered, listed) for name in ("small", "x8", "y8")] == [
        True, True, False, True, False, False,
    ]  # fmt: skip
