"""Why GAMMA takes longer than its products over all PEs: a run without DRAM's time, then formulas."""

from simulator.core.mechanisms import COUNTED, SIMULATED, Case, Mechanism
from simulator.core.run import chain
from simulator.machines.gamma.engine.run import run

AT_ONCE = 1 << 50
"""Bits of DRAM in a thousand cycles: the most that a configuration may have."""


def _memory(case: Case) -> Case:
    """Another run, in which other PEs may get the tasks; its merges in all are the same."""
    arch = case.arch._replace(dram_bits_per_kcycle=AT_ONCE, dram_latency=1)
    if arch == case.arch:
        return case
    found = chain([run(arch, streams, 0, output=False) for streams in case.passes])
    counts = case.counts._replace(merges=found.counts.merges)
    return case._replace(arch=arch, cycles=found.cycles, counts=counts)


def _lines(case: Case) -> Case:
    """The PE that merges most, without a wait."""
    return case._replace(cycles=int(case.counts.merges.max(initial=0)))


def _balance(case: Case) -> Case:
    return case._replace(cycles=-(-int(case.counts.merges.sum()) // case.arch.pes))


def _partial_rows(case: Case) -> Case:
    return case._replace(cycles=-(-int(case.counts.multiplies.sum()) // case.arch.pes))


MECHANISMS = (
    Mechanism("memory", "lines are on their way from DRAM, or it still writes", "DRAM in no time", SIMULATED, _memory,
              True),
    Mechanism("lines", "lines wait for a bank of the FiberCache, or for a PE's turn; no task is there",
              "the merges of the busiest PE, one a cycle", COUNTED, _lines),
    Mechanism("balance", "PEs merge unequally many elements", "merges spread evenly, rounded up", COUNTED, _balance),
    Mechanism("partial rows", "elements of rows with more terms than a merger takes are merged again",
              "products only, spread evenly, rounded up", COUNTED, _partial_rows),
)  # fmt: skip
"""In the order in which they are made ideal."""
