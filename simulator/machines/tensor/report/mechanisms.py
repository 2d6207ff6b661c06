"""Why the tensor engine takes longer than its products over all dot units: its mechanisms, each made ideal in turn."""

from collections.abc import Callable
from typing import Any

import numpy as np

from simulator.core.mechanisms import COUNTED, SIMULATED, Case, Mechanism
from simulator.core.run import chain
from simulator.machines.tensor.arch import PRODUCTS, Arch
from simulator.machines.tensor.layout.gathering import nonzero
from simulator.machines.tensor.rates import ideal_cycles
from workloads.kinds.attention.layer import CompressedAttention
from workloads.kinds.matrix_product.layer import CompressedProduct

AT_ONCE = 1 << 20
"""Numbers or sums in a cycle: the most of each that a configuration may have."""

Layout = Callable[[Arch, Any], tuple[Any, ...]]
Engine = Callable[[Arch, Any, int, bool], Any]


def mechanisms(layout: Layout, run: Engine) -> tuple[Mechanism, ...]:
    """In the order in which they are made ideal. layout, run: the machine's own, of a layer and of a pass."""

    def again(case: Case, arch: Arch) -> Case:
        """The case after another run; of the events only cycles of updates depend on what takes time."""
        if arch == case.arch:
            return case
        passes = layout(arch, case.layer)
        found = chain([run(arch, one, 0, False) for one in passes])
        counts = case.counts._replace(update_cycles=found.counts.update_cycles)
        return case._replace(arch=arch, passes=passes, cycles=found.cycles, counts=counts)

    def memory(case: Case) -> Case:
        return again(case, case.arch._replace(dram=None))

    def vector_unit(case: Case) -> Case:
        return again(case, case.arch._replace(vector_lanes=AT_ONCE))

    def drain(case: Case) -> Case:
        return again(case, case.arch._replace(drain_width=AT_ONCE, pipeline_stages=0))

    return (
        Mechanism("memory", "operands are on their way, or outputs are being written", "operands and room for outputs "
                  "in no time", SIMULATED, memory, True),
        Mechanism("vector unit", "maxima, powers of two, divisions", f"{AT_ONCE:,} numbers in a cycle",
                  SIMULATED, vector_unit, True),
        Mechanism("drain", "sums leave the pipeline and the accumulators of a tile", f"{AT_ONCE:,} sums in a cycle",
                  SIMULATED, drain, True),
        Mechanism("hand-over", "a cycle for each drain, and units that wait for each other",
                  "cycles of products or updates only", COUNTED, _hand_over),
        Mechanism("fragmentation", "arrays that tiles do not fill, steps that end within a cycle; with dual_side 1 "
                  "groups that are not full, and blocks that wait for the slowest",
                  "all products over all dot units, rounded up", COUNTED, _fragmentation),
        Mechanism("zeros", "products with a zero weight or a zero activation; of matrix products with values only",
                  "products of two non-zeros, over all dot units, rounded up", COUNTED, _zeros),
    )  # fmt: skip


def _hand_over(case: Case) -> Case:
    """Cycles of the arrays, which share the work of attention, and of updates."""
    arrays = case.arch.arrays if isinstance(case.layer, CompressedAttention) else 1
    multiply, update = int(case.counts.array_cycles.sum()), int(case.counts.update_cycles.sum())
    return case._replace(cycles=-(-multiply // arrays) + update)


def _fragmentation(case: Case) -> Case:
    return case._replace(cycles=_ideal(case))


def _ideal(case: Case) -> int:
    """Cycles in which every dot unit multiplies, rounded up."""
    ideal = ideal_cycles(case.arch, case.counts)
    return -(-ideal.numerator // ideal.denominator)


def _zeros(case: Case) -> Case:
    layer = case.layer
    if not isinstance(layer, CompressedProduct) or layer.active is not None:
        return case
    pairs = int(nonzero(layer.weight).sum(axis=0) @ nonzero(layer.activation).sum(axis=0))
    (event,) = (name for name in PRODUCTS.values() if getattr(case.counts, name).any())
    without = case._replace(counts=case.counts._replace(**{event: np.array([pairs], np.int64)}))
    return without._replace(cycles=_ideal(without))
