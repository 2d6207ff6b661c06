"""Zeros of both operands skipped: twins and kernel agree, and cycles, products and bytes follow formulas."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.paths import EXAMPLES
from support.products import PLAIN, form_of, machines, memory
from support.tensor_twins import check

from simulator.config.formats import load_with_format
from simulator.config.load import load_arch
from simulator.core.run import totals
from simulator.machines.tensor import MACHINE
from workloads.errors import InputError
from workloads.kinds.experts.shapes import experts_of_shape
from workloads.kinds.matrix_product.compress import compress_product
from workloads.kinds.matrix_product.format import ProductFormat
from workloads.kinds.matrix_product.layer import MatrixProduct

ALLOWED = "fp16", "bf16", "fp8", "int8"
dual = st.builds(
    lambda arch, form: arch._replace(dual_side=1, two_of_four=0, weight_format=form_of(form)),
    machines,
    st.sampled_from(ALLOWED),
)
density = st.sampled_from([0.0, 0.1, 0.5, 1.0])
ONE = 8.0  # not zero in any format, whatever the scale of its tensor
WIDE = PLAIN._replace(
    dual_side=1, rows=64, columns=64, depth_16bit=4, tile_k=128, weight_format=form_of("fp16"), operand_capacity=1 << 30
)


def layer_of(arch, activation, weight, bias=None):
    given = MatrixProduct("drawn", weight.astype(np.float32), bias, activation.astype(np.float32), relu=False)
    return compress_product(given, None, ProductFormat(arch.weight_format.name))


def drawn(arch, seed, tokens, inputs, outputs, a=0.5, w=0.5):
    rng = np.random.default_rng(seed)
    activation = rng.standard_normal((tokens, inputs)) * (rng.random((tokens, inputs)) < a)
    weight = rng.standard_normal((outputs, inputs)) * (rng.random((outputs, inputs)) < w)
    return layer_of(arch, activation, weight, rng.standard_normal(outputs, dtype=np.float32))


def counts_of(arch, layer):
    (streams,) = MACHINE.layout(arch, layer)
    run = MACHINE.run_engine(arch, streams, output=False)
    return totals(run.counts), run


@settings(max_examples=2 * EXAMPLES, deadline=None)
@given(dual, st.integers(0, 1 << 30), st.integers(1, 7), st.integers(1, 150), st.integers(1, 9), density, density)
def test_twins_agree_with_the_kernel(arch, seed, tokens, inputs, outputs, a, w):
    check(arch, drawn(arch, seed, tokens, inputs, outputs, a, w))


@pytest.mark.parametrize(("rows", "columns", "folds"), [(40, 33, 1), (64, 64, 4), (1, 70, 1), (32, 32, 1)])
def test_twins_agree_on_arrays_of_several_blocks(rows, columns, folds):
    arch = WIDE._replace(rows=rows, columns=columns, folds=folds, dram=memory("lpddr5", 1000, 4, 8))
    for tokens in (1, 9, 45):
        check(arch, drawn(arch, tokens, tokens, 140, 50, 0.3, 0.6))


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.integers(0, 32), st.integers(0, 32), st.integers(1, 128))
def test_a_block_takes_groups_of_8_activations_times_groups_of_16_weights(a, w, depth):
    arch = WIDE._replace(rows=32, columns=32, depth_16bit=2)
    activation, weight = np.zeros((32, depth)), np.zeros((32, depth))
    activation[:a], weight[-w or 32 :] = ONE, ONE
    found, run = counts_of(arch, layer_of(arch, activation, weight))
    steps = -(-a // 8) * -(-w // 16) * depth
    assert found["array_cycles"] == max(1, -(-128 * steps // (32 * 32 * 2)))
    assert found["products_16bit"] == found["accumulations"] == a * w * depth
    assert int(run.reasons.compute[0]) == found["array_cycles"]


def test_without_zeros_it_takes_the_cycles_of_the_dense_array():
    layer = layer_of(WIDE, np.full((192, 300), ONE), np.full((128, 300), ONE))
    found, sparse = counts_of(WIDE, layer)
    dense, run = counts_of(WIDE._replace(dual_side=0), layer)
    assert sparse.cycles == run.cycles
    assert found["array_cycles"] == dense["array_cycles"]
    assert found["products_16bit"] == dense["products_16bit"] == 192 * 300 * 128
    assert found["dram_metadata_bytes"] > dense["dram_metadata_bytes"] == 0


def test_the_slowest_block_of_a_tile_decides():
    activation, weight = np.zeros((64, 64)), np.full((64, 64), ONE)
    activation[:32] = ONE
    half, _ = counts_of(WIDE, layer_of(WIDE, activation, weight))
    activation[32:] = ONE
    full, _ = counts_of(WIDE, layer_of(WIDE, activation, weight))
    assert half["array_cycles"] == full["array_cycles"] == 64 // 4
    assert 2 * half["products_16bit"] == full["products_16bit"]


def test_a_bitmap_and_the_codes_that_are_not_zero_are_stored():
    layer = drawn(WIDE, 3, 64, 256, 64, 0.25, 0.5)
    found, _ = counts_of(WIDE, layer)
    sizes = {
        what: np.count_nonzero(operand.code & 0x7FFF) * 2
        for what, operand in (("weight", layer.weight), ("activation", layer.activation))
    }
    assert found["dram_weight_bytes"] == sizes["weight"]
    assert found["dram_activation_bytes"] == sizes["activation"]
    assert found["dram_metadata_bytes"] == (64 * 256 + 64 * 256) // 8


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"weight_format": "nvfp4"}, "weight_format is nvfp4; expected fp16"),
        ({"weight_format": "ternary"}, "weight_format is ternary; expected fp16"),
        ({"weight_format": "fp16", "two_of_four": 1}, "dual_side is 1; expected 0 with two_of_four"),
        ({"weight_format": "fp16", "skip_zero_inputs": 1}, "dual_side is 1; expected 0 with two_of_four"),
    ],
)
def test_what_it_does_not_go_with(changes, sentence):
    with pytest.raises(InputError, match=sentence):
        load_arch("tensor", dual_side=1, **changes)


def test_experts_are_refused():
    arch = load_arch("tensor", dual_side=1, weight_format="fp8").arch
    layer = experts_of_shape("experts", "fp8", np.zeros((1, 1), np.int64), 2, 64, 64, False)
    with pytest.raises(InputError, match="dual_side 0"):
        MACHINE.layout(arch, layer)


@pytest.mark.parametrize("form", ALLOWED)
def test_a_format_comes_with_the_changes_that_need_it(form):
    """The file's own format has blocks, so that `dual_side` alone does not fit it."""
    with pytest.raises(InputError, match="weight_format is nvfp4; expected fp16, bf16, fp8 or int8"):
        load_arch("tensor", dual_side=1)
    config = load_with_format("tensor", {"dual_side": 1}, form)
    assert (config.arch.dual_side, config.arch.weight_format.name) == (1, form)
    assert config == load_arch("tensor", dual_side=1, weight_format=form)
    for wrong in ("nvfp4", "fp7"):
        with pytest.raises(InputError, match=f"weight_format is {wrong}"):
            load_with_format("tensor", {"dual_side": 1}, wrong)
