"""ESE without stepping cycles: equal to the model, at a cost that grows with columns x PEs, once for all voices.

Every channel does the same at the same time, since no activation is skipped, and what it computes in a slot takes the
same cycles in every time step, since it depends on shapes alone: that is worked out once (see
`simulator.hardware.column_broadcast`). What memory delivers is worked out slot after slot, as DRAM has a state (see
`simulator.machines.ese.engine.timing`). All else is counting. The outputs are computed in
`simulator.machines.ese.engine.output`.
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numba import njit

from simulator.core.run import Run
from simulator.hardware.column_broadcast import serve
from simulator.machines.ese.arch import Arch
from simulator.machines.ese.engine.counts import count_cycles, count_events
from simulator.machines.ese.engine.output import compute
from simulator.machines.ese.engine.timing import Memory, Product, Timing, Work
from simulator.machines.ese.engine.trace import draw
from simulator.machines.ese.layout.streams import Matrix, Slot, Streams, places


def run(arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """Run one layer and return its cycles, output, counts, reasons, and the trace of its first cycles."""
    with ThreadPoolExecutor(1) as pool:
        output = pool.submit(compute, streams)
        return run_without_output(arch, streams, trace_cycles)._replace(output=output.result().ravel())


def run_without_output(arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """`run`, but the output has length 0: cycles and counts do not depend on any value."""
    timings = time_steps(arch, streams, streams.activation.shape[1])
    cycles = sum(timing.cycles for step in timings for timing in step)
    counts, reasons = count_events(arch, streams, timings[0]), count_cycles(arch, streams, timings)
    trace = draw(arch, streams, timings, min(cycles, trace_cycles))
    return Run(cycles, np.zeros(0, np.int16), counts, reasons, trace)


def time_steps(arch: Arch, streams: Streams, steps: int) -> list[list[Timing]]:
    """How long each part of each slot takes, for the first time steps of a run."""
    works = [_work(arch, streams, slot) for slot in streams.slots]
    weights, vectors = Memory(arch), Memory(arch)
    found: list[list[Timing]] = []
    now = 0
    for step in range(steps):
        found.append([])
        for slot, work in zip(streams.slots, works, strict=True):
            ours, theirs = places(streams, slot, step)
            timing = Timing(work, weights.deliver(ours, 0, now), vectors.deliver(theirs, slot.input_lines, now))
            found[-1].append(timing)
            now += timing.cycles
    return found


def _work(arch: Arch, streams: Streams, slot: Slot) -> Work:
    """How long a slot's computation takes."""
    product, product_cycles, assemble_cycles = None, 0, 0
    if slot.product:
        matrix = streams.matrices[slot.product]
        product = time_product(matrix, arch.queue_depth)
        product_cycles = int(product.end.max()) + arch.pipeline_cycles
        assemble_cycles = matrix.outputs + arch.pipeline_cycles
    element = -(-streams.layer.cells // arch.element_lanes) + arch.element_pipeline if slot.element else 0
    return Work(product, product_cycles, assemble_cycles, element)


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
