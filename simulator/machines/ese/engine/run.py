"""ESE without stepping cycles: equal to the model, at a cost that grows with columns x PEs, once for all voices.

All channels run in lockstep, since no activation is skipped. The computation of a slot takes the same cycles in every
time step, since it depends on shapes only, and is timed once (see `simulator.hardware.column_broadcast`). The transfers
from memory are timed slot by slot, as DRAM has a state (see `simulator.machines.ese.engine.timing`). The outputs are
computed in `simulator.machines.ese.engine.output`.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numba import njit

from simulator.core.run import Run
from simulator.hardware.column_broadcast import schedule_columns
from simulator.machines.ese.arch import Arch
from simulator.machines.ese.engine.counts import count_cycles, count_events
from simulator.machines.ese.engine.output import compute_outputs
from simulator.machines.ese.engine.timing import Computation, MemoryChannel, Product, Timing
from simulator.machines.ese.engine.trace import draw
from simulator.machines.ese.layout.streams import DistributedMatrix, Slot, Streams, slot_lines


def run(arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """Run one layer; the trace holds its first `trace_cycles` cycles."""
    with ThreadPoolExecutor(1) as pool:
        output = pool.submit(compute_outputs, streams)
        return run_without_output(arch, streams, trace_cycles)._replace(output=output.result().ravel())


def run_without_output(arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """`run`, but the output has length 0: cycles and counts do not depend on any value."""
    timings = time_steps(arch, streams, streams.activation.shape[1])
    cycles = sum(timing.cycles for step in timings for timing in step)
    counts, reasons = count_events(arch, streams, timings[0]), count_cycles(arch, streams, timings)
    trace = draw(arch, streams, timings, min(cycles, trace_cycles))
    return Run(cycles, np.zeros(0, np.int16), counts, reasons, trace)


def time_steps(
    arch: Arch, streams: Streams, steps: int, computations: Sequence[Computation] | None = None
) -> list[list[Timing]]:
    """The timing of every slot in the first `steps` time steps of a run.

    computations: of each slot; None: as they are.
    """
    if computations is None:
        computations = [_time_computation(arch, streams, slot) for slot in streams.slots]
    weights, vectors = MemoryChannel(arch), MemoryChannel(arch)
    found: list[list[Timing]] = []
    now = 0
    for step in range(steps):
        found.append([])
        for slot, work in zip(streams.slots, computations, strict=True):
            weight_lines, vector_lines = slot_lines(streams, slot, step)
            delivery = weights.deliver(weight_lines, 0, now), vectors.deliver(vector_lines, slot.input_lines, now)
            timing = Timing(work, *delivery)
            found[-1].append(timing)
            now += timing.cycles
    return found


def _time_computation(arch: Arch, streams: Streams, slot: Slot) -> Computation:
    """The cycles of a slot's computation."""
    product, product_cycles, assemble_cycles = None, 0, 0
    if slot.product:
        matrix = streams.matrices[slot.product]
        product = time_product(matrix, arch.queue_depth)
        product_cycles = int(product.end.max()) + arch.pipeline_cycles
        assemble_cycles = matrix.outputs + arch.pipeline_cycles
    element = -(-streams.layer.cells // arch.element_lanes) + arch.element_pipeline if slot.element else 0
    return Computation(product, product_cycles, assemble_cycles, element)


def time_product(matrix: DistributedMatrix, queue_depth: int) -> Product:
    """The cycles in which the columns of a matrix are broadcast and served."""
    columns, pes = matrix.padding.shape
    broadcast, begin, end = np.empty(columns, np.int32), np.empty((columns, pes), np.int32), np.zeros(pes, np.int32)
    stall = np.zeros(columns, np.int32)
    schedule_columns(matrix.pointer, np.arange(columns), stall, queue_depth, broadcast, begin, end)
    padding, empty = np.zeros((2, pes), np.int64)
    _count_slices(matrix.pointer, matrix.padding, padding, empty)
    return Product(broadcast, begin, end, padding, empty)


@njit(cache=True)
def _count_slices(pointer, padding, pads, empty):  # type: ignore[no-untyped-def]
    """Count the padding entries and the empty slices of each PE, added to `pads` and `empty`, int64 [pes].

    pointer int32 [columns + 1, pes]; padding int32 [columns, pes].
    """
    for j in range(padding.shape[0]):
        for k in range(padding.shape[1]):
            pads[k] += padding[j, k]
            empty[k] += pointer[j + 1, k] == pointer[j, k]
