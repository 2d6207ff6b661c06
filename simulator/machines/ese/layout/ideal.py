"""Layouts of a layer without one of the machine's units, which model and engine time like any other.

They are for cycles and counts: the arrays of single entries stay as they are, so that an output means nothing.
"""

from simulator.hardware import column_entries
from simulator.machines.ese.arch import Arch
from simulator.machines.ese.layout.streams import DistributedMatrix, Slot, Streams


def without_weight_fetches(slot: Slot) -> Slot:
    """A slot whose weights are in the buffers already."""
    return slot._replace(weight_lines=0, weight_ranges=())


def without_vector_fetches(slot: Slot) -> Slot:
    """A slot whose pointers, biases, peepholes and inputs are in the buffers already."""
    return slot._replace(vector_lines=0, input_lines=0, vector_ranges=())


def without_fetches(streams: Streams) -> Streams:
    """A layer that is in the buffers already."""
    slots = (without_weight_fetches(without_vector_fetches(slot)) for slot in streams.slots)
    return streams._replace(slots=tuple(slots))


def without_assembly(streams: Streams) -> Streams:
    """Products whose rows are put in order in no time."""
    return streams._replace(matrices={name: one._replace(outputs=0) for name, one in streams.matrices.items()})


def any_queue(arch: Arch, passes: tuple[Streams, ...]) -> Arch:
    """Queues that are never full: a slot for each column."""
    columns = max(one.inputs for streams in passes for one in streams.matrices.values())
    return arch._replace(queue_depth=max(arch.queue_depth, columns + 1))


def without_pe(streams: Streams, pe: int) -> Streams:
    """The layer without the entries of a PE, which then serves empty slices only."""
    return streams._replace(matrices={name: _without(one, pe) for name, one in streams.matrices.items()})


def _without(matrix: DistributedMatrix, pe: int) -> DistributedMatrix:
    pointer, padding, start = column_entries.without_pe(matrix.pointer, matrix.padding, matrix.start, pe)
    return matrix._replace(pointer=pointer, padding=padding, start=start)
