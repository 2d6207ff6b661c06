"""Why Cambricon takes longer than its products over all multipliers: each mechanism ideal after those before it."""

import numpy as np

from simulator.core.mechanisms import COUNTED, SIMULATED, Case, Mechanism
from simulator.machines.cambricon.engine.counts import counts_of
from simulator.machines.cambricon.engine.run import count_cycles
from simulator.machines.cambricon.engine.schedule import schedule
from simulator.machines.cambricon.engine.selection import JobCycles
from simulator.machines.cambricon.layout.ideal import wide_port, wide_windows, without_inputs, without_weights
from simulator.machines.cambricon.layout.streams import Streams

JOBS = "jobs"
"""What mechanisms share: the `JobCycles` of the run."""
OF_DATA = ("dram_weight_bytes", "dram_index_bytes", "dram_input_bytes", "dram_output_bytes", "port_chunks")


def _streams(case: Case) -> Streams:
    """The one pass."""
    (streams,) = case.passes
    return streams


def _jobs(case: Case) -> JobCycles:
    found: JobCycles = case.shared[JOBS]
    return found


def _again(case: Case) -> Case:
    """The case with the cycles of its jobs on its machine; they themselves do not change."""
    return case._replace(cycles=schedule(case.arch, _streams(case), _jobs(case).total, 0).cycles)


def _port(case: Case) -> Case:
    jobs = count_cycles(case.arch, _streams(case))
    return _again(case._replace(arch=wide_port(case.arch), shared={JOBS: jobs}))


def _buffers(case: Case) -> Case:
    return _again(case._replace(passes=(without_inputs(without_weights(_streams(case))),)))


def _busy(case: Case) -> np.ndarray:
    """Cycles of each selector's jobs, int64 [selectors]."""
    busy: np.ndarray = case.counts.neuron_reads + case.counts.step_reads
    return busy


def _start(case: Case) -> Case:
    return case._replace(cycles=int(_busy(case).max()))


def _mean(case: Case) -> Case:
    """The case whose jobs keep all selectors busy, rounded up to whole cycles."""
    return case._replace(cycles=-(-int(_busy(case).sum()) // case.arch.selectors))


def _steps(case: Case) -> Case:
    counts = case.counts._replace(step_reads=np.zeros_like(case.counts.step_reads))
    return _mean(case._replace(arch=case.arch._replace(step_rows=0), counts=counts))


def _windows(case: Case) -> Case:
    arch, streams = wide_windows(case.arch), _streams(case)
    counts = counts_of(arch, streams, count_cycles(arch, streams), 0)
    return _mean(case._replace(arch=arch, counts=case.keep_counts(counts, *OF_DATA)))


def _spread(case: Case, pairs: int, multipliers: int) -> Case:
    """The case whose pairs keep as many multipliers busy, rounded up to whole cycles."""
    return case._replace(cycles=-(-pairs // multipliers))


def _rounding(case: Case) -> Case:
    """With a shared selector, PE 0 has an output wherever any PE has one; own selectors are even by now."""
    pairs = case.counts.multiplies + case.counts.padding
    if case.arch.shared_selector:
        return _spread(case, int(pairs[0]), case.arch.multipliers)
    return _spread(case, int(pairs.sum()), case.arch.pes * case.arch.multipliers)


def _idle_pes(case: Case) -> Case:
    pairs = case.counts.multiplies + case.counts.padding
    return _spread(case, int(pairs.sum()), case.arch.pes * case.arch.multipliers)


def _zeros(case: Case) -> Case:
    counts = case.counts._replace(padding=np.zeros_like(case.counts.padding))
    pairs = int(counts.multiplies.sum())
    return _spread(case._replace(counts=counts), pairs, case.arch.pes * case.arch.multipliers)


MECHANISMS = (
    Mechanism("memory port", "weights, inputs or outputs wait for chunks of the port",
              "a port that moves in a cycle all that is asked for", SIMULATED, _port, True),
    Mechanism("buffers", "what is next is asked for when a slot of SB or a half of NBin is free, which PEs leave at "
              "different times", "SB and NBin that hold the layer", SIMULATED, _buffers),
    Mechanism("start and drain", "the first weights and inputs come, the last outputs leave", "no time", COUNTED,
              _start),
    Mechanism("unevenness", "the selector with most to do has more than the mean", "the mean of all, rounded up",
              COUNTED, _mean),
    Mechanism("steps", "cycles in which steps are read", "no such cycles", COUNTED, _steps),
    Mechanism("windows", "inputs or stored weights that a cycle passes over reach no further than a window",
              "windows of any width", SIMULATED, _windows),
    Mechanism("rounding", "the last selected inputs of a piece leave multipliers idle, and a piece without one takes "
              "a cycle", "full rows of multipliers, rounded up", COUNTED, _rounding),
    Mechanism("idle PEs", "outputs of a group that are no multiple of the PEs", "all PEs, rounded up", COUNTED,
              _idle_pes),
    Mechanism("zeros", "pairs with a zero that are multiplied", "products of two non-zeros only, rounded up", COUNTED,
              _zeros),
)  # fmt: skip
"""In the order in which they are made ideal."""
