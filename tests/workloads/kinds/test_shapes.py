"""Layers of a shape take no memory, and time and count as layers with values."""

import tracemalloc

import numpy as np
import pytest
from support.attentions import attention, attention_for
from support.products import FORMATS, PLAIN, form_of, memory, product_for

from simulator.core.registry import find
from simulator.core.run import first_difference
from workloads.kinds.attention.format import AttentionFormat
from workloads.kinds.attention.shapes import attention_of_shape
from workloads.kinds.experts.shapes import experts_of_shape
from workloads.kinds.matrix_product.shapes import product_of_shape


def timed(arch, layer):
    """A run without an output."""
    machine = find("tensor")
    (streams,) = machine.layout(arch, layer)
    return machine.run_engine(arch, streams, 50, output=False)


@pytest.mark.parametrize("two_of_four", [0, 1])
@pytest.mark.parametrize("name", FORMATS)
def test_a_product_of_a_shape_runs_as_one_with_values(name, two_of_four):
    arch = PLAIN._replace(weight_format=form_of(name), two_of_four=two_of_four, dram=memory("hbm3", 1000, 4, 8))
    shape = product_of_shape("p", name, 3, 150, 5, bool(two_of_four))
    real = product_for(arch, 3, 150, 5, bias=False)
    assert first_difference(timed(arch, shape), timed(arch, real)) is None
    assert shape.stored_bits == real.stored_bits or name.startswith("codebook")  # whose table has an entry a level


@pytest.mark.parametrize("name", ["bf16", "fp8", "nvfp4-16x16"])
def test_attention_of_a_shape_runs_as_one_with_values(name):
    arch = PLAIN._replace(cache_format=form_of(name), skip_thousandths=0, dram=memory("hbm3", 1000, 4, 8))
    form = AttentionFormat(name, arch.tile_queries, arch.block_keys)
    shape = attention_of_shape("a", form, 4, 2, 3, 9, 8, causal=True)
    real = attention_for(arch, attention(0, 4, 2, 3, 9, 8, causal=True))
    assert first_difference(timed(arch, shape), timed(arch, real)) is None


def test_large_shapes_take_no_memory():
    tracemalloc.start()
    try:
        choice = np.arange(512).reshape(4, 128)
        layers = [
            product_of_shape("p", "nvfp4", 4096, 1 << 16, 1 << 18),
            attention_of_shape("a", AttentionFormat("fp8"), 1024, 64, 4096, 1 << 20, 128, causal=False),
            experts_of_shape("e", "nvfp4", choice, 512, 8192, 5120, gated=True),
        ]
        assert tracemalloc.get_traced_memory()[0] < 1 << 20
    finally:
        tracemalloc.stop()
    assert layers[2].dense_operations == 2 * 4 * 128 * 3 * 8192 * 5120
