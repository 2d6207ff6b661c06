"""Why a dense machine takes longer than its non-zero products over all multipliers: formulas, as its engine is one."""

import numpy as np

from simulator.core.mechanisms import COUNTED, SIMULATED, Case, Mechanism
from simulator.machines.dense.engine import busy_cycles, group_starts, non_zero_pairs
from simulator.machines.dense.layout import Streams


def _streams(case: Case) -> Streams:
    """The one pass."""
    (streams,) = case.passes
    return streams


def _memory(case: Case) -> Case:
    streams = _streams(case)._replace(load_cycles=np.zeros_like(_streams(case).load_cycles))
    _, cycles = group_starts(streams, busy_cycles(streams).max(axis=1))
    return case._replace(passes=(streams,), cycles=cycles)


def _barriers(case: Case) -> Case:
    return case._replace(cycles=int(busy_cycles(_streams(case)).sum(axis=0).max()))


def _unevenness(case: Case) -> Case:
    return case._replace(cycles=-(-int(case.counts.dot_products.sum()) // case.arch.pes))


def _spread(case: Case, pairs: int) -> Case:
    """The case whose pairs keep all multipliers busy, rounded up to whole cycles."""
    return case._replace(cycles=-(-pairs // (case.arch.pes * case.arch.multipliers)))


def _fragmentation(case: Case) -> Case:
    return _spread(case, int(case.counts.multiplies.sum() + case.counts.gated.sum()))


def _zeros(case: Case) -> Case:
    counts = case.counts
    pairs, all_pairs = non_zero_pairs(_streams(case)), counts.multiplies + counts.gated
    gated = (all_pairs - pairs) * case.arch.gate_zeros
    return _spread(case._replace(counts=counts._replace(multiplies=pairs, gated=gated)), int(pairs.sum()))


MECHANISMS = (
    Mechanism("memory", "a group's weights are not loaded when the group before ends", "weights in no time", SIMULATED,
              _memory, True),
    Mechanism("barriers", "each group of output channels waits for its slowest PE", "one barrier at the end", COUNTED,
              _barriers),
    Mechanism("unevenness", "the largest tile has more dot products than the mean", "the mean of all PEs, rounded up",
              COUNTED, _unevenness),
    Mechanism("fragmentation", "dot products shorter than the PE has multipliers", "full vectors, rounded up", COUNTED,
              _fragmentation),
    Mechanism("zeros", "products with a zero weight or a zero activation",
              "products of two non-zeros only, over all multipliers, rounded up", COUNTED, _zeros),
)  # fmt: skip
"""In the order in which they are made ideal."""
