"""Layers whose network chose their format run as on a machine of that format."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.attentions import attention
from support.experts import drawn_experts
from support.products import FORMATS, PLAIN, form_of, given_product, machines
from support.tensor_twins import check

from simulator.core.registry import find
from simulator.core.run import first_difference
from simulator.machines.tensor import MACHINE
from workloads.errors import InputError
from workloads.kinds.attention.compress import compress_attention
from workloads.kinds.experts.compress import compress_experts
from workloads.kinds.matrix_product.compress import compress_product
from workloads.kinds.matrix_product.format import ProductFormat


def runs(arch, layer):
    """Cycles, counts and all else on the engine, with what the machine says of them."""
    machine = find("tensor")
    (streams,) = machine.layout(arch, layer)
    run = machine.run_engine(arch, streams, 100)
    return run, machine.figures(arch, run.cycles, run.counts), machine.roofline(arch, run.counts), streams.bytes


def same(arch, other, layer):
    """The layer in its own format on `arch` is the layer in the machine's format on `other`."""
    check(arch, layer)
    ours, theirs = runs(arch, layer), runs(other, layer._replace(own_format=False))
    assert first_difference(ours[0], theirs[0]) is None
    assert ours[1:] == theirs[1:]


@settings(max_examples=60, deadline=None)
@given(machines, st.sampled_from(FORMATS), st.booleans(), st.integers(1, 5), st.integers(1, 200))
def test_products(arch, name, two_of_four, tokens, inputs):
    layer = compress_product(given_product(1, tokens, inputs, 5), None, ProductFormat(name, two_of_four))
    other = arch._replace(weight_format=form_of(name), two_of_four=int(two_of_four))
    same(arch, other, layer._replace(own_format=True))


@settings(max_examples=24, deadline=None)
@given(machines, st.sampled_from(FORMATS), st.booleans(), st.booleans())
def test_experts(arch, name, two_of_four, gated):
    layer = compress_experts(drawn_experts(1, 3, 4, 2, 36, 9, gated), None, ProductFormat(name, two_of_four))
    other = arch._replace(weight_format=form_of(name), two_of_four=int(two_of_four))
    same(arch, other, layer._replace(own_format=True))


@settings(max_examples=24, deadline=None)
@given(machines, st.sampled_from(["bf16", "fp8", "nvfp4", "int4-g16", "mxfp8"]))
def test_attention(arch, name):
    other = arch._replace(cache_format=form_of(name))
    wanted = find("tensor").formats(other)["attention"]
    same(arch, other, compress_attention(attention(2, 4, 2, 3, 17, 18), None, wanted)._replace(own_format=True))


def test_without_it_another_format_is_refused():
    product = compress_product(given_product(0, 2, 64, 3), None, ProductFormat("fp8"))
    experts = compress_experts(drawn_experts(0), None, ProductFormat("fp8"))
    for layer in (product, experts):
        with pytest.raises(InputError, match="its weights are in fp8; expected nvfp4, which this machine reads"):
            find("tensor").layout(PLAIN, layer)
    wanted = find("tensor").formats(PLAIN)["attention"]._replace(cache_format="fp8")
    layer = compress_attention(attention(0), None, wanted)
    with pytest.raises(InputError, match="it is compressed with cache_format fp8; expected bf16"):
        find("tensor").layout(PLAIN, layer)
    with pytest.raises(InputError, match="tile_queries"):  # no format: it decides the order of sums
        find("tensor").layout(PLAIN._replace(tile_queries=3), layer._replace(own_format=True))


@settings(max_examples=60, deadline=None)
@given(machines, st.sets(st.sampled_from(["nvfp4", "fp8", "int8", "bf16"]), min_size=1))
def test_figures_of_a_run_with_several_widths(arch, names):
    """Each product takes the time of its own multipliers; a roofline's top is all products over that time."""
    total, products, time, bits = None, 0, Fraction(0), Fraction(0)
    for name in names:
        layer = compress_product(given_product(1, 3, 128, 4), None, ProductFormat(name))._replace(own_format=True)
        counts = runs(arch, layer)[0].counts
        total = counts if total is None else type(counts)(*map(np.add, total, counts))
        width = {"nvfp4": 4, "fp8": 8, "int8": 8, "bf16": 16}[name]
        depth = {4: arch.depth_4bit, 8: arch.depth_8bit, 16: arch.depth_16bit}[width]
        products += 3 * 128 * 4
        time += Fraction(3 * 128 * 4, depth)
        bits += 3 * 128 * 4 * width
    units = arch.arrays * arch.rows * arch.columns
    figures, roofline = MACHINE.figures(arch, 1000, total), MACHINE.roofline(arch, total)
    assert figures.theoretical_cycles == pytest.approx(float(time / units))
    assert figures.more["utilisation"] == pytest.approx(float(time / units / 1000))
    assert roofline.operations == 2 * products
    assert roofline.operations_per_cycle == pytest.approx(float(2 * units * products / time))
    if arch.dram is None:
        assert roofline.bytes_per_cycle == pytest.approx(
            float(arch.arrays * (arch.rows + arch.columns) * bits / time / 8)
        )
