"""Why Eyeriss v2 takes longer than its products over all multipliers: each mechanism ideal after those before it."""

import numpy as np

from simulator.core.mechanisms import COUNTED, SIMULATED, Case, Mechanism
from simulator.machines.eyeriss_v2.engine.run import all_passes
from simulator.machines.eyeriss_v2.engine.schedule import schedule
from simulator.machines.eyeriss_v2.layout.streams import Streams

WORDS = "words"
"""What mechanisms share: words of weights that each PE reads, int64 [pes]."""


def _streams(case: Case) -> Streams:
    """The one pass."""
    (streams,) = case.passes
    return streams


def _memory(case: Case) -> Case:
    passes, _ = all_passes(case.arch, _streams(case))
    return case._replace(cycles=int(schedule(case.arch, _streams(case), passes).duration.sum()))


def _mesh(case: Case) -> Case:
    passes, _ = all_passes(case.arch, _streams(case))
    return case._replace(cycles=int(schedule(case.arch, _streams(case), passes).compute.sum()))


def _fill(case: Case) -> Case:
    passes, _ = all_passes(case.arch, _streams(case))
    return case._replace(cycles=int(passes.compute.sum()))


def _bubbles(case: Case) -> Case:
    arch = case.arch._replace(bubble=0)
    passes, totals = all_passes(arch, _streams(case))
    return case._replace(arch=arch, cycles=int(passes.compute.sum()), shared={WORDS: totals.work[0]})


def _words(case: Case) -> np.ndarray:
    found: np.ndarray = case.shared[WORDS]
    return found


def _barriers(case: Case) -> Case:
    return case._replace(cycles=int(_words(case).max()))


def _unevenness(case: Case) -> Case:
    return case._replace(cycles=-(-int(_words(case).sum()) // case.arch.pes))


def _odd_columns(case: Case) -> Case:
    return case._replace(cycles=-(-int(case.counts.multiplies.sum()) // (case.arch.pes * case.arch.simd)))


MECHANISMS = (
    Mechanism("memory", "weights, and inputs and outputs of DRAM, move between passes or longer than these",
              "all of it in no time", COUNTED, _memory, True),
    Mechanism("mesh", "inputs or sums of a pass move longer than its slowest PE works", "meshes of any width", COUNTED,
              _mesh),
    Mechanism("filling the pipeline", "each pass begins with an empty pipeline", "no time", COUNTED, _fill),
    Mechanism("bubbles", "inputs whose column of weights is empty", "no bubbles", SIMULATED, _bubbles),
    Mechanism("barriers", "each pass waits for its slowest PE", "one barrier at the end", COUNTED, _barriers),
    Mechanism("unevenness", "the PE with most work has more than the mean; PEs without a tile have none",
              "the mean of all PEs, rounded up", COUNTED, _unevenness),
    Mechanism("odd columns", "words of weights that are not full", "full words, over all multipliers, rounded up",
              COUNTED, _odd_columns),
)  # fmt: skip
"""In the order in which they are made ideal."""
