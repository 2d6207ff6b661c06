"""Counts of the tensor engine against formulas, so that what both twins take from the layout is right, too."""

from math import ceil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.products import FORMATS, PLAIN, folded, form_of, machines, product_for

from simulator.core.run import totals
from simulator.machines.tensor import MACHINE
from simulator.machines.tensor.engine.run import run
from simulator.machines.tensor.layout.product import layout_product as layout
from simulator.machines.tensor.layout.streams import violations
from workloads.number_formats import find_format
from workloads.number_formats.block import BlockFormat

SIZES = st.integers(1, 9), st.integers(1, 300), st.integers(1, 9)


def counts_of(arch, layer):
    (streams,) = layout(arch, layer)
    return totals(run(arch, streams, output=False).counts), streams


def kept(arch, inputs):
    return inputs if not arch.two_of_four else 2 * (inputs // 4) + min(2, inputs % 4)


@settings(max_examples=100, deadline=None)
@given(machines, *SIZES)
def test_products_and_what_follows_them(arch, tokens, inputs, outputs):
    found, _ = counts_of(arch, product_for(arch, tokens, inputs, outputs, bias=True))
    form, results = arch.weight_format, tokens * outputs
    events = {"fp4": "products_fp4", "fp8": "products_fp8", "int8": "products_int8", "half": "products_16bit"}
    for kind, event in events.items():
        assert found[event] == (results * kept(arch, inputs) if kind == form.multiplier else 0)
    step = {"fp4": 64, "fp8": 32, "int8": 32, "half": 16}[form.multiplier]
    assert found["accumulations"] == results * ceil(inputs / step)
    assert found["output_additions"] == results
    decoded = outputs * kept(arch, inputs) * ceil(tokens / arch.rows) if form.decoded else 0
    assert found["decodes"] == decoded
    scales = results * ceil(inputs / form.block) if form.block and not form.decoded else 0
    assert found["scale_multiplies"] == (scales if not form.decoded else decoded if form.scale_bits else 0)


@pytest.mark.parametrize("name", FORMATS)
def test_bytes_of_weights_are_the_formats_bits(name):
    """Of a matrix that is read once: codes and block scales to the bit, where all parts are whole bytes."""
    arch = PLAIN._replace(weight_format=form_of(name), rows=8, columns=16, tile_k=128, operand_capacity=1 << 30)
    layer = product_for(arch, 8, 256, 32)
    found, _ = counts_of(arch, layer)
    form, encoded = find_format(name), layer.weight.encoded
    assert found["dram_weight_bytes"] * 8 == 256 * 32 * form.bits
    scales = encoded.shared["scale"].size * form.rule.bits if isinstance(form, BlockFormat) and form.scaled else 0
    activation = layer.activation.encoded.shared
    ours = activation["scale"].size * layer.activation.form.rule.bits if "scale" in activation else 0
    ours = ours if getattr(layer.activation.form, "scaled", False) else 0
    assert found["dram_scale_bytes"] * 8 == scales + ours
    assert found["dram_activation_bytes"] * 8 == 8 * 256 * layer.activation.form.bits
    assert found["dram_output_bytes"] == 4 * 8 * 32
    assert found["operand_writes"] == sum(found[f"dram_{what}_bytes"] for what in ("weight", "scale", "activation"))


def test_nvfp4_takes_four_and_a_half_bits():
    arch = PLAIN._replace(rows=1, columns=64, tile_k=1024, operand_capacity=1 << 30)
    found, _ = counts_of(arch, product_for(arch, 1, 1024, 64))
    weights = found["dram_weight_bytes"] + found["dram_scale_bytes"] - 1024 // 16
    assert weights * 8 == 4.5 * 1024 * 64


def test_two_of_four_halves_products_and_codes_and_adds_two_bits_each():
    dense = PLAIN._replace(operand_capacity=1 << 30, weight_format=form_of("fp8"))
    sparse = dense._replace(two_of_four=1)
    whole, _ = counts_of(dense, product_for(dense, 4, 256, 8))
    half, _ = counts_of(sparse, product_for(sparse, 4, 256, 8))
    assert half["products_fp8"] * 2 == whole["products_fp8"] == 4 * 256 * 8
    assert half["dram_weight_bytes"] * 2 == whole["dram_weight_bytes"] == 256 * 8
    assert half["dram_metadata_bytes"] * 8 == 2 * 128 * 8
    assert whole["dram_metadata_bytes"] == 0
    assert half["dram_activation_bytes"] == whole["dram_activation_bytes"]


@pytest.mark.parametrize(
    ("bytes_", "weights", "activations"), [(1 << 30, 1, 1), (1792, 3, 1), (1791, 1, 4), (1280, 1, 4), (1279, 3, 4)]
)
def test_what_stays_in_the_sram_is_read_once(bytes_, weights, activations):
    """FP8, K of 256 in steps of 64: a column tile of 2 outputs takes 512 bytes, three row tiles 1,536 in all.

    Both: 2 x 512 + 6 x 256 bytes; activations alone: 2 x 128 + 6 x 256; weights alone: 2 x 512 + 2 x 128; none: 512.
    """
    arch = PLAIN._replace(weight_format=form_of("fp8"), operand_capacity=bytes_)
    layer = product_for(arch, 6, 256, 8)
    found, streams = counts_of(arch, layer)
    times = 1 if streams.residency.weights else 3, 1 if streams.residency.activations else 4
    assert found["dram_weight_bytes"] == 8 * 256 * times[0]
    assert found["dram_activation_bytes"] == 6 * 256 * times[1]
    assert times == (weights, activations)
    assert streams.residency.bytes <= bytes_


def test_operands_that_do_not_fit_are_a_violation():
    arch = PLAIN._replace(weight_format=form_of("fp8"), operand_capacity=511)
    passes = layout(arch, product_for(arch, 6, 256, 8))
    assert violations(arch, passes) == ["operand SRAM: 2 steps take 512 bytes, of 511"]
    assert violations(arch._replace(operand_capacity=512), passes) == []


@pytest.mark.parametrize(
    ("name", "events"), [("nvfp4", (8, 8, 80)), ("mxfp4", (8, 4, 80)), ("fp8", (0, 0, 80)), ("bf16", (0, 0, 0))]
)
def test_the_quantiser(name, events):
    """Four tokens of 20 outputs on 20 columns: maxima of up to 16, a reciprocal for each block, a multiply each."""
    arch = PLAIN._replace(weight_format=form_of(name), quantise_output=1, rows=2, columns=20)
    found, _ = counts_of(arch, product_for(arch, 4, 64, 20))
    names = "quantiser_maxima", "quantiser_reciprocals", "quantiser_multiplies"
    assert tuple(found[one] for one in names) == events
    bits = {"nvfp4": 80 * 4 + 8 * 8, "mxfp4": 80 * 4 + 4 * 8, "fp8": 80 * 8, "bf16": 80 * 16}[name]
    assert found["dram_output_bytes"] * 8 == bits
    plain, _ = counts_of(arch._replace(quantise_output=0), product_for(arch, 4, 64, 20))
    assert [plain[one] for one in names] == [0, 0, 0]
    assert plain["dram_output_bytes"] == 4 * 80


@settings(max_examples=60, deadline=None)
@given(machines.filter(lambda arch: arch.dram is not None), *SIZES)
def test_lines_hold_the_bytes(arch, tokens, inputs, outputs):
    """Each part begins a line; the simulated channel moves its share of each."""
    found, streams = counts_of(arch, product_for(arch, tokens, inputs, outputs))
    parts = [load for tile in streams.tiles for step in tile.steps for load in step.loads]
    parts += [tile.output for tile in streams.tiles]
    size = arch.dram.line_bytes
    assert found["dram_lines"] == sum(ceil(one.part.bytes / size) for one in parts)
    assert all(one.lines == ceil(ceil(one.part.bytes / size) / arch.memory_channels) for one in parts)
    assert MACHINE.dram_bytes(arch, run(arch, streams).counts) == sum(one.part.bytes for one in parts)


@settings(max_examples=60, deadline=None)
@given(machines.map(lambda arch: arch._replace(dram=None)), *SIZES)
def test_cycles_without_a_memory_are_those_of_the_tiles(arch, tokens, inputs, outputs):
    (streams,) = layout(arch, product_for(arch, tokens, inputs, outputs))
    found = run(arch, streams)
    arch = folded(arch, tokens, outputs)
    tiles = [
        min(arch.rows, tokens - row) * min(arch.columns, outputs - column)
        for column in range(0, outputs, arch.columns)
        for row in range(0, tokens, arch.rows)
    ]
    steps = sum(
        ceil(kept(arch, min(arch.tile_k, inputs - first)) / arch.depth) for first in range(0, inputs, arch.tile_k)
    )
    drains = sum(arch.pipeline_stages + ceil(size / arch.drain_width) for size in tiles)
    assert found.cycles == len(tiles) * steps + drains
    assert int(found.reasons.compute.sum()) == len(tiles) * steps == int(found.counts.array_cycles.sum())
