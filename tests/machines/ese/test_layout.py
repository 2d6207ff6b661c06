"""How an LSTM is laid out on ESE: PEs, lines, the paper's state machine; and what is refused or does not fit."""

import numpy as np
import pytest
from hypothesis import given
from support.decoders import decode
from support.layers import PLAIN
from support.layers import pictured as fully_connected
from support.lstm_layers import TINY, above, cases, drawn, pictured, sparse

from simulator.config.load import parse_changes
from simulator.hardware.dram.presets import load_dram
from simulator.machines.eie.layout.streams import layout as layout_on_eie
from simulator.machines.ese import MACHINE
from simulator.machines.ese.arch import resources
from simulator.machines.ese.engine import run as engine
from simulator.machines.ese.layout.streams import layout, violations
from simulator.machines.ese.report.tables import tables
from workloads.compression.packing import count_lines
from workloads.compression.relative_index import Banks
from workloads.errors import InputError
from workloads.kinds.lstm.format import LstmFormat
from zeroskip import load_arch

PAPER = """
    1  1   Wfx    P bi   Wix  -
    1  2   Wcx    P Wic  Wfx  -
    1  3   Wir    P Wfc  Wcx  Wic c
    2  4   Wfr    P bf   Wir  Wfc c
    2  5   Wcr    P bc   Wfr  i
    2  6   Wox    P bo   Wcr  f
    3  7   Wor    P Woc  Wox  g
    4  8   -      -      Wor  c
    4  9   -      -      -    Woc c
    4  10  -      -      -    h
    5  11  Wym    P      -    o
    5  12  (Wym)  -      -    m
    6  13  Wix    P x    Wym  -
"""
"""States 1 to 6 of the paper's figure: state, slot, weights and vectors fetched, product, element-wise work."""


def test_the_schedule_is_the_papers():
    # 24 entries of Wym; half a buffer holds 12 of them on two PEs; no other matrix has more than that
    lstm = pictured(1, 6, 4, Wym="111111 " * 4, Wix="1 1 1 1 1 1")
    (streams,) = layout(TINY._replace(weight_buffer_entries=6), full(lstm))
    rows = [(slot.state, slot.slot, slot.weights, slot.vectors, slot.product, slot.element) for slot in streams.slots]
    table = [[cell.strip() for cell in line.split("  ") if cell] for line in PAPER.strip().splitlines()]
    assert [[str(cell or "-") for cell in row] for row in rows] == table
    assert [slot.weight_lines for slot in streams.slots[-3:]] == [12, 12, 6]
    assert all(one.padding.sum() == 0 for one in streams.matrices.values())


def full(lstm):
    """The LSTM with Wix' picture in the place of every empty matrix of a gate."""
    (layer,) = lstm.layers
    first = layer.matrices["Wix"]
    given = {
        name: one if name == "Wym" else one._replace(columns=first.columns, inputs=first.inputs)
        for name, one in layer.matrices.items()
    }
    return lstm._replace(layers=(layer._replace(matrices=given),))


@given(cases())
def test_row_i_is_on_pe_i_modulo_pes_and_the_zero_counts_say_so(case):
    arch, lstm = case
    (streams,) = layout(arch, lstm)
    for name, matrix in streams.matrices.items():
        place = matrix.start[:-1, None]
        count = np.diff(matrix.pointer, axis=0)
        begin = place + np.cumsum(count, axis=1) - count
        for j, k in np.ndindex(*count.shape):
            assert (matrix.row[begin[j, k] : begin[j, k] + count[j, k]] % arch.pes == k).all()
        given, found = lstm.layers[0].matrices[name].columns, decode(Banks(*matrix[:6]))
        for ours, theirs in zip(found, given, strict=True):
            np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize(
    ("entries", "lines"),
    [
        ([0, 0], 0),
        ([1, 0], 1),  # a unit of one line
        ([8, 8, 8, 8], 1),  # four full units
        ([8, 8, 8, 9], 2),  # five
        ([1, 1, 1, 1], 1),  # four units of one entry each
        ([1, 1, 1, 1, 1], 2),
        ([32], 1),
        ([33], 2),
    ],
)
def test_each_pes_entries_fill_units_and_units_fill_lines(entries, lines):
    assert count_lines(np.array(entries, np.int32), 16, unit_bits=128, line_bits=512) == lines


def test_entries_that_leave_a_rest_of_a_unit_stay_out_of_it():
    # 5-bit entries in units of 16 bits: three
    assert count_lines(np.array([3, 4]), 5, unit_bits=16, line_bits=16) == 1 + 2


def test_pointers_and_vectors_take_lines():
    # lines of 48 bits: 4 x 2 pointers of 5 bits are 40; 7 cells are 112; 2 voices x 3 inputs are 96; 2 outputs 32
    lstm = pictured(3, 7, 1)._replace(activation=np.ones((2, 1, 3), np.int16))
    arch = TINY._replace(channels=2, pointer_bits=5, line_bits=48, input_path_bits=48)
    (streams,) = layout(arch, lstm)
    assert streams.matrices["Wix"].pointer_lines == 1
    assert streams.matrices["Wym"].pointer_lines == 2  # 8 columns x 2 PEs x 5 bits = 80
    by_slot = {slot.slot: (slot.vector_lines, slot.input_lines) for slot in streams.slots}
    assert by_slot[1] == (1 + 3, 0)
    assert by_slot[8] == (0, 0)
    assert by_slot[11] == (2, 0)
    assert by_slot[13] == (1, 2)
    assert streams.output_lines == 1


@pytest.mark.parametrize(
    ("half", "shares"),
    [
        (12, {11: 12}),
        (11, {11: 11, 12: 1}),
        (6, {11: 6, 12: 6}),
        (5, {11: 5, 12: 5, 13: 2}),
        (1, {11: 1, 12: 1, 13: 10}),
    ],
)
def test_halves_of_the_buffer_are_filled_before_the_product_and_the_rest_beside_it(half, shares):
    arch = TINY._replace(pes=1, weight_buffer_entries=half)
    (streams,) = layout(arch, pictured(1, 3, 4, Wym="111 111 111 111"))
    assert {slot.slot: slot.weight_lines for slot in streams.slots if slot.weight_lines} == shares
    names = {slot.slot: slot.weights for slot in streams.slots}
    assert names[11] == "Wym"
    assert names.get(12) == ("(Wym)" if 12 in shares else "")
    assert names[13] == ("(Wym)" if 13 in shares else "")


def test_a_buffer_smaller_than_a_line_holds_a_line():
    arch = TINY._replace(pes=1, weight_buffer_entries=1, line_bits=64, unit_bits=16)
    (streams,) = layout(arch, pictured(3, 4, 1, Wfx="111 111 111 111"))
    assert [slot.weight_lines for slot in streams.slots[:2]] == [1, 2]


def test_the_table_names_what_bounds_each_slot():
    lstm = pictured(2, 5, 1, Wix="11 .. .. .. ..", Wfx="11 11 .. .. ..")
    (table,) = tables(TINY, layout(TINY, lstm))
    assert table.title == "schedule of a time step of pictured"
    rows = {row[1]: dict(zip(table.columns, row, strict=True)) for row in table.rows}
    assert (rows[1]["product"], rows[1]["bound by"]) == ("Wix", "vectors")
    assert rows[1]["product cycles"] == 5  # the assembler has five rows, the PEs are done after three
    assert (rows[1]["weights"], rows[1]["weights cycles"]) == ("Wfx", 5)  # four lines, one cycle to the buffer
    # a line of pointers, five of biases, one cycle to the buffer
    assert (rows[1]["vectors"], rows[1]["vectors cycles"]) == ("P bi", 7)
    assert (rows[7]["bound by"], rows[9]["bound by"]) == ("vectors", "element-wise")
    assert (rows[8]["element-wise"], rows[8]["element-wise cycles"]) == ("c", 2)
    assert (rows[8]["bound by"], rows[8]["cycles"]) == ("assemble", 5)
    assert rows[8]["weights"] == ""


def test_figures_of_merit():
    lstm = pictured(1, 4, 1, Wix="1 . . 1")
    arch = TINY._replace(pes=1, index_bits=1, unit_bits=13, line_bits=26, input_path_bits=26, channels=2)
    run = engine.run(arch, *layout(arch, lstm))
    assert MACHINE.figures(arch, run.cycles, run.counts).to_dict() == {
        "theoretical_cycles": 2,  # three entries in lines of two
        "entries": 3,
        "padding_entries": 1,
        "multiplies": 2,
        "load_balance": 3 / (2 * run.cycles),
        "work_efficiency": 2 / 3,
        **resources(arch),
    }
    empty = engine.run(arch, *layout(arch, pictured(1, 1, 1)))
    assert MACHINE.figures(arch, empty.cycles, empty.counts).to_dict()["work_efficiency"] == 1


def test_a_workload_is_made_for_the_machines_numbers():
    arch = TINY._replace(channels=3)
    form = LstmFormat(weight_bits=12, pes=2, balanced=True, table_points=16, sigmoid_range=8, tanh_range=4, voices=3)
    assert MACHINE.formats(arch) == {"LSTM": form}


def test_resources_are_a_formula_of_pes_and_channels():
    # lines of 512 bits are 8 RAMs wide; 1,024 entries of 16 bits are half a RAM; pointers take one for both halves
    config = load_arch("ese")
    for pes, channels in ((32, 32), (64, 8), (1, 1)):
        arch = config.arch._replace(pes=pes, channels=channels)
        shared = pes * 2 * (0.5 + 1) + 4 * 8 + 8 + 1 + 2
        assert resources(arch) == {
            "dsp_slices": channels * (pes + 15),
            "block_rams": shared + channels * (pes / 2 + 8),
        }
        assert MACHINE.units(arch) == {"machine": 1, "channel": channels, "pe": channels * pes, "memory_channel": 2}


def test_more_voices_than_channels_are_refused():
    lstm = drawn(1, TINY, 2, 1)
    layout(TINY._replace(channels=2), lstm)
    sentence = "^drawn: it has 2 voices; expected at most one for each channel, and there are 1$"
    with pytest.raises(InputError, match=sentence):
        layout(TINY, lstm)


@pytest.mark.parametrize("table", ["sigmoid", "tanh"])
def test_both_tables_must_have_the_machines_points(table):
    (layer,) = pictured(1, 1, 1).layers
    lstm = above([layer._replace(**{table: np.zeros(8, np.int16)})], np.ones((1, 1, 1), np.int16))
    with pytest.raises(InputError, match=f"^pictured: its {table} has 8 points; expected 16$"):
        layout(TINY, lstm)


@pytest.mark.parametrize(("word", "fits"), [(7, True), (8, False), (-8, True), (-9, False)])
def test_words_must_fit_the_machines_weight_bits(word, fits):
    arch = TINY._replace(weight_bits=4, unit_bits=8, line_bits=16)
    (layer,) = pictured(1, 1, 1).layers
    layer = layer._replace(matrices={**layer.matrices, "Wor": sparse("Wor", np.array([[word]], np.int16), 0)})
    lstm = above([layer], np.ones((1, 1, 1), np.int16))
    if fits:
        layout(arch, lstm)
    else:
        with pytest.raises(InputError, match=f"^pictured: Wor has the weight {word}; expected words of 4 bits$"):
            layout(arch, lstm)


def test_other_kinds_of_layers_are_refused_in_both_directions():
    with pytest.raises(InputError, match=r"^pictured: its kind is fully connected; expected LSTM on ESE$"):
        layout(TINY, fully_connected("11 11", [1, 1]))
    sentence = r"^drawn: its kind is LSTM; expected fully connected on EIE$"
    with pytest.raises(InputError, match=sentence):
        layout_on_eie(PLAIN, pictured(1, 1, 1))


def test_too_many_slices_are_refused_before_any_is_written(monkeypatch):
    from simulator.machines.ese.layout import streams

    monkeypatch.setattr(streams, "MOST_SLICES", 5)
    monkeypatch.setattr(streams, "encode", None)
    with pytest.raises(InputError, match=r"^pictured: Wix is 1 x 3 on 2 PEs; expected at most 2\*\*27 slices$"):
        layout(TINY, pictured(3, 1, 1))


def test_a_run_beyond_32_bits_is_refused(monkeypatch):
    from simulator.machines.ese.layout import streams

    # two entries, four cycles at most for each of two columns, two results
    monkeypatch.setattr(streams, "MOST_CYCLES", 2 + 4 * 2 + 2)
    with pytest.raises(InputError, match=r"^pictured: Wix may take 12 cycles; expected less than 2\*\*31$"):
        layout(TINY, pictured(2, 2, 1, Wix="11 .."))
    monkeypatch.setattr(streams, "MOST_CYCLES", 13)
    layout(TINY, pictured(2, 2, 1, Wix="11 .."))


def test_pointers_that_are_too_short_violate():
    lstm = pictured(3, 6, 1, Wfx="111 111 111 111 111 ...")
    nine = TINY._replace(pointer_bits=3)
    assert violations(nine, layout(nine, lstm)) == [
        "pictured: Wfx has 9 entries on a PE; expected at most 7, what pointers of 3 bits reach"
    ]
    enough = TINY._replace(pointer_bits=4)
    assert violations(enough, layout(enough, lstm)) == []
    just = pictured(1, 14, 1, Wfx="1 " * 14)
    assert violations(nine, layout(nine, just)) == []


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (["unit_bits=120"], "unit_bits is 120; expected a multiple of weight_bits + index_bits = 16"),
        (["line_bits=500"], "line_bits is 500; expected a multiple of unit_bits = 128"),
        (["input_path_bits=60"], "line_bits is 512; expected a multiple of input_path_bits = 60"),
        (["table_points=1000"], "table_points is 1000; expected a power of 2"),
        (["sigmoid_range=3"], "sigmoid_range is 3; expected a power of 2"),
        (["tanh_range=6"], "tanh_range is 6; expected a power of 2"),
    ],
)
def test_numbers_that_are_impossible_together(settings, sentence):
    with pytest.raises(InputError) as caught:
        load_arch("ese", **parse_changes(settings))
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    "setting",
    [
        "channels=0",
        "pes=1025",
        "queue_depth=0",
        "pipeline_cycles=-1",
        "weight_bits=17",
        "index_bits=9",
        "line_cycles=0",
        "fifo_lines=1",
        "weight_buffer_entries=0",
        "activation_bits=8",
        "element_lanes=0",
    ],
)
def test_limits_of_the_architecture(setting):
    key, _, value = setting.partition("=")
    with pytest.raises(InputError, match=rf"{key} is {value} \(set by the user\); expected "):
        load_arch("ese", **parse_changes([setting]))


def test_the_paper_machine_number_by_number():
    assert load_arch("ese").arch._asdict() == {
        "channels": 32,
        "pes": 32,
        "queue_depth": 8,
        "pipeline_cycles": 48,
        "weight_bits": 12,
        "index_bits": 4,
        "unit_bits": 128,
        "line_bits": 512,
        "line_cycles": 1,
        "fifo_lines": 256,
        "input_path_bits": 64,
        "weight_buffer_entries": 1024,
        "pointer_bits": 16,
        "activation_bits": 16,
        "element_lanes": 4,
        "element_pipeline": 12,
        "table_points": 2048,
        "sigmoid_range": 64,
        "tanh_range": 128,
        "dram": load_dram("ddr3_1600", 5000),
    }
