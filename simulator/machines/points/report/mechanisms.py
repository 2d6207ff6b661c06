"""Why the machine for pairs takes longer than its products over all multipliers."""

import numpy as np

from simulator.core.mechanisms import COUNTED, SIMULATED, Case, Mechanism
from simulator.machines.points.arch import Arch, passes_of
from simulator.machines.points.engine.mapping import map_layer
from simulator.machines.points.engine.timing import Work, times_of, work_of
from simulator.machines.points.layout import Streams


def _streams(case: Case) -> Streams:
    """The one pass."""
    (streams,) = case.passes
    return streams


def _work(case: Case) -> Work:
    """What each block takes, less what is ideal already."""
    if "work" not in case.shared:
        case.shared["work"] = work_of(case.arch, _streams(case))
    found: Work = case.shared["work"]
    return found


def _timed(case: Case, arch: Arch, work: Work, mapped: np.ndarray) -> Case:
    case.shared["work"], case.shared["mapped"] = work, mapped
    return case._replace(cycles=times_of(arch, _streams(case), work, mapped).cycles)


def _memory(case: Case) -> Case:
    """Gather and scatter take as long as their ports, and not as long as DRAM."""
    streams, work = _streams(case), _work(case)
    deep, wide = passes_of(case.arch, streams.layer.inputs, streams.layer.outputs)
    pairs = streams.end - streams.begin
    work = work._replace(gather=pairs * deep, scatter=pairs * deep * wide)
    return _timed(case, case.arch, work, map_layer(case.arch, streams.layer).end)


def _mapping(case: Case) -> Case:
    mapped = np.zeros(_streams(case).layer.geometry.offsets, np.int64)
    return _timed(case, case.arch, _work(case), mapped)


def _buffers(case: Case) -> Case:
    """What is left: the array."""
    return case._replace(cycles=int(_work(case).array.sum()))


def _loads(case: Case) -> Case:
    return case._replace(cycles=int(_work(case).stream.sum()))


def _empty(case: Case) -> Case:
    layer = _streams(case).layer
    deep, wide = passes_of(case.arch, layer.inputs, layer.outputs)
    counts = case.counts._replace(gated=np.zeros_like(case.counts.gated))
    return case._replace(cycles=layer.book.pairs * deep * wide, counts=counts)


def _fragments(case: Case) -> Case:
    return case._replace(cycles=-(-_streams(case).layer.multiplies // (case.arch.rows * case.arch.columns)))


MECHANISMS = (
    Mechanism("memory", "features, weights, pairs or sums are not there in time, or leave too slowly",
              "DRAM without limits", SIMULATED, _memory, True),
    Mechanism("mapping", "the pairs of an offset are not found yet", "pairs that are known", SIMULATED, _mapping),
    Mechanism("pipeline", "the array waits for its first block, or its last sums are added",
              "blocks one after the other", COUNTED, _buffers),
    Mechanism("loads", "few rows stream while the next weights load", "weights in no time", COUNTED, _loads),
    Mechanism("empty rows", "a tile streams rows for outputs without a pair at an offset", "rows of pairs only",
              COUNTED, _empty),
    Mechanism("fragmentation", "features do not fill the array's sides", "full sides, rounded up", COUNTED,
              _fragments),
)  # fmt: skip
"""In the order in which they are made ideal."""
