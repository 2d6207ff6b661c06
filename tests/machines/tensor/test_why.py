"""Why the tensor engine takes as long as it does: runs without memory and drains, formulas, and brute force."""

from fractions import Fraction
from math import ceil

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from support.attentions import attention, attention_for
from support.products import folded, machines, product_for, product_with_zeros, skipping
from support.state_spaces import state_space, state_space_for
from support.why_laws import cycles_by_step

from simulator.config.load import load_arch
from simulator.core.run import chain
from simulator.machines.tensor import MACHINE

NAMES = ("memory", "vector unit", "drain", "hand-over", "fragmentation", "zeros")


def stack(arch, layer):
    """The run's cycles, and those after each mechanism, by name; and the last case."""
    passes = MACHINE.layout(arch, layer)
    run = chain([MACHINE.run_engine(arch, one, 0, False) for one in passes])
    cycles, last = cycles_by_step(MACHINE, arch, layer, passes, run)
    assert tuple(cycles) == NAMES
    return run.cycles, cycles, last


def modelled(arch, layer):
    """Cycles of the SimPy model."""
    return sum(MACHINE.run_model(arch, one).cycles for one in MACHINE.layout(arch, layer))


@given(
    machines | skipping, st.integers(0, 1 << 30), st.integers(1, 7), st.integers(1, 200), st.integers(1, 9),
    st.sampled_from([0.1, 0.6, 1.0]),
)  # fmt: skip
def test_steps_of_a_product_are_runs_and_formulas(arch, seed, tokens, inputs, outputs, density):
    layer = product_with_zeros(arch, tokens, inputs, outputs, density=density, seed=seed)
    _, cycles, last = stack(arch, layer)
    alone = arch._replace(dram=None)
    assert cycles["memory"] == cycles["vector unit"] == modelled(alone, layer)
    assert cycles["drain"] == modelled(alone._replace(drain_width=1 << 20, pipeline_stages=0), layer)
    seen, kept = folded(arch, tokens, outputs), 4 - 2 * arch.two_of_four
    depths = [min(seen.tile_k, inputs - first) for first in range(0, inputs, seen.tile_k)]
    stored = [places // 4 * kept + min(places % 4, kept) for places in depths]
    tiles = -(-tokens // seen.rows) * -(-outputs // seen.columns)
    assert cycles["hand-over"] == tiles * sum(-(-each // arch.depth) for each in stored)
    assert cycles["drain"] - cycles["hand-over"] == tiles  # a drain takes a cycle at least
    units = arch.arrays * arch.rows * arch.columns * arch.depth
    assert cycles["fragmentation"] == -(-tokens * outputs * sum(stored) // units)
    weight, given_ = (operand.values() != 0 for operand in (layer.weight, layer.activation))
    pairs = sum(int((weight & row).sum()) for row in given_)
    assert cycles["zeros"] == -(-pairs // units)
    assert sum(int(getattr(last.counts, name).sum()) for name in last.counts._fields if "products" in name) == pairs


def test_work_never_grows_from_step_to_step():
    arch = load_arch("tensor").arch
    layer = product_for(arch, 5, 300, 7)
    total, cycles, _ = stack(arch, layer)
    each = [total, *cycles.values()]
    assert each == sorted(each, reverse=True)


@given(machines, st.integers(0, 1 << 30), st.integers(1, 6), st.integers(1, 20))
def test_steps_of_attention_are_runs_of_the_model(arch, seed, queries, keys):
    layer = attention_for(arch, attention(seed, queries=queries, keys=keys))
    _, cycles, last = stack(arch, layer)
    alone = arch._replace(dram=None)
    assert cycles["memory"] == modelled(alone, layer)
    quick = alone._replace(vector_lanes=1 << 20)
    assert cycles["vector unit"] == modelled(quick, layer)
    assert cycles["drain"] == modelled(quick._replace(drain_width=1 << 20, pipeline_stages=0), layer)
    depth = {"fp4": arch.depth_4bit, "fp8": arch.depth_8bit, "int8": arch.depth_8bit, "16bit": arch.depth_16bit}
    each = [Fraction(int(getattr(last.counts, f"products_{name}").sum()), by) for name, by in depth.items()]
    assert cycles["fragmentation"] == cycles["zeros"] == ceil(sum(each) / (arch.arrays * arch.rows * arch.columns))


@given(machines, st.integers(0, 1 << 30))
def test_steps_of_a_state_space_end_in_its_updates(arch, seed):
    layer = state_space_for(arch, state_space(seed))
    _, cycles, last = stack(arch, layer)
    assert cycles["memory"] == modelled(arch._replace(dram=None), layer)
    assert cycles["zeros"] == -(-int(last.counts.state_multiplies.sum()) // arch.vector_multiplies)
    assert not np.any(last.counts.array_cycles)
