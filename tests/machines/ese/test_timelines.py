"""Slots of tiny LSTMs on ESE, drawn cycle by cycle: PE 0, PE 1, feeder, assembler, element-wise unit, both memories.

PE: m multiply, p padding, e empty slice, w waiting for a column, . done before the slot is, - nothing to multiply.
Feeder: b broadcast, f a queue is full. Assembler: a. Element-wise unit: x. Memory: d a line, f its FIFO is full.
A broadcast is served from the next cycle on. Each line holds one weight (`TINY`), or all that is asked for (`WIDE`).
"""

import pytest
from support.lstm_layers import TINY, pictured

from simulator.core.trace import show
from simulator.machines.ese.engine import run as engine
from simulator.machines.ese.layout.schedule import time_step
from simulator.machines.ese.layout.streams import layout
from simulator.machines.ese.model import units as model

RUNNERS = pytest.mark.parametrize("runner", [model, engine], ids=["model", "engine"])
WIDE = TINY._replace(unit_bits=256, line_bits=256, input_path_bits=256)


def draw(runner, arch, lstm, first, last=None):
    """The slots from the first to the last, numbered as in the paper: the story so far, less the story before."""
    (streams,) = layout(arch, lstm)
    before = [slot for slot in streams.slots if slot.slot < first]
    until = [slot for slot in streams.slots if slot.slot <= (last or first)]
    skipped = runner.run(arch, streams._replace(slots=tuple(before))).cycles if before else 0
    trace = runner.run(arch, streams._replace(slots=tuple(until)), 1000).trace
    return show(trace[:, skipped:]).split("\n")


@RUNNERS
def test_a_column_takes_a_cycle_per_entry_and_one_if_it_has_none(runner):
    #                     rows 0 and 2 belong to PE 0, rows 1 and 3 to PE 1
    lstm = pictured(2, 4, 1, Wix="1. .1 2. ..")
    assert draw(runner, WIDE, lstm, 1) == [
        "wmme",
        "wem.",
        "bb__",
        "aaaa",  # four rows
        "____",
        "____",  # Wfx is empty
        "dd__",  # its pointers, and the bias bi
    ]


@RUNNERS
def test_broadcast_stops_while_a_queue_of_one_is_full(runner):
    # PE 0 has 2 entries in each column, PE 1 one. A column fills the slot, which is free again in the cycle after PE 0
    # has popped it: it pops in cycles 1, 3, 5, so the feeder sends in 2, 4, 6.
    lstm = pictured(4, 4, 1, Wix="1111 1111 1111 ....")
    assert draw(runner, WIDE._replace(queue_depth=1), lstm, 1)[:4] == [
        "wmmmmmmmm",
        "wmwmwmwm.",
        "bfbfbfb__",
        "aaaa_____",
    ]


@RUNNERS
def test_a_queue_of_two_lets_the_fast_pe_run_ahead(runner):
    lstm = pictured(4, 4, 1, Wix="1111 1111 1111 ....")
    assert draw(runner, WIDE._replace(queue_depth=2), lstm, 1)[:4] == [
        "wmmmmmmmm",
        "wmmmwm...",
        "bbbfb____",
        "aaaa_____",
    ]


@RUNNERS
def test_a_product_is_never_shorter_than_a_cycle_for_each_result_and_the_pipeline(runner):
    lstm = pictured(1, 6, 1, Wix="1 1 1 1 1 1")
    assert draw(runner, WIDE._replace(pipeline_cycles=3), lstm, 1)[:4] == [
        "wmmm.....",
        "wmmm.....",
        "b________",
        "aaaaaa___",  # 6 + 3
    ]


@RUNNERS
def test_the_last_entry_needs_the_pipeline_too(runner):
    lstm = pictured(2, 2, 1, Wix="11 11")
    assert draw(runner, WIDE._replace(pes=1, pipeline_cycles=3), lstm, 1)[:3] == [
        "wmmmm...",  # 1 + 4 + 3
        "bb______",
        "aa______",
    ]


@RUNNERS
def test_padding_bridges_more_zeros_than_the_index_can_say(runner):
    # one PE, 1-bit index: the two zeros before the second entry need one padding entry
    lstm = pictured(1, 4, 1, Wix="1 . . 1")
    arch = WIDE._replace(pes=1, index_bits=1, unit_bits=260, line_bits=260, input_path_bits=260)
    assert draw(runner, arch, lstm, 1)[0] == "wmpm"


@RUNNERS
def test_a_slot_waits_for_its_fetch(runner):
    lstm = pictured(2, 2, 2, Wfx="11 11")
    assert draw(runner, TINY._replace(line_cycles=2), lstm, 1) == [
        "wee......",
        "wee......",
        "bb_______",
        "aa_______",
        "_________",
        "dddddddd_",  # four entries, a line each; one more cycle from the FIFO into the buffer
        "dddddd___",  # a line of pointers, two of the bias of 2 cells
    ]


@RUNNERS
def test_the_rest_of_a_matrix_is_fetched_while_it_is_multiplied(runner):
    # Each half of the buffer holds 2 entries of both PEs: 4 of Wfx' 12 lines; the next slot fetches the other 8.
    lstm = pictured(3, 4, 1, Wfx="111 111 111 111")
    assert draw(runner, TINY._replace(weight_buffer_entries=2), lstm, 1, 2) == [
        "weee..wmmmmmm..",
        "weee..wmmmmmm..",
        "bbb___bbb______",
        "aaaa__aaaa_____",
        "_______________",
        "dddd__dddddddd_",  # the first slot is bound by bi, the second by the rest of Wfx
        "ddddd_ddddd____",  # a line of pointers, four of bi; the same with Wic
    ]


@RUNNERS
def test_the_other_half_is_filled_in_a_slot_without_product_and_only_the_rest_later(runner):
    # Wym has 12 lines: 4 in slot 11, 4 in slot 12, 4 in slot 13, in which it is multiplied.
    lstm = pictured(1, 3, 4, Wym="111 111 111 111")
    assert draw(runner, TINY._replace(weight_buffer_entries=2), lstm, 11, 13) == [
        "----------wmmmmmm",
        "----------wmmmmmm",
        "__________bbb____",
        "__________aaaa___",
        "x____x___________",  # o, m: three cells on four lanes
        "dddd_dddd_dddd___",
        "d_________dd_____",  # Wym's pointers; Wix' pointers and x
    ]


@RUNNERS
def test_a_narrow_input_path_fills_the_fifo(runner):
    # Behind the FIFO of two lines, each of the five of x takes 4 cycles, so a slot of the FIFO is free every 4 cycles.
    lstm = pictured(5, 1, 1, Wix="1....")
    assert draw(runner, TINY._replace(fifo_lines=2, input_path_bits=4), lstm, 13)[5:] == [
        "d_____________________",  # Wix
        "ddddfffdfffd__________",  # pointers 1, then x: 1 + 1 + 5 x 4
    ]


@RUNNERS
def test_a_slow_line_that_meets_a_full_fifo_waits_after_its_own_cycles(runner):
    lstm = pictured(5, 1, 1, Wix="1....")
    arch = TINY._replace(fifo_lines=2, input_path_bits=4, line_cycles=2)
    assert draw(runner, arch, lstm, 13)[6] == "dddddddddddffd__________"


@RUNNERS
def test_element_wise_work_begins_lanes_cells_a_cycle_and_ends_with_its_pipeline(runner):
    lstm = pictured(1, 5, 1)
    arch = WIDE._replace(element_lanes=2, element_pipeline=2)
    assert draw(runner, arch, lstm, 9) == [
        "-----",
        "-----",
        "_____",
        "_____",
        "xxxxx",  # 5 / 2, rounded up, + 2
        "_____",
        "_____",
    ]


@RUNNERS
def test_channels_without_a_voice_do_nothing(runner):
    lstm = pictured(1, 2, 1, Wix="1 1")
    assert draw(runner, WIDE._replace(channels=2), lstm, 1) == [
        "wm.",
        "wm.",
        "---",
        "---",
        "b__",
        "___",
        "aa_",
        "___",
        "___",
        "___",
        "___",
        "dd_",
    ]


def found(projection, peepholes):
    """A time step as text, a slot each."""
    return [" ".join(str(part or "-").replace(" ", "*") for part in step) for step in time_step(projection, peepholes)]


def test_without_peepholes_their_fetches_and_their_slot_are_dropped():
    assert found(projection=True, peepholes=False) == [
        "1 1 Wfx bi Wix -",
        "1 2 Wcx - Wfx -",
        "1 3 Wir - Wcx -",
        "2 4 Wfr bf Wir -",
        "2 5 Wcr bc Wfr i",
        "2 6 Wox bo Wcr f",
        "3 7 Wor - Wox g",
        "4 8 - - Wor c",
        "4 10 - - - h",
        "5 11 Wym - - o",
        "5 12 - - - m",
        "6 13 Wix x Wym -",
    ]


def test_without_a_projection_the_next_input_is_fetched_where_wym_was():
    assert found(projection=False, peepholes=True)[7:] == [
        "4 8 - - Wor c",
        "4 9 - - - Woc*c",
        "4 10 - - - h",
        "5 11 Wix x - o",
        "5 12 - - - m",
    ]
    assert found(projection=False, peepholes=True)[:7] == found(projection=True, peepholes=True)[:7]


def test_with_neither_eleven_slots_are_left():
    both = found(projection=False, peepholes=False)
    assert both == [*found(projection=True, peepholes=False)[:9], "5 11 Wix x - o", "5 12 - - - m"]


@RUNNERS
def test_a_fetch_goes_on_across_the_end_of_a_time_step(runner):
    # Without a projection, Wix is fetched in slots 11 and 12 and, for the rest, in slot 1 of the next time step.
    lstm = pictured(3, 4, 4, projection=False, Wix="111 111 111 111")
    arch = TINY._replace(weight_buffer_entries=2)
    assert draw(runner, arch, lstm, 1)[5] == "dddd___"  # the rest of Wix; the slot is a product of 1 + 6 cycles
    assert draw(runner, arch, lstm, 11, 12)[5] == "dddd_" + "dddd_"
