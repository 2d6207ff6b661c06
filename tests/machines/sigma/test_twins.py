"""SIGMA's model and engine are equal, and their cycles and counts are those of formulas over the zeros alone."""

from functools import partial

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from support.paths import EXAMPLES
from support.sigma_machines import machines, products
from support.twin_laws import check_order_and_length, check_twins

from simulator.machines.sigma import engine
from simulator.machines.sigma.arch import REASON_UNITS
from simulator.machines.sigma.layout import layout
from simulator.machines.sigma.model import units as model


def ceil(dividend, divisor):
    return -(-dividend // divisor)


def operands(arch, layer):
    """Which values of the stationary operand [rows, K] and of the streamed one [columns, K] are not zero."""
    pair = layer.weight.values() != 0, layer.activation.values() != 0
    return pair[::-1] if arch.stationary_activations else pair


class Slab:
    """What a slab takes by itself, of both operands in plain loops."""

    def __init__(self, arch, stationary, streamed):
        met = streamed.any(axis=0) | (not arch.filter_stationary)
        self.rows, self.width = stationary.shape
        self.given = int(stationary.sum())
        self.values = [(m, k) for m in range(self.rows) for k in range(self.width) if stationary[m, k] and met[k]]
        self.folds = [self.values[n : n + arch.size] for n in range(0, len(self.values), arch.size)]
        self.held = [int(column.sum()) for column in streamed if column.any() or not arch.skip_empty_columns]
        self.bits = [self.width + 16 * held for held in self.held]
        self.columns = [ceil(bits, arch.port_bits) for bits in self.bits]
        self.load_bits = (self.given * arch.stationary_bits + stationary.size) * bool(self.values)


def slabs_of(arch, layer):
    a, b = operands(arch, layer)
    return [Slab(arch, a[:, k : k + arch.slab], b[:, k : k + arch.slab]) for k in range(0, a.shape[1], arch.slab)]


@given(machines, products)
def test_model_and_engine_are_equal_and_right(arch, layer):
    (streams,) = layout(arch, layer)
    slow, fast = model.run(arch, streams, 10**6), engine.run(arch, streams, 10**6)
    check_twins(slow, fast, layer, REASON_UNITS)


@settings(max_examples=EXAMPLES // 2)
@given(machines, products, st.integers(0, 1 << 30))
def test_order_and_length_of_the_trace_do_not_matter(arch, layer, seed):
    (streams,) = layout(arch, layer)
    check_order_and_length(model, partial(engine.run, output=False), arch, streams, seed)


@given(machines, products)
def test_cycles_are_columns_and_loads(arch, layer):
    """Without DRAM; loads that end within a line of the port are rounded by fold, and each takes a cycle."""
    arch = arch._replace(wait_for_dram=0)
    slabs = slabs_of(arch, layer)
    folds = sum(len(slab.folds) for slab in slabs)
    latency = arch.distribution_stages + arch.multiply_stages + arch.accumulate_stages
    latency += [1, 2, 4, 8].index(arch.multipliers)
    columns = sum(len(slab.folds) * sum(slab.columns) for slab in slabs)
    loads = ceil(sum(slab.load_bits for slab in slabs), arch.port_bits)
    run = engine.run(arch, *layout(arch, layer))
    assert max(loads, folds) <= run.cycles - columns - latency <= loads + folds
    if arch.port_bits == 1:
        assert run.cycles == columns + loads + latency
    assert int(run.reasons.broadcast.sum()) == columns


@given(machines, products)
def test_counts_of_the_machine(arch, layer):
    (a, b), slabs = operands(arch, layer), slabs_of(arch, layer)
    counts = engine.run(arch, *layout(arch, layer)).counts
    assert counts.stationary_reads.tolist() == [sum(slab.given for slab in slabs if slab.folds)]
    assert counts.streamed_reads.tolist() == [sum(len(slab.folds) * sum(slab.held) for slab in slabs)]
    sent = sum(slab.load_bits + len(slab.folds) * sum(slab.bits) for slab in slabs)
    assert counts.port_bits.tolist() == [sent]
    again = sum(slab.width * (slab.rows * bool(slab.folds) + len(b) * len(slab.folds)) for slab in slabs)
    assert counts.bitmap_bits.tolist() == [a.size + b.size + again]
    assert int(counts.multiplies.sum()) == int((a.astype(int) @ b.astype(int).T).sum())
    assert counts.output_writes.tolist() == [len(a) * len(b)]


@given(machines, products)
def test_counts_of_each_flex_dpe(arch, layer):
    _, b = operands(arch, layer)
    found = np.zeros((5, arch.flex_dpes), int)
    for number, slab in enumerate(slabs_of(arch, layer)):
        streamed = b[:, number * arch.slab : (number + 1) * arch.slab]
        for fold in slab.folds:
            for dpe in range(arch.flex_dpes):
                mine = fold[dpe * arch.multipliers : (dpe + 1) * arch.multipliers]
                for column in streamed[streamed.any(axis=1)]:
                    rows, products_ = len({m for m, _ in mine}), sum(bool(column[k]) for _, k in mine)
                    found[1:, dpe] += products_, len(mine) - products_, rows, bool(mine)
                found[0, dpe] += len(mine)
    counts = engine.run(arch, *layout(arch, layer)).counts
    names = "stationary_loads", "multiplies", "gated", "accumulations", "column_steps"
    assert [getattr(counts, name).tolist() for name in names] == found.tolist()
    held, multiplies, gated, sums, _ = found
    assert counts.distributions.tolist() == (held + multiplies).tolist()
    assert counts.tree_additions.tolist() == (multiplies + gated - sums).tolist()


@given(machines, products)
def test_bytes_of_dram(arch, layer):
    sizes = [ceil(one.code.size + 16 * int((one.values() != 0).sum()), 8) for one in (layer.weight, layer.activation)]
    outputs = 4 * layer.tokens * layer.outputs
    spills = sum(sizes) + outputs > arch.sram_bytes
    counts = engine.run(arch, *layout(arch, layer)).counts
    assert counts.dram_weight_bytes.tolist() == sizes[:1]
    assert [counts.dram_input_bytes.tolist(), counts.dram_output_bytes.tolist()] == [
        [sizes[1] * spills],
        [outputs * spills],
    ]


@given(machines, products)
def test_dram_moves_no_more_than_it_can(arch, layer):
    arch = arch._replace(wait_for_dram=1)
    run = engine.run(arch, *layout(arch, layer))
    moved = sum(int(getattr(run.counts, f"dram_{what}_bytes").sum()) for what in ("weight", "input", "output"))
    busy = int(run.reasons.fetch.sum() + run.reasons.write.sum())
    assert 8 * moved * 1000 <= (busy + 3) * arch.dram_bits_per_kcycle + 3 * 8000
    free = engine.run(arch._replace(wait_for_dram=0), *layout(arch._replace(wait_for_dram=0), layer))
    assert free.cycles <= run.cycles <= free.cycles + busy
