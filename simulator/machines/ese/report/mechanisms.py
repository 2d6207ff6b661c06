"""Why ESE takes longer than its weights over all PEs: its mechanisms, each made ideal after those before it.

All channels run in lockstep on the same weights, so that the PEs of one channel are counted.
"""

from collections.abc import Callable

import numpy as np

from simulator.core.mechanisms import COUNTED, SIMULATED, Case, Mechanism
from simulator.core.run import chain
from simulator.machines.ese.arch import Arch
from simulator.machines.ese.engine.run import run_without_output
from simulator.machines.ese.layout.ideal import any_queue, without_assembly, without_fetches
from simulator.machines.ese.layout.streams import DistributedMatrix, Streams

MEMORY_EVENTS = "buffer_lines", "dram_weight_lines", "dram_vector_lines", "dram_output_lines"


def _again(case: Case, arch: Arch, passes: tuple[Streams, ...], *kept: str) -> Case:
    """The case after another run of the engine; the events `kept` as they were."""
    run = chain([run_without_output(arch, streams) for streams in passes])
    counts = case.keep_counts(run.counts, *kept)
    return case._replace(arch=arch, passes=passes, cycles=run.cycles, counts=counts)


def _memory(case: Case) -> Case:
    return _again(case, case.arch, tuple(map(without_fetches, case.passes)), *MEMORY_EVENTS)


def _element(case: Case) -> Case:
    lanes = max(streams.layer.cells for streams in case.passes)
    arch = case.arch._replace(element_lanes=max(case.arch.element_lanes, lanes), element_pipeline=0)
    return _again(case, arch, case.passes, *MEMORY_EVENTS)


def _assembler(case: Case) -> Case:
    return _again(case, case.arch, tuple(map(without_assembly, case.passes)), *MEMORY_EVENTS, "assembled")


def _queue(case: Case) -> Case:
    return _again(case, any_queue(case.arch, case.passes), case.passes, *MEMORY_EVENTS, "assembled")


def _products(case: Case, served: Callable[[DistributedMatrix], int]) -> int:
    """The cycles of all products of all time steps, by those of one."""
    found = 0
    for streams in case.passes:
        step = sum(served(streams.matrices[slot.product]) for slot in streams.slots if slot.product)
        found += streams.activation.shape[1] * step
    return found


def _fixed(case: Case) -> int:
    """Cycles of slots before the first entry and after the last; a slot that only computes elements has one."""
    found = 0
    for streams in case.passes:
        products = sum(bool(slot.product) for slot in streams.slots)
        others = sum(bool(slot.element) and not slot.product for slot in streams.slots)
        found += streams.activation.shape[1] * (products * (1 + case.arch.pipeline_cycles) + others)
    return found


def _count(matrix: DistributedMatrix) -> np.ndarray:
    """Entries of each slice, int32 [columns, pes]."""
    return np.diff(matrix.pointer, axis=0)


def _broadcast(case: Case) -> Case:
    served = _products(case, lambda one: int(np.maximum(_count(one), 1).sum(axis=0).max()))
    return case._replace(cycles=served + _fixed(case))


def _empty_slices(case: Case) -> Case:
    return case._replace(cycles=_products(case, lambda one: int(one.pointer[-1].max())) + _fixed(case))


def _unevenness(case: Case) -> Case:
    entries = _products(case, lambda one: int(one.pointer[-1].sum()))
    return case._replace(cycles=-(-entries // case.arch.pes) + _fixed(case))


def _start(case: Case) -> Case:
    return case._replace(cycles=case.cycles - _fixed(case))


def _padding(case: Case) -> Case:
    useful = _products(case, lambda one: int(one.pointer[-1].sum()) - int(one.padding.sum()))
    counts = case.counts
    counts = counts._replace(entries=counts.entries - counts.padding, padding=np.zeros_like(counts.padding))
    return case._replace(cycles=-(-useful // case.arch.pes), counts=counts)


MECHANISMS = (
    Mechanism("memory", "a slot lasts until its fetches are done", "fetches in no time", SIMULATED, _memory, True),
    Mechanism(
        "element-wise", "operations on elements last longer than the product of their slot, or have one alone",
        "a lane for each cell, without a pipeline: a cycle", SIMULATED, _element, True,
    ),
    Mechanism("assembler", "results are put in order, a row a cycle", "rows in no time", SIMULATED, _assembler, True),
    Mechanism("queue", "a full queue of one PE stops the broadcast to all", "queues of any length", SIMULATED, _queue,
              True),
    Mechanism("broadcast", "a PE has served all that was sent, one column a cycle", "all columns of a product at once",
              COUNTED, _broadcast),
    Mechanism("empty slices", "a cycle for a column in which a PE has no entry", "empty slices in no time", COUNTED,
              _empty_slices),
    Mechanism("unevenness", "each product waits for its fullest PE", "the mean of all PEs and products, rounded up",
              COUNTED, _unevenness),
    Mechanism("start and drain", "the first broadcast and the pipeline of each product, a cycle of each other slot",
              "no time", COUNTED, _start),
    Mechanism("padding", "entries between zeros that the index cannot span",
              "weights only, over all PEs of a channel, rounded up", COUNTED, _padding),
)  # fmt: skip
"""In the order in which they are made ideal."""
