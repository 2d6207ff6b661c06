"""Why EIE takes longer than its entries over all PEs: its mechanisms, each made ideal after those before it."""

import numpy as np

from simulator.core.mechanisms import COUNTED, SIMULATED, Case, Mechanism
from simulator.core.run import chain
from simulator.machines.eie.arch import Arch
from simulator.machines.eie.engine import run_without_output
from simulator.machines.eie.layout.ideal import any_queue, one_batch, without_fills, without_zeros
from simulator.machines.eie.layout.streams import Streams


def _again(case: Case, arch: Arch, passes: tuple[Streams, ...]) -> Case:
    """The case after another run of the engine."""
    run = chain([run_without_output(arch, streams) for streams in passes])
    return case._replace(arch=arch, passes=passes, cycles=run.cycles, counts=run.counts)


def _memory(case: Case) -> Case:
    passes = tuple(map(without_fills, case.passes))
    same = all(one is other for one, other in zip(passes, case.passes, strict=True))
    return case if same else _again(case, case.arch, passes)


def _batching(case: Case) -> Case:
    if not case.arch.batching or (len(case.passes) == 1 and case.passes[0].load_cycles.size == 1):
        return case
    return _again(case, *one_batch(case.arch, case.layer))


def _queue(case: Case) -> Case:
    return _again(case, any_queue(case.arch, case.passes), case.passes)


def _scan(case: Case) -> Case:
    arch = case.arch._replace(scan_fill=0)
    found = _again(case, arch, tuple(without_zeros(streams) for streams in case.passes))
    return found._replace(counts=case.keep_counts(found.counts, "spmat_row_reads", "scale_row_reads"))


def _fixed(case: Case) -> int:
    """Cycles of a pass before its first entry and after its last, of all passes that broadcast anything."""
    return sum(bool(streams.activation.size) for streams in case.passes) * (2 + case.arch.pipeline_stages)


def _slices(case: Case) -> list[np.ndarray]:
    """The entries of each slice of the columns that are broadcast, int32 [columns, pes] for each pass."""
    return [np.diff(streams.pointer, axis=0) for streams in case.passes]


def _broadcast(case: Case) -> Case:
    served = sum(int(np.maximum(each, 1).sum(axis=0).max()) for each in _slices(case) if each.size)
    return case._replace(cycles=served + _fixed(case))


def _empty_slices(case: Case) -> Case:
    issued = sum(int(streams.pointer[-1].max()) for streams in case.passes)
    return case._replace(cycles=issued + _fixed(case))


def _unevenness(case: Case) -> Case:
    entries = int(case.counts.entries.sum())
    return case._replace(cycles=-(-entries // case.arch.pes) + _fixed(case))


def _start(case: Case) -> Case:
    return case._replace(cycles=case.cycles - _fixed(case))


def _padding(case: Case) -> Case:
    counts = case.counts
    useful = counts.entries - counts.padding
    counts = counts._replace(entries=useful, codebook_lookups=useful, padding=np.zeros_like(useful))
    return case._replace(cycles=-(-int(useful.sum()) // case.arch.pes), counts=counts)


MECHANISMS = (
    Mechanism("memory", "DRAM fills memories that do not hold the layer", "memories that hold it", SIMULATED, _memory,
              True),
    Mechanism(
        "batching",
        "vectors longer than the register files run in batches and passes",
        "register files that hold every vector",
        SIMULATED,
        _batching,
    ),
    Mechanism("queue", "a full queue of one PE stops the broadcast to all", "queues of any length", SIMULATED, _queue,
              True),
    Mechanism(
        "scan",
        "finding non-zero activations: the fill of the scan, and groups without a further one",
        "a control that has the next one in every cycle",
        SIMULATED,
        _scan,
        True,
    ),
    Mechanism(
        "broadcast", "a PE has served all that was sent, one column a cycle", "all columns at once", COUNTED, _broadcast
    ),
    Mechanism(
        "empty slices", "a cycle for a column in which a PE has no entry", "empty slices in no time", COUNTED,
        _empty_slices,
    ),
    Mechanism("unevenness", "the fullest PE has more entries than the mean", "the mean of all PEs, rounded up", COUNTED,
              _unevenness),
    Mechanism("start and drain", "the first broadcast, the last pointer read and the pipeline of each pass", "no time",
              COUNTED, _start),
    Mechanism("padding", "entries between zeros that the index cannot span", "weights only, over all PEs, rounded up",
              COUNTED, _padding),
)  # fmt: skip
"""In the order in which they are made ideal."""
