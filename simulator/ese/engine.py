"""ESE without stepping cycles: equal to the model, at a cost that grows with columns x PEs, once for all voices.

Every channel does the same at the same time, since no activation is skipped, and every time step takes the same cycles,
since a slot depends on shapes alone. So one channel's slots are worked out once (see `simulator.columns` for a product,
`simulator.ese.memory` for a fetch), and all else is counting. What is computed stands in `simulator.ese.compute`.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from simulator.accelerator import Run
from simulator.columns import serve
from simulator.ese.arch import Arch, Counts, Reasons
from simulator.ese.compute import compute
from simulator.ese.schedule import element_cost
from simulator.ese.streams import Matrix, Slot, Streams


class Product(NamedTuple):
    """When a product's columns are broadcast and served, from the slot's begin on."""

    broadcast: np.ndarray  # int32 [columns]
    begin: np.ndarray  # int32 [columns, pes]
    end: np.ndarray  # int32 [pes]: the cycle after a PE's last slice


class Timing(NamedTuple):
    """How long the parts of a slot take, each from the slot's begin on; the slot lasts as long as the longest."""

    product: Product | None
    product_cycles: int
    assemble_cycles: int
    element_cycles: int
    weight_cycles: int
    vector_cycles: int
    stalls: tuple[int, int]  # cycles in which a memory channel waits for its FIFO

    @property
    def cycles(self) -> int:
        """Of the slot."""
        parts = self.product_cycles, self.assemble_cycles, self.element_cycles, self.weight_cycles, self.vector_cycles
        return max(parts)


def run(arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """Run one layer and return its cycles, output, counts, reasons, and the trace of its first cycles."""
    return run_without_output(arch, streams, trace_cycles)._replace(output=compute(streams).ravel())


def run_without_output(arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """`run`, but the output has length 0: cycles and counts do not depend on any value."""
    from simulator.ese.drawing import draw

    timings = [time_slot(arch, streams, slot) for slot in streams.slots]
    cycles = streams.activation.shape[1] * sum(timing.cycles for timing in timings)
    counts, reasons = _counts(arch, streams), _reasons(arch, streams, timings)
    trace = draw(arch, streams, timings, min(cycles, trace_cycles))
    return Run(cycles, np.zeros(0, np.int16), counts, reasons, trace)


def time_slot(arch: Arch, streams: Streams, slot: Slot) -> Timing:
    """How long each part of a slot takes."""
    weights, weight_stall = _fetch(arch, slot.weight_lines, 0)
    vectors, vector_stall = _fetch(arch, slot.vector_lines, slot.input_lines)
    product, product_cycles, assemble_cycles = None, 0, 0
    if slot.product:
        matrix = streams.matrices[slot.product]
        product = time_product(matrix, arch.queue_depth)
        product_cycles = int(product.end.max()) + arch.pipeline_cycles
        assemble_cycles = matrix.outputs + arch.pipeline_cycles
    element = -(-streams.layer.cells // arch.element_lanes) + arch.element_pipeline if slot.element else 0
    stalls = weight_stall, vector_stall
    return Timing(product, product_cycles, assemble_cycles, element, weights, vectors, stalls)


def time_product(matrix: Matrix, queue_depth: int) -> Product:
    """When the columns of a matrix are broadcast and served."""
    columns, pes = matrix.padding.shape
    broadcast, begin, end = np.empty(columns, np.int32), np.empty((columns, pes), np.int32), np.zeros(pes, np.int32)
    serve(matrix.pointer, np.arange(columns), np.zeros(columns, np.int32), queue_depth, broadcast, begin, end)
    return Product(broadcast, begin, end)


def _fetch(arch: Arch, lines: int, narrow: int) -> tuple[int, int]:
    """Cycles of a fetch of so many lines, `narrow` more of which leave the FIFO slowly, and of waiting for the FIFO."""
    if lines + narrow == 0:
        return 0, 0
    done, sent = _pass(lines, narrow, arch.line_cycles, arch.line_bits // arch.input_path_bits, arch.fifo_lines)
    return done, sent - (lines + narrow) * arch.line_cycles


@njit(cache=True)
def _pass(lines, narrow, line_cycles, narrow_cycles, depth):  # type: ignore[no-untyped-def]
    """Let lines pass through a FIFO; the cycles after which the last is in the buffer, and the last was sent."""
    taken = np.empty(lines + narrow, np.int64)
    sent = done = 0
    for i in range(lines + narrow):
        sent = sent + line_cycles if i < depth else max(sent + line_cycles, taken[i - depth] + 2)
        taken[i] = max(sent, done)
        done = taken[i] + (1 if i < lines else narrow_cycles)
    return done, sent


def _counts(arch: Arch, streams: Streams) -> Counts:
    voices, steps, _ = streams.activation.shape
    slots = streams.slots
    products = [streams.matrices[slot.product] for slot in slots if slot.product]
    active = np.arange(arch.channels) < voices

    def each_channel(times: int) -> np.ndarray:
        return np.where(active, steps * times, 0)

    def each_pe(times: np.ndarray) -> np.ndarray:
        return np.outer(active, steps * times).ravel()

    costs = [element_cost(slot.element, streams.layer.peephole is not None) for slot in slots]
    elements = [sum(column) * streams.layer.cells for column in zip(*costs, strict=True)]
    columns = sum(matrix.inputs for matrix in products)
    served = np.full(arch.pes, columns, np.int64)
    entries = sum((matrix.pointer[-1].astype(np.int64) for matrix in products), np.zeros(arch.pes, np.int64))
    padding = sum((matrix.padding.sum(axis=0, dtype=np.int64) for matrix in products), np.zeros(arch.pes, np.int64))
    weight_lines = sum(slot.weight_lines for slot in slots)
    vector_lines = sum(slot.vector_lines + slot.input_lines for slot in slots)
    return Counts(
        broadcasts=each_channel(columns),
        queue_pushes=each_pe(served),
        queue_pops=each_pe(served),
        pointer_reads=steps * served,
        weight_reads=steps * entries,
        buffer_lines=np.array([steps * (weight_lines + vector_lines)], np.int64),
        entries=each_pe(entries),
        padding=each_pe(padding),
        multiplies=each_pe(entries - padding),
        accumulator_reads=each_pe(entries - padding),
        accumulator_writes=each_pe(entries - padding),
        assembled=each_channel(sum(matrix.outputs for matrix in products)),
        element_multiplies=each_channel(elements[0]),
        element_additions=each_channel(elements[1]),
        table_lookups=each_channel(elements[2]),
        state_reads=each_channel(elements[3]),
        state_writes=each_channel(elements[4]),
        dram_weight_lines=np.array([steps * weight_lines], np.int64),
        dram_vector_lines=np.array([steps * vector_lines], np.int64),
        dram_output_lines=np.array([streams.output_lines], np.int64),
    )


def _reasons(arch: Arch, streams: Streams, timings: list[Timing]) -> Reasons:
    """What is left of a unit's cycles when its own work is taken away is waiting, so sums suffice."""
    voices, steps, _ = streams.activation.shape
    step = sum(timing.cycles for timing in timings)
    active = np.arange(arch.channels) < voices
    busy, empty, starved, waiting = np.zeros((4, arch.pes), np.int64)
    sent = full = assembled = element = 0
    for slot, timing in zip(streams.slots, timings, strict=True):
        if timing.product is not None:
            matrix = streams.matrices[slot.product]
            entries, served = matrix.pointer[-1].astype(np.int64), timing.product.end.astype(np.int64)
            none = np.count_nonzero(np.diff(matrix.pointer, axis=0) == 0, axis=0)
            busy, empty = busy + entries, empty + none
            starved, waiting = starved + served - entries - none, waiting + timing.cycles - served
            sent += matrix.inputs
            full += int(timing.product.broadcast[-1]) + 1 - matrix.inputs
            assembled += matrix.outputs
        element += timing.element_cycles
    without = sum(timing.cycles for timing in timings if timing.product is None)
    memory = arch.line_cycles * np.array([sum(s.weight_lines for s in streams.slots), _vector_lines(streams)], np.int64)
    stalled = np.array([timing.stalls for timing in timings], np.int64).sum(axis=0)

    def each_pe(cycles: np.ndarray, idle: int) -> np.ndarray:
        return steps * np.where(active[:, None], cycles, idle).ravel()

    def each_channel(cycles: int, idle: int) -> np.ndarray:
        return steps * np.where(active, cycles, idle)

    return Reasons(
        busy=each_pe(busy, 0),
        empty_slice=each_pe(empty, 0),
        starved=each_pe(starved, 0),
        waiting=each_pe(waiting, 0),
        no_product=each_pe(np.full(arch.pes, without), step),
        broadcast=each_channel(sent, 0),
        queue_full=each_channel(full, 0),
        feeder_idle=each_channel(step - sent - full, step),
        assemble=each_channel(assembled, 0),
        assembler_idle=each_channel(step - assembled, step),
        element=each_channel(element, 0),
        element_idle=each_channel(step - element, step),
        fetch=steps * memory,
        fifo_full=steps * stalled,
        memory_idle=steps * (step - memory - stalled),
    )


def _vector_lines(streams: Streams) -> int:
    return sum(slot.vector_lines + slot.input_lines for slot in streams.slots)
