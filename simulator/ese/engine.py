"""ESE without stepping cycles: equal to the model, at a cost that grows with columns x PEs, once for all voices.

Every channel does the same at the same time, since no activation is skipped, and every time step takes the same cycles,
since a slot depends on shapes alone. So one channel's slots are worked out once (see `simulator.columns` for a product,
`simulator.ese.timing` for a fetch), and all else is counting. What is computed stands in `simulator.ese.compute`.
"""

import numpy as np
from numba import njit

from simulator.accelerator import Run
from simulator.columns import serve
from simulator.ese.arch import Arch
from simulator.ese.compute import compute
from simulator.ese.counting import count_cycles, count_events
from simulator.ese.drawing import draw
from simulator.ese.streams import Matrix, Slot, Streams
from simulator.ese.timing import Product, Timing, deliver_lines


def run(arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """Run one layer and return its cycles, output, counts, reasons, and the trace of its first cycles."""
    return run_without_output(arch, streams, trace_cycles)._replace(output=compute(streams).ravel())


def run_without_output(arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """`run`, but the output has length 0: cycles and counts do not depend on any value."""
    timings = [time_slot(arch, streams, slot) for slot in streams.slots]
    cycles = streams.activation.shape[1] * sum(timing.cycles for timing in timings)
    counts, reasons = count_events(arch, streams, timings), count_cycles(arch, streams, timings)
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
    padding, empty = np.zeros((2, pes), np.int64)
    _tally(matrix.pointer, matrix.padding, padding, empty)
    return Product(broadcast, begin, end, padding, empty)


@njit(cache=True)
def _tally(pointer, padding, pads, empty):  # type: ignore[no-untyped-def]
    """Add up what the slices of each PE hold of padding, and how many hold nothing."""
    for j in range(padding.shape[0]):
        for k in range(padding.shape[1]):
            pads[k] += padding[j, k]
            empty[k] += pointer[j + 1, k] == pointer[j, k]


def _fetch(arch: Arch, lines: int, narrow: int) -> tuple[int, int]:
    """Cycles of a fetch of so many lines, `narrow` more of which leave the FIFO slowly, and of waiting for the FIFO."""
    if lines + narrow == 0:
        return 0, 0
    sent, done = deliver_lines(arch, lines, narrow)
    return done, int(sent[-1]) - sent.size * arch.line_cycles
