"""The dense machines: model and engine are equal, cycles are a formula, zeros save energy and no time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.dense_machines import PLAIN, machines
from support.layers import pictured
from support.paths import EXAMPLES
from support.scnn_layers import convolution, drawn, drawn_layers, run_twins
from support.twin_laws import check_order_and_length, check_reasons

from simulator.core.trace import show
from simulator.machines.dense import MACHINE, engine, model
from simulator.machines.dense.arch import REASON_UNITS
from simulator.machines.dense.layout import layout, stored_bytes, vector_lanes, violations
from workloads.compression.run_length import to_run_lengths
from workloads.errors import InputError


@given(machines, drawn_layers)
def test_model_and_engine_are_equal_and_compute_the_convolution(arch, layer):
    _, fast = run_twins(layout, model, engine, arch, layer)
    check_reasons(fast, REASON_UNITS)
    assert fast.counts.multiplies.sum() + fast.counts.gated.sum() == layer.dense_operations // 2


@settings(max_examples=EXAMPLES // 2)
@given(machines, drawn_layers, st.integers(0, 1 << 30))
def test_order_and_length_of_the_trace_do_not_matter(arch, layer, seed):
    (streams,) = layout(arch, layer)
    check_order_and_length(model, engine.run_without_output, arch, streams, seed)


@pytest.mark.parametrize("runner", [model, engine], ids=["model", "engine"])
def test_a_drawing(runner):
    # 3 outputs in a row on two PEs, two channels of 3 weights, a dot product each; 6 bytes of weights take 2 cycles
    layer = convolution([[[[1, 2, 3]]], [[[4, 0, 0]]]], [[[1, 1, 1, 1, 1]]])
    run = runner.run(PLAIN, layout(PLAIN, layer)[0], 100)
    assert show(run.trace).split("\n") == [
        "wwmmmmmmmmmmmm",
        "wwmmmbbbmmmbbb",
        "llll..........",
    ]
    assert run.output.tolist() == [6, 6, 6, 4, 4, 4]


@pytest.mark.parametrize(("channels", "stride", "dots"), [(3, 1, 9), (4, 1, 9), (5, 1, 18), (16, 1, 36), (3, 2, 8)])
def test_a_dot_product_runs_along_input_channels_and_the_phases_of_a_stride(channels, stride, dots):
    # 4 multipliers, kernels of 3 x 3; with stride 2, 12, 6, 6 and 3 pairs meet: 3 + 2 + 2 + 1
    arch = PLAIN._replace(multipliers=4)
    layer = convolution(np.ones((1, channels, 3, 3)), np.ones((channels, 3, 3)), stride=(stride, stride))
    lanes = vector_lanes(arch, layer)
    assert sorted(lane for part in lanes for lane in part) == sorted(np.ndindex(channels, 3, 3))
    assert max(map(len, lanes)) <= 4
    assert len(lanes) == dots
    assert engine.run(arch, layout(arch, layer)[0]).counts.dot_products.sum() == dots


def test_zeros_save_energy_and_no_time():
    layer = drawn(3, 1, 4, 6, (3, 3), (8, 8), 0.3, 0.4, (1, 1), (1, 1, 1, 1), bias=False, relu=True)
    plain, opt = PLAIN._replace(sram_bytes=64), PLAIN._replace(sram_bytes=64, gate_zeros=1, compress_traffic=1)
    one, other = (engine.run(arch, layout(arch, layer)[0]) for arch in (plain, opt))
    assert one.cycles == other.cycles
    assert other.counts.multiplies.sum() < one.counts.multiplies.sum()
    assert other.counts.dram_weight_bytes.sum() < one.counts.dram_weight_bytes.sum() == layer.weight.size * 2
    assert other.counts.dram_input_bytes.sum() < one.counts.dram_input_bytes.sum() == layer.activation.size * 2
    assert MACHINE.figures(opt, other.cycles, other.counts).to_dict()["utilisation"] <= 1


def test_what_does_not_fit_and_what_does_not_run():
    layer = convolution(np.ones((2, 1, 1, 1)), np.ones((1, 20, 20)))
    assert violations(PLAIN, layout(PLAIN, layer)) == [
        "SRAM: 1200 inputs and outputs, 512 fit (all go through DRAM: energy is counted, time is not)"
    ]
    assert violations(PLAIN._replace(sram_bytes=2400), layout(PLAIN._replace(sram_bytes=2400), layer)) == []
    with pytest.raises(InputError, match="pictured: its kind is fully connected; expected convolution"):
        layout(PLAIN, pictured("1", [1]))
    with pytest.raises(InputError, match="written: shift is 31; expected an integer from 0 to 30"):
        layout(PLAIN, layer._replace(shift=31))


def test_figures_of_merit():
    # the drawing above: 18 pairs; 3 outputs x 2 of them have a zero weight
    arch, layer = PLAIN._replace(gate_zeros=1), convolution([[[[1, 2, 3]]], [[[4, 0, 0]]]], [[[1, 1, 1, 1, 1]]])
    run = engine.run(arch, layout(arch, layer)[0])
    found = MACHINE.figures(arch, run.cycles, run.counts).to_dict()
    assert (found["entries"], found["multiplies"], found["padding_entries"]) == (18, 12, 6)
    assert found["theoretical_cycles"] == 18 / 4
    assert found["load_balance"] == 18 / (2 * 14)
    assert found["utilisation"] == 18 / 4 / 14
    assert MACHINE.units(arch) == {"machine": 1, "pe": 2, "multiplier": 4}


@pytest.mark.parametrize("bits", [1, 3, 4])
def test_compressed_traffic_counts_entries_with_their_zero_counts(bits):
    arch = PLAIN._replace(compress_traffic=1, index_bits=bits)
    values = np.zeros(70, np.int16)
    values[[0, 3, 50]] = 5
    assert stored_bytes(arch, np.ones(70, np.int16), 16) == 140  # never more than dense
    entries = to_run_lengths(values, bits)[0].size
    assert stored_bytes(arch, values, 16) == -(-entries * (16 + bits) // 8)
    assert stored_bytes(PLAIN, values, 16) == 140


@pytest.mark.parametrize("fits", [False, True])
def test_dram_brings_all_weights_and_those_activations_that_do_not_fit(fits):
    layer = convolution(np.ones((3, 2, 1, 1)), np.ones((2, 3, 5)))  # 30 inputs, 45 outputs, 6 weights
    arch = PLAIN._replace(sram_bytes=150 if fits else 149, group_channels=2)
    counts = engine.run(arch, layout(arch, layer)[0]).counts
    assert counts.dram_weight_bytes.tolist() == [12]
    assert counts.dram_input_bytes.tolist() == [0 if fits else 60]
    assert counts.dram_output_bytes.tolist() == [0 if fits else 90]


@given(machines, drawn_layers)
def test_weights_take_dram_a_cycle_for_each_byte_at_a_byte_a_cycle(arch, layer):
    (streams,) = layout(arch._replace(dram_bytes_per_kcycle=1000), layer)
    assert streams.load_cycles.sum() == sum(
        layer.kernel[group[0] : group[-1] + 1].size * arch.weight_bits // 8 for group in streams.groups
    )
