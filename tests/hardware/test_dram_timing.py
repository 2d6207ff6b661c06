"""When commands are issued: not ready at t - 1, ready at t, with t as a formula over the memory's numbers."""

import numpy as np
import pytest
from support.dram.specs import PRESETS, by_engine, by_model, open_page, small

from simulator.hardware.dram.engine import scheduler as engine
from simulator.hardware.dram.engine.state import ACTIVATES, COUNTS, PRECHARGES, READS, REFRESHES, WRITES, initial_state

FLAT = {"ranks": 1, "groups": 1, "mapping": "RoRaBaCoCh", "rows": 8, "row_lines": 4}
R, W = 0, 1


def flat(name="ddr3_1600", **changes):
    return small(name, **{**FLAT, "banks": 8, **changes})


def commands(dram, *requests):
    """The log of the model; the engine agrees with its completions."""
    trace = [np.array(column, np.int64) for column in zip(*((*one, 0)[:3] for one in requests), strict=True)]
    done, counts, log, _ = by_model(dram, *trace)
    assert by_engine(dram, *trace) == (done, counts)
    return [(command.kind, command.clock) for command in log]


def check(dram, requests, counter, number, clock):
    """The `number`-th event happens in `clock`: it has not in the clock before, and has in this one."""
    state = initial_state(dram)
    for request in requests:
        engine.push(dram, state, *(*request, 0)[:3])
    engine.advance(dram, state, clock - 1)
    assert state.table[COUNTS, counter] == number - 1
    engine.advance(dram, state, clock)
    assert state.table[COUNTS, counter] == number


@pytest.mark.parametrize("name", PRESETS)
def test_one_line(name):
    d = flat(name)
    assert commands(d, (0, R)) == [("ACT", 1), ("RD", 1 + d.rcd)]
    state = initial_state(d)
    assert engine.wait(d, state, engine.push(d, state, 0, R, 0)) == 1 + d.rcd + d.cl + d.bl
    state = initial_state(d)
    assert engine.wait(d, state, engine.push(d, state, 0, W, 5)) == 6 + d.rcd + d.cwl + d.bl


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("longer", [0, 30])
def test_rows_of_a_bank(name, longer):
    d = flat(name)
    d = d._replace(rc=d.rc + longer)
    line = open_page(d)
    for kind, counter, to_precharge in ((R, READS, d.rtp), (W, WRITES, d.cwl + d.bl + d.wr)):
        requests = (line(0), kind), (line(1), kind)
        precharge = max(1 + d.ras, 1 + d.rcd + to_precharge)
        activate = max(precharge + d.rp, 1 + d.rc)
        check(d, requests, counter, 1, 1 + d.rcd)
        check(d, requests, PRECHARGES, 1, precharge)
        check(d, requests, ACTIVATES, 2, activate)
        check(d, requests, counter, 2, activate + d.rcd)


@pytest.mark.parametrize("name", PRESETS)
def test_hits_follow_each_other(name):
    d = flat(name)
    for kind, counter in ((R, READS), (W, WRITES)):
        for i in range(4):
            check(d, [(column, kind) for column in range(4)], counter, i + 1, 1 + d.rcd + i * d.ccd_l)


@pytest.mark.parametrize("name", PRESETS)
def test_turn_arounds(name):
    d = flat(name)
    check(d, ((0, W), (1, R)), READS, 1, 1 + d.rcd + d.cwl + d.bl + d.wtr_l)
    check(d, ((0, R), (1, W)), WRITES, 1, 1 + d.rcd + d.cl + d.bl + d.rtw - d.cwl)


@pytest.mark.parametrize("name", PRESETS)
def test_activates_of_other_banks(name):
    d = flat(name, rcd=200)  # no read comes between
    line = open_page(d)
    requests = [(line(0, bank), R) for bank in range(5)]
    for bank in range(4):
        check(d, requests, ACTIVATES, bank + 1, 1 + bank * d.rrd_l)
    check(d, requests, ACTIVATES, 5, 1 + max(4 * d.rrd_l, d.faw))


def test_the_window_of_four_activates():
    d = flat(faw=100)
    line = open_page(d)
    check(d, [(line(0, bank), R) for bank in range(8)], ACTIVATES, 5, 101)
    check(d, [(line(0, bank), R) for bank in range(8)], ACTIVATES, 6, 101 + d.rrd_l)


def test_bank_groups():
    d = small("ddr4_2400", ranks=1, groups=2, banks=2, mapping="RoBaRaCoBgCh")
    same, other = 2, 1  # line 1 is in the other group, line 2 the next of the row
    check(d, ((0, R), (same, R)), READS, 2, 1 + d.rcd + d.ccd_l)
    check(d, ((0, R), (other, R)), ACTIVATES, 2, 1 + d.rrd_s)
    check(d, ((0, R), (2 * d.row_lines, R)), ACTIVATES, 2, 1 + d.rrd_l)
    late = 1 + d.rcd + 50
    warm = ((0, R), (other, R))
    check(d, (*warm, (0, R, late), (other, R, late)), READS, 4, late + 1 + d.ccd_s)
    check(d, (*warm, (0, W, late), (other, W, late)), WRITES, 2, late + 1 + d.ccd_s)
    check(d, (*warm, (0, W, late), (same, W, late)), WRITES, 2, late + 1 + d.ccd_l)


def test_writes_hold_up_reads_of_another_group_less():
    d = small("ddr4_2400", ranks=1, groups=2, banks=2, mapping="RoBaRaCoBgCh")
    late = 100
    warm = ((0, W), (1, W), (0, W, late), (1, R, late + 1))
    check(d, warm, READS, 1, late + 1 + d.cwl + d.bl + d.wtr_s)
    check(d, (*warm[:3], (0, R, late + 1)), READS, 1, late + 1 + d.cwl + d.bl + d.wtr_l)


def test_ranks_share_the_data_bus():
    d = small(ranks=2, groups=1, banks=1, mapping="RoBaRaCoCh", rtrs=3)
    other = d.row_lines
    late = 200
    warm = ((0, R), (other, R))
    for first, second, counter, number in ((R, R, READS, 4), (W, W, WRITES, 2), (W, R, READS, 3), (R, W, WRITES, 1)):
        begin = late + 1 + (d.cl if first == R else d.cwl) + d.bl + d.rtrs  # of the second's data
        clock = max(late + 2, begin - (d.cl if second == R else d.cwl))
        check(d, (*warm, (0, first, late), (other, second, late + 1)), counter, number, clock)


def test_refresh_of_an_idle_rank():
    d = flat(banks=2)
    for times in range(1, 4):
        check(d, (), REFRESHES, times, times * d.refi)
    late = d.refi - 1
    check(d, ((0, R, late),), ACTIVATES, 1, d.refi + d.rfc)
    check(d, ((0, R, late - 1),), ACTIVATES, 1, late)


def test_refresh_closes_the_rows():
    d = flat(banks=2)
    late = d.refi - 2
    requests = (0, R, 0), (0, R, late), (1, R, late)
    check(d, requests, READS, 2, late + 1)
    closed = max(d.refi, late + 1 + d.rtp)
    check(d, requests, PRECHARGES, 1, closed)
    check(d, requests, REFRESHES, 1, closed + d.rp_all)
    check(d, requests, ACTIVATES, 2, closed + d.rp_all + d.rfc)
    check(d, requests, READS, 3, closed + d.rp_all + d.rfc + d.rcd)


def test_ready_first_then_oldest():
    d = flat(banks=2)
    line = open_page(d)
    late = 100
    log = commands(d, (line(0), R), (line(1), R, late), (line(0, 0, 1), R, late))
    assert [kind for kind, _ in log] == ["ACT", "RD", "RD", "PRE", "ACT", "RD"]
    assert log[2] == ("RD", late + 1)
    log = commands(d, (line(0), R), (line(1), R, late), (line(1, 1), R, late))
    assert log[2:4] == [("PRE", late + 1), ("ACT", late + 2)]


def test_a_full_queue_hides_what_comes():
    """With one slot, a hit that waits in front cannot pass."""
    line = open_page(flat())
    late = 100
    requests = (line(0), R), (line(1), R, late), (line(0, 0, 1), R, late)
    kinds = [kind for kind, _ in commands(flat(queue=1), *requests)]
    assert kinds == ["ACT", "RD", "PRE", "ACT", "RD", "PRE", "ACT", "RD"]
    d = flat(queue=1)
    assert commands(d, (0, R), (1, R))[1:] == [("RD", 1 + d.rcd), ("RD", 1 + d.rcd + max(d.ccd_l, 2))]


def test_a_slot_is_filled_one_clock_after_it_was_freed():
    d = flat("hbm2", queue=1, ccd_l=2, ccd_s=2)
    state = initial_state(d)
    engine.push(d, state, 0, R, 0)
    assert engine.room(d, state) == 1 + d.rcd + 1
    check(d, ((0, R), (1, R)), READS, 2, 1 + d.rcd + 2)
