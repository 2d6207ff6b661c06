"""Loads of consecutive lines: the engine's short cut changes nothing, for any memory, and is taken."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.dram.specs import PRESETS, memories

from simulator.hardware.dram.engine import scheduler as engine
from simulator.hardware.dram.engine.bulk import count_hits, enter_lines, load, refill
from simulator.hardware.dram.engine.memory import serve
from simulator.hardware.dram.engine.state import CHANNEL, COUNTS, FIRST_RANK, HEAD, PLACE, first_slot_row, initial_state
from simulator.hardware.dram.presets import load_dram
from simulator.hardware.dram.spec import FIELDS, lines_per_channel

RECORDED = {
    "ddr3_1600": (8339717, 8357138, 1611761, 121803337922752),
    "ddr4_2400": (8421054, 8441381, 1666453, 125806999138094),
    "hbm2": (4276224, 4295736, 1696099, 128206375524503),
    "lpddr2_1066": (8362325, 8404987, 2163775, 163520214002629),
    "lpddr3_1600": (8371238, 8415756, 3165961, 239257552255158),
    "lpddr4_3200": (17449351, 17558082, 5886909, 445019622887522),
}
"""As the engine was when it looked at every bank for every command: clocks for 2 million lines read, and written; and
for 300,000 random requests clocks, and the sum of the completions, each times its index modulo 1009."""


@st.composite
def regular(draw):
    """Memories whose consecutive lines share a row or take turns among bank groups, of any other shape."""
    dram = draw(memories())
    low = draw(st.sampled_from([["Co"], ["Bg", "Co"], ["Co", "Bg"], ["Ra", "Co"]]))
    order = low + [part for part in draw(st.permutations(FIELDS)) if part not in low]
    return dram._replace(
        mapping=sum(FIELDS.index(part) << 3 * i for i, part in enumerate(order)),
        row_lines=draw(st.sampled_from([1, 2, 5, 8, 16, 32, 64, 100])),
        ranks=draw(st.sampled_from([1, 1, 2])),
        queue=draw(st.sampled_from([1, 2, 3, 8, 17, 32, 48])),
        ccd_l=dram.ccd_s + draw(st.integers(0, 9)),
        rtrs=draw(st.integers(0, 3)),
        rtp=draw(st.integers(0, 60)),
        rcd=draw(st.integers(0, 40)),
        faw=draw(st.integers(0, 60)),
        refi=dram.refi + draw(st.integers(0, 40)),
    )


def one_by_one(dram, state, first, lines, write, start):
    for line in range(first, first + lines):
        engine.push(dram, state, line, write, start)


def same(dram, one, other):
    """Whether two states differ in no clock, count, row and completion; which slots hold the requests is free."""
    np.testing.assert_array_equal(one.table[CHANNEL, :HEAD], other.table[CHANNEL, :HEAD])
    np.testing.assert_array_equal(one.table[COUNTS], other.table[COUNTS])
    banks = slice(FIRST_RANK, first_slot_row(dram))
    chosen = [column for column in range(PLACE) if column not in (3, 4, 5)]  # slots of HIT, FIRST, LAST
    np.testing.assert_array_equal(one.table[banks, chosen], other.table[banks, chosen])
    np.testing.assert_array_equal(one.done, other.done)


@given(st.data())
def test_a_load_is_as_good_as_its_requests(data):
    """Other requests before it, after it and in the queue with it."""
    dram = data.draw(regular())
    size = lines_per_channel(dram)
    rng = np.random.default_rng(data.draw(st.integers(0, 1 << 30)))
    one, other = (initial_state(dram, 64) for _ in range(2))
    start = 0
    for _ in range(data.draw(st.integers(1, 2))):
        for line in rng.integers(0, min(size, 400), data.draw(st.sampled_from([0, 0, 1, 9, 40]))).tolist():
            kind = int(rng.integers(0, 2))
            for state in (one, other):
                engine.push(dram, state, line, kind, start)
        first = int(rng.integers(0, size))
        lines = min(data.draw(st.sampled_from([1, 31, 90, 300, 600])), size - first)
        write = data.draw(st.integers(0, 1))
        enter_lines(dram, one.table, one.done, first, lines, write, start)
        one_by_one(dram, other, first, lines, write, start)
        start = int(max(start, data.draw(st.sampled_from([0, 1])) * engine.room(dram, one)))
        assert engine.room(dram, other) == engine.room(dram, one)
        same(dram, one, other)
    assert engine.drain(dram, one) == engine.drain(dram, other)
    same(dram, one, other)


@pytest.mark.parametrize("write", [0, 1])
@pytest.mark.parametrize("name", PRESETS)
def test_presets_as_good_as_their_requests(name, write):
    """Several refreshes, all banks, and a first line that lies at no border."""
    dram = load_dram(name)
    for first in (0, 3, dram.row_lines - 1, lines_per_channel(dram) - 6000):
        one, other = (initial_state(dram) for _ in range(2))
        end = load(dram, one, first, 6000, write, 17)
        one_by_one(dram, other, first, 6000, write, 17)
        assert end == engine.drain(dram, other)
        same(dram, one, other)


@pytest.mark.parametrize("queue", [2, 3, 4, 5, 32])
@pytest.mark.parametrize("opened", [(0, 1, 2), (3,), (1, 2, 3), (0, 2)])
@pytest.mark.parametrize("name", ["ddr4_2400", "hbm2"])
def test_a_load_finds_some_of_its_rows_open(name, opened, queue):
    """The lines take turns among four bank groups; what opens the other rows comes between the first transfers."""
    dram = load_dram(name, queue=queue)
    one, other = (initial_state(dram, 64) for _ in range(2))
    for state in (one, other):
        for line in opened:
            engine.push(dram, state, line, 0, 0)
        start = engine.drain(dram, state)
    enter_lines(dram, one.table, one.done, 4, 150, 0, start)
    one_by_one(dram, other, 4, 150, 0, start)
    assert engine.drain(dram, one) == engine.drain(dram, other)
    same(dram, one, other)


@pytest.mark.parametrize("row_lines", [2, 4])
@pytest.mark.parametrize("name", ["ddr3_1600", "ddr4_2400"])
def test_a_queue_longer_than_two_rows(name, row_lines):
    """Three banks, or three of each group: a request for another row of the oldest's bank is in the queue with it."""
    dram = load_dram(name, row_lines=row_lines, ranks=1, rtp=1, ras=5, rp=1, rc=6)._replace(banks=3)
    for queue in range(8, 33):
        changed = dram._replace(queue=queue)
        one, other = (initial_state(changed, 64) for _ in range(2))
        enter_lines(changed, one.table, one.done, 0, 300, 0, 0)
        one_by_one(changed, other, 0, 300, 0, 0)
        assert engine.drain(changed, one) == engine.drain(changed, other)
        same(changed, one, other)


@pytest.mark.parametrize("write", [0, 1])
@pytest.mark.parametrize("name", RECORDED)
def test_recorded_clocks(name, write):
    dram = load_dram(name)
    assert load(dram, initial_state(dram), 0, 2_000_000, write, 0) == RECORDED[name][write]


@pytest.mark.parametrize("name", PRESETS)
def test_most_lines_are_served_together(name):
    """Were they not, the tests above would say nothing."""
    dram = load_dram(name)
    state, line, together = initial_state(dram), 0, 0
    while line < 20_000:
        engine.push(dram, state, line, 0, 0)
        line += 1
        count = int(count_hits(dram, state.table, line, 0))
        if count > 0:
            refill(dram, state.table, state.done, count)
            line, together = line + count, together + count
    assert together > 0.8 * line


def test_a_count_ends_where_the_row_or_the_bank_groups_rows_end():
    for name, lines in (("ddr3_1600", 128), ("ddr4_2400", 4 * 128), ("hbm2", 4 * 32)):
        dram = load_dram(name)
        state, line, count = initial_state(dram), 0, 0
        while count <= 0:
            engine.push(dram, state, line, 0, 0)
            line += 1
            count = int(count_hits(dram, state.table, line, 0))
        assert line + count == lines


def test_lines_beyond_the_channel_are_refused():
    dram = load_dram("hbm2", rows=8)
    size = lines_per_channel(dram)
    assert load(dram, initial_state(dram), size - 500, 500, 0, 0) > 0
    with pytest.raises(ValueError, match="beyond its channel"):
        load(dram, initial_state(dram), size - 500, 501, 0, 0)


@pytest.mark.parametrize("name", RECORDED)
def test_recorded_clocks_of_random_requests(name):
    dram, rng = load_dram(name), np.random.default_rng(0)
    line = rng.integers(0, dram.channels * lines_per_channel(dram), 300_000)
    served = serve(dram, line, line >> 3 & 1, np.zeros(300_000, np.int64))
    weighted = (served.done * (np.arange(300_000) % 1009)).sum()
    assert (served.clocks, weighted) == RECORDED[name][2:]
