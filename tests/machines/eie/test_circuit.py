"""EIE as a circuit: the same letters, cycles, outputs and row reads as model and engine."""

import numpy as np
import pytest
from hypothesis import given, settings
from support.circuits import ALL, circuit_machines, compare
from support.layers import PLAIN, drawn, drawn_layers, pictured
from support.paths import EXAMPLES

from simulator.core.run import as_shown, first_difference
from simulator.core.trace import show
from simulator.machines.eie import MACHINE, engine
from simulator.machines.eie.layout.streams import entries_per_row, layout
from workloads.errors import InputError

pytest.importorskip("amaranth")

from simulator.machines.eie import circuit
from simulator.machines.eie.circuit.memories import contents, sizes_of

DEPTHS = [1, 2, 8, 32]


@settings(max_examples=max(1, EXAMPLES // 4))
@given(circuit_machines, drawn_layers)
def test_the_circuit_is_equal_to_model_and_engine(arch, layer):
    assert compare(arch, layer) is None


@pytest.mark.slow
@settings(max_examples=3 * EXAMPLES)
@given(circuit_machines, drawn_layers)
def test_three_hundred_machines_and_layers(arch, layer):
    assert compare(arch, layer) is None


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("outputs", [2, 3, 6])
def test_sums_that_follow_each_other_in_one_register(depth, outputs):
    """One to three outputs a PE: an entry needs the sum of the entry before it, or of the one before that."""
    layer = drawn(depth + outputs, 40, outputs, 0.9, 0.9, bias=True, relu=False)._replace(shift=14)
    assert compare(PLAIN._replace(queue_depth=depth), layer) is None


@pytest.mark.parametrize("depth", DEPTHS)
def test_biases_are_in_the_registers_at_the_beginning(depth):
    layer = drawn(depth, 20, 30, 0.3, 0.6, bias=False, relu=True)
    initial = np.arange(-15, 15, dtype=np.int16) * 2000
    assert compare(PLAIN._replace(pes=4, queue_depth=depth, preload_bias=1), layer._replace(initial=initial)) is None


def test_a_timeline_of_the_circuit():
    """The drawing of the page: two columns, two PEs."""
    layer = pictured("1. .1 2.".replace(" ", "\n"), [1.0, 1.0])
    (streams,) = layout(PLAIN, layer)
    assert show(circuit.run(PLAIN, streams, ALL).trace).split() == ["wwwmme.....", "wwwem......", "ssbb......."]
    assert show(circuit.run(PLAIN, streams, 4).trace).split() == ["wwwm", "wwwe", "ssbb"]


@pytest.mark.parametrize("depth", [1, 2, 3, 8])
def test_slices_of_one_entry_follow_each_other_without_a_gap(depth):
    """n columns of one entry: fill, n broadcasts, a cycle to the PE, the row, four stages."""
    layer = pictured("1" * 12, [1.0] * 12)
    arch = PLAIN._replace(pes=1, queue_depth=depth)
    run = circuit.run(arch, layout(arch, layer)[0])
    stalls = 0 if depth != 2 else 11  # a ring of two slots holds one column, and cannot take another while it has it
    assert run.cycles == 2 + 12 + stalls + 1 + 1 + 4


def test_rows_hold_the_bits_of_the_entries():
    """Taken apart again, the memories give every slice: zeros and codes in order, between the two pointers."""
    arch = PLAIN._replace(pes=3, index_bits=2, spmat_width_bits=40)
    (streams,) = layout(arch, drawn(5, 30, 40, 0.3, 1.0, bias=True, relu=False))
    sizes, per_row = sizes_of(arch, streams), entries_per_row(arch)
    assert (sizes.entry_bits, per_row) == (6, 4)
    for k, held in enumerate(contents(sizes, streams)):
        assert held.source == streams.activation[k::3].tolist()
        for j in range(streams.activation.size):
            begin, end = (held.odd[j // 2], held.even[j // 2 + 1]) if j % 2 else (held.even[j // 2], held.odd[j // 2])
            local, rows = -1, []
            for address in range(begin, end):
                entry = held.rows[address // per_row] >> address % per_row * 6 & 63
                local += (entry >> 4) + 1
                rows.append((local * 3 + k, entry & 15))
            of_column = slice(streams.start[j], streams.start[j + 1])
            pairs = zip(streams.row[of_column].tolist(), streams.code[of_column].tolist(), strict=True)
            assert rows == [pair for pair in pairs if pair[0] % 3 == k]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"batching": 1}, "circuit of eie: batching is 1; expected batching 0"),
        ({"pipeline_stages": 5}, "circuit of eie: pipeline_stages is 5; expected pipeline_stages 4"),
        ({"spmat_bytes": 4}, "circuit of eie: the layer does not fit the memories; expected a layer that fits"),
        ({"pointer_bits": 4}, "circuit of eie: a pointer is 36; expected pointers of 4 bits"),
    ],
)
def test_what_the_circuit_does_not_have_is_refused(changes, sentence):
    arch = PLAIN._replace(**changes)
    (streams,) = layout(arch, drawn(1, 9, 8, 1.0, 1.0, bias=False, relu=False))
    with pytest.raises(InputError) as refused:
        MACHINE.run_circuit(arch, streams)
    assert str(refused.value).startswith(sentence)


def test_waves_of_all_signals(tmp_path):
    (streams,) = layout(PLAIN, pictured("1.\n.1", [1.0, 1.0]))
    circuit.run(PLAIN, streams, waves=str(tmp_path / "eie.vcd"))
    text = (tmp_path / "eie.vcd").read_text()
    assert "$enddefinitions" in text
    assert "pe1" in text


@pytest.mark.parametrize("registers", [1, 2])
def test_registers_between_queues_and_bus_cost_cycles_and_no_output(registers):
    arch = PLAIN._replace(pes=4, queue_depth=5)
    (streams,) = layout(arch, drawn(8, 60, 40, 0.3, 0.7, bias=True, relu=False))
    plain, late = circuit.run(arch, streams), circuit.run(arch, streams, stop_registers=registers)
    assert plain.cycles < late.cycles < plain.cycles * 1.3
    np.testing.assert_array_equal(plain.output, late.output)
    with pytest.raises(InputError, match=f"queue_depth is {registers + 1} with {registers} registers"):
        sizes_of(arch._replace(queue_depth=registers + 1), streams, registers)


@pytest.mark.slow
@pytest.mark.parametrize("depth", DEPTHS)
def test_the_real_fc8_on_64_pes(depth, alex8):
    from zeroskip import load_arch, load_workload

    arch = load_arch("eie", queue_depth=depth).arch
    (streams,) = layout(arch, load_workload(str(alex8)).layer)
    found, fast = circuit.run(arch, streams, ALL), engine.run(arch, streams, ALL)
    assert first_difference(as_shown(fast, found), found) is None
    if depth == 8:
        assert (found.cycles, int(found.counts.spmat_row_reads.sum())) == (7926, 100_900)
