"""Why SCNN takes longer than its products over all multipliers: each mechanism ideal after those before it.

Rounds are simulated by the engine; those of a run without memory are used for the post-processing units, too, as a
round does not depend on them.
"""

import numpy as np

from simulator.core.mechanisms import COUNTED, SIMULATED, Case, Mechanism
from simulator.machines.scnn.engine.counts import RoundCounts, bandwidth_loader, time_rounds
from simulator.machines.scnn.engine.run import time_run
from simulator.machines.scnn.layout.ideal import any_fifo, wide_post_processing, without_memory
from simulator.machines.scnn.layout.streams import Streams

ROUNDS = "rounds"
"""What mechanisms share: the `RoundCounts` of the rounds without memory, later with FIFOs of any length."""


def _streams(case: Case) -> Streams:
    """The one pass."""
    (streams,) = case.passes
    return streams


def _rounds(case: Case) -> list[RoundCounts]:
    found: list[RoundCounts] = case.shared[ROUNDS]
    return found


def _memory(case: Case) -> Case:
    arch, streams = without_memory(case.arch, _streams(case))
    rounds, plan = time_run(arch, streams)
    return case._replace(arch=arch, passes=(streams,), cycles=plan.cycles, shared={ROUNDS: rounds})


def _post_processing(case: Case) -> Case:
    arch = wide_post_processing(case.arch)
    cycles = [int(one.ends.max()) for one in _rounds(case)]
    plan = time_rounds(arch, _streams(case), lambda number, _: cycles[number], bandwidth_loader(_streams(case)))
    return case._replace(arch=arch, cycles=plan.cycles)


def _fifo(case: Case) -> Case:
    arch = any_fifo(case.arch, _streams(case))
    rounds, plan = time_run(arch, _streams(case))
    reads = np.sum([one.vectors for one in rounds], axis=0)
    counts = case.counts._replace(iaram_reads=reads)
    return case._replace(arch=arch, cycles=plan.cycles, counts=counts, shared={ROUNDS: rounds})


def _banks(case: Case) -> Case:
    cycles = [int((one.steps + one.starved).max()) for one in _rounds(case)]
    plan = time_rounds(case.arch, _streams(case), lambda number, _: cycles[number], bandwidth_loader(_streams(case)))
    return case._replace(cycles=plan.cycles)


def _steps(case: Case) -> np.ndarray:
    """Steps, int64 [rounds, pes]."""
    return np.array([one.steps for one in _rounds(case)])


def _start(case: Case) -> Case:
    return case._replace(cycles=int(_steps(case).max(axis=1).sum()))


def _barriers(case: Case) -> Case:
    return case._replace(cycles=int(_steps(case).sum(axis=0).max()))


def _unevenness(case: Case) -> Case:
    return case._replace(cycles=-(-int(_steps(case).sum()) // case.arch.pes))


def _spread(case: Case, products: int) -> Case:
    """The case whose products keep all multipliers busy, rounded up to whole cycles."""
    return case._replace(cycles=-(-products // (case.arch.pes * case.arch.multipliers)))


def _fragmentation(case: Case) -> Case:
    return _spread(case, int(case.counts.entries.sum()))


def _zeros(case: Case) -> Case:
    return _spread(case, int(case.counts.multiplies.sum()))


MECHANISMS = (
    Mechanism("memory", "weights from DRAM are late, the next band is not loaded, or the path to the FIFOs is narrow",
              "DRAM and path in no time (a thousand vectors a cycle); bytes stay", SIMULATED, _memory, True),
    Mechanism("post-processing", "PEs wait for the units that drain, rectify and compress a round before; the last",
              "units that take a round's sums in a cycle", SIMULATED, _post_processing),
    Mechanism("weight FIFO", "the broadcast waits for the slowest PE, whose FIFO is full", "FIFOs of any length",
              SIMULATED, _fifo),
    Mechanism("bank conflicts", "products wait in the queues of their banks: full queues, and queues that drain",
              "banks that take any number of products at once", COUNTED, _banks),
    Mechanism("start and drain", "the first broadcast of a round, and the last post-processing", "no time", COUNTED,
              _start),
    Mechanism("barriers", "each round waits for its slowest PE", "one barrier at the end", COUNTED, _barriers),
    Mechanism("unevenness", "the fullest PE has more steps than the mean", "the mean of all PEs, rounded up", COUNTED,
              _unevenness),
    Mechanism("fragmentation", "vectors of weights and activations that are not full", "full vectors, rounded up",
              COUNTED, _fragmentation),
    Mechanism("stored zeros", "products with a stored zero: placeholders, or what is not skipped",
              "products of two non-zeros only, over all multipliers, rounded up", COUNTED, _zeros),
)  # fmt: skip
"""In the order in which they are made ideal."""
