"""Small layers on EIE, drawn cycle by cycle: PE 0, PE 1, ..., control.

PE: m multiply, p padding, e empty slice, w waiting for a column, o writing outputs back, . finished.
Control: b broadcast, s scan, f a queue is full, l loading inputs, . done.
A broadcast is served from the next cycle on, and the last entry leaves 1 + 4 stages later: five dots.
"""

import pytest
from support.layers import PLAIN, pictured

from simulator.core.run import chain
from simulator.core.trace import show
from simulator.machines.eie import engine, model
from simulator.machines.eie.layout.streams import layout

RUNNERS = pytest.mark.parametrize("runner", [model, engine], ids=["model", "engine"])


def draw(runner, arch, layer):
    return show(chain([runner.run(arch, streams, 1000) for streams in layout(arch, layer)]).trace).split("\n")


@RUNNERS
def test_a_column_takes_a_cycle_per_entry_and_one_if_it_has_none(runner):
    #               outputs 0 and 2 belong to PE 0, outputs 1 and 3 to PE 1
    layer = pictured("1. .1 2. ..", [1, 1])
    assert draw(runner, PLAIN, layer) == [
        "wwwmme.....",
        "wwwem......",
        "ssbb.......",
    ]


@RUNNERS
def test_an_exhausted_group_costs_a_bubble_unless_its_last_pe_held_the_last_non_zero(runner):
    #  groups of two:         1 0   0 1   0 0   1 0
    layer = pictured("11111111 11111111", [1, 0, 0, 1, 0, 0, 1, 0])
    # found in the first group; bubble; found at the last PE of the second: no bubble; third group empty: bubble;
    # found in the fourth; bubble at its end
    assert draw(runner, PLAIN, layer) == [
        "wwwmwmwm.....",
        "wwwmwmwm.....",
        "ssbsbsbs.....",
    ]


@RUNNERS
def test_the_bias_is_one_more_column_behind_the_inputs(runner):
    with_bias = pictured("11 11", [1, 1], bias="1.")
    assert draw(runner, PLAIN, with_bias) == [
        "wwwmmm.....",
        "wwwmme.....",
        "ssbbbs.....",
    ]


@RUNNERS
def test_broadcast_stops_while_any_queue_is_full(runner):
    # A ring of 2 holds one column. PE 0 has 3 entries in each column, PE 1 one. The column that PE 0 pops in cycle 6
    # frees its slot for a broadcast in cycle 7.
    layer = pictured("1111 1111 1111 .... 1111 ....", [1, 1, 1, 1])
    assert draw(runner, PLAIN._replace(queue_depth=2), layer) == [
        "wwwmmmmmmmmmmmm.....",
        "wwwmwmwwmwwm........",
        "ssbfbffbffb.........",
    ]


@RUNNERS
def test_with_one_slot_all_pes_move_in_lockstep(runner):
    # The next column is broadcast in the last cycle of the slowest PE, so a column costs its longest slice.
    layer = pictured("1111 1111 1111 .... 1111 ....", [1, 1, 1, 1])
    assert draw(runner, PLAIN._replace(queue_depth=1), layer) == [
        "wwwmmmmmmmmmmmm.....",
        "wwwmwwmwwmwwm.......",
        "ssbffbffbffb........",
    ]


@RUNNERS
def test_padding_bridges_more_zeros_than_the_index_can_say(runner):
    # One PE, 1-bit index: two zeros before an entry need one padding entry (which spans itself and one zero).
    layer = pictured("1 . . 1", [1])
    assert draw(runner, PLAIN._replace(pes=1, index_bits=1, weight_bits=4, spmat_width_bits=8), layer) == [
        "wwwmpm.....",
        "ssb........",
    ]


@RUNNERS
def test_the_scan_goes_on_to_the_last_group_where_there_is_no_bias(runner):
    layer = pictured("1" * 14, [1] + [0] * 13)
    assert draw(runner, PLAIN, layer) == [
        "wwwm......",
        "wwwe......",
        "ssbsssssss",
    ]


@RUNNERS
def test_a_layer_without_any_non_zero_input_is_only_scanned(runner):
    layer = pictured("11 11", [0, 0])
    assert draw(runner, PLAIN, layer) == ["...", "...", "sss"]


@RUNNERS
def test_long_inputs_are_loaded_in_batches(runner):
    # 2 PEs x 1 register: batches of two inputs; a load takes one cycle, then the scan fills anew.
    arch = PLAIN._replace(batching=1, activation_registers=1)
    layer = pictured("111 111", [1, 1, 1])
    assert draw(runner, arch, layer) == [
        "wwwwmmwwwm.....",
        "wwwwmmwwwm.....",
        "lssbblssbs.....",
    ]


@RUNNERS
def test_long_outputs_are_written_back_pass_by_pass(runner):
    # 2 PEs x 1 register: two outputs a pass; then a cycle to write them, and all inputs are broadcast again.
    arch = PLAIN._replace(batching=1, activation_registers=1)
    layer = pictured("1 1 1", [1])
    assert draw(runner, arch, layer) == [
        "wwwm.....owwwm.....o",
        "wwwm.....owwwe.....o",
        "ssbs......ssbs......",
    ]
