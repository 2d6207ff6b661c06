"""The layout of a compressed LSTM on ESE: the data that memory channels deliver and PEs read."""

from itertools import accumulate, pairwise
from typing import NamedTuple

import numpy as np

from simulator.machines.ese.arch import Arch
from simulator.machines.ese.layout.schedule import PaperSlot, time_step
from workloads.compression.packing import count_lines
from workloads.compression.relative_index import encode
from workloads.errors import InputError
from workloads.kinds import expect
from workloads.kinds.kind import CompressedLayer
from workloads.kinds.lstm.layer import CompressedLstm, CompressedLstmLayer, SparseMatrix

MOST_CYCLES = 1 << 31
"""The engine counts a slot's cycles in 32 bits."""
MOST_SLICES = 1 << 27
"""More would take over 1.5 GiB of pointers and counts."""


class DistributedMatrix(NamedTuple):
    """A matrix distributed over the PEs: row i is on PE i mod pes (see `workloads.compression.relative_index`)."""

    pointer: np.ndarray  # int32 [columns + 1, pes]: the address of each slice's first entry on its PE
    padding: np.ndarray  # int32 [columns, pes]: padding entries in each slice
    start: np.ndarray  # int64 [columns + 1]: the index of a column's first entry in `word`, `zeros` and `row`
    word: np.ndarray  # int16 [entries], 0 = padding
    zeros: np.ndarray  # uint8 [entries]: zeros before the entry
    row: np.ndarray  # uint32 [entries]
    inputs: int
    outputs: int
    shift: int
    lines: int  # of entries in memory
    pointer_lines: int


class Slot(NamedTuple):
    """What runs at the same time; an empty name or zero means that nothing does."""

    state: int
    slot: int
    product: str
    element: str
    weights: str  # the fetched matrices, in brackets if it is the rest of a matrix
    vectors: str  # the fetched vectors; P: pointers
    weight_lines: int  # on the first memory channel
    vector_lines: int  # on the second one: pointers, biases, peepholes
    input_lines: int  # after them: x of all voices, over a narrower path
    weight_ranges: tuple[range, ...]  # the lines that the first channel reads
    vector_ranges: tuple[range, ...]  # the lines that the second channel reads, without those of x


class Streams(NamedTuple):
    """One LSTM layer and its sequences."""

    layer: CompressedLstmLayer  # with formats, tables, biases and peepholes
    matrices: dict[str, DistributedMatrix]
    slots: tuple[Slot, ...]  # of a time step
    activation: np.ndarray  # int16 [voices, steps, inputs]
    output_lines: int  # lines of y, for all voices and steps
    first_input_line: int  # the first line of x in the second channel, for all steps in order


def layout(arch: Arch, given: CompressedLayer) -> tuple[Streams, ...]:
    """Distribute each layer over the PEs; a layer above another one gets its input by `feed`.

    InputError where the machine cannot run the workload.
    """
    workload = expect(given, CompressedLstm, "ESE")
    voices, steps, _ = workload.activation.shape
    if voices > arch.channels:
        most = f"at most one for each channel, and there are {arch.channels}"
        raise InputError(f"{workload.name}: it has {voices} voices; expected {most}")
    passes = []
    for number, layer in enumerate(workload.layers):
        _check(arch, layer)
        matrices = {name: _distribute(arch, layer.name, one) for name, one in layer.matrices.items()}
        words = workload.activation if number == 0 else np.zeros((voices, steps, layer.inputs), np.int16)
        slots = _slots(arch, layer, matrices, voices)
        output_lines = _lines(arch, voices * steps * layer.outputs * arch.activation_bits)
        first_input_line = max((lines.stop for slot in slots for lines in slot.vector_ranges), default=0)
        passes.append(Streams(layer, matrices, slots, words, output_lines, first_input_line))
    return tuple(passes)


def feed(streams: Streams, output: np.ndarray) -> Streams:
    """The streams with the output of the layer below, int16 [voices x steps x inputs], as their input."""
    return streams._replace(activation=output.reshape(streams.activation.shape))


def violations(arch: Arch, passes: tuple[Streams, ...]) -> list[str]:
    """A sentence for each limit that the layer exceeds; the run's cycles are counted as if it exceeded none."""
    reach, found = (1 << arch.pointer_bits) - 1, []
    for streams in passes:
        for name, matrix in streams.matrices.items():
            most = int(matrix.pointer[-1].max())
            if most > reach:
                limit = f"expected at most {reach}, what pointers of {arch.pointer_bits} bits reach"
                found.append(f"{streams.layer.name}: {name} has {most} entries on a PE; {limit}")
    return found


def slice_start(matrix: DistributedMatrix) -> np.ndarray:
    """The index of each slice's first entry in `word`, `zeros` and `row`, int64 [columns, pes]."""
    count = np.diff(matrix.pointer.astype(np.int64), axis=0)
    return matrix.start[:-1, None] + np.cumsum(count, axis=1) - count


def _check(arch: Arch, layer: CompressedLstmLayer) -> None:
    """InputError where the layer was compressed for another machine."""
    for name, table in (("sigmoid", layer.sigmoid), ("tanh", layer.tanh)):
        if table.size != arch.table_points:
            raise InputError(f"{layer.name}: its {name} has {table.size} points; expected {arch.table_points}")
    limit = 1 << (arch.weight_bits - 1)
    for matrix in layer.matrices.values():
        words = matrix.columns.code
        wide = words[(words < -limit) | (words >= limit)]
        if wide.size:
            expected = f"words of {arch.weight_bits} bits"
            raise InputError(f"{layer.name}: {matrix.name} has the weight {wide[0]}; expected {expected}")


def _distribute(arch: Arch, layer: str, matrix: SparseMatrix) -> DistributedMatrix:
    """The matrix on the PEs. InputError where it has too many slices, or may take too many cycles."""
    if matrix.inputs * arch.pes > MOST_SLICES:
        size = f"{matrix.outputs} x {matrix.inputs} on {arch.pes} PEs"
        raise InputError(f"{layer}: {matrix.name} is {size}; expected at most 2**27 slices")
    banks = encode(matrix.columns, arch.pes, arch.index_bits)
    slowest = int(banks.start[-1]) + 4 * matrix.inputs + matrix.outputs + arch.pipeline_cycles
    if slowest >= MOST_CYCLES:
        raise InputError(f"{layer}: {matrix.name} may take {slowest} cycles; expected less than 2**31")
    entry_bits = arch.weight_bits + arch.index_bits
    return DistributedMatrix(
        *banks,
        inputs=matrix.inputs,
        outputs=matrix.outputs,
        shift=matrix.shift,
        lines=count_lines(banks.pointer[-1], entry_bits, arch.unit_bits, arch.line_bits),
        pointer_lines=_lines(arch, banks.pointer.size * arch.pointer_bits),
    )


def slot_lines(streams: Streams, slot: Slot, step: int) -> tuple[np.ndarray, np.ndarray]:
    """The lines that each of the two memory channels reads in a slot of a time step, int64 [lines], in order."""
    first = streams.first_input_line + step * slot.input_lines
    inputs = range(first, first + slot.input_lines)
    return _line_numbers(slot.weight_ranges), _line_numbers((*slot.vector_ranges, inputs))


def _line_numbers(parts: tuple[range, ...]) -> np.ndarray:
    return np.concatenate([np.zeros(0, np.int64), *(np.arange(part.start, part.stop) for part in parts)])


def _slots(
    arch: Arch, layer: CompressedLstmLayer, matrices: dict[str, DistributedMatrix], voices: int
) -> tuple[Slot, ...]:
    """The slots of a time step, with the lines that each fetches."""
    slots = time_step("Wym" in matrices, layer.peephole is not None)
    entries_per_line = arch.line_bits // (arch.weight_bits + arch.index_bits)
    half = max(1, arch.weight_buffer_entries * arch.pes // entries_per_line)
    begins = _begins([matrix.lines for matrix in matrices.values()])
    shares: list[dict[str, range]] = [{} for _ in slots]
    for index, slot in enumerate(slots):
        lines = _lines_by_slot(slots, index, matrices, half)
        first = begins[list(matrices).index(slot.weights)] if lines else 0
        for later, (begin, end) in enumerate(pairwise(_begins(lines))):
            label = slot.weights if later == 0 else f"({slot.weights})"
            shares[(index + later) % len(slots)][label] = range(first + begin, first + end)
    vectors = _vector_ranges(arch, layer, matrices, slots)
    return tuple(
        Slot(
            state=slot.state,
            slot=slot.slot,
            product=slot.product,
            element=slot.element,
            weights=" ".join(share),
            vectors=" ".join(name for name in ("P" if slot.weights else "", slot.vector) if name),
            weight_lines=sum(map(len, share.values())),
            vector_lines=sum(map(len, read)),
            input_lines=_lines(arch, voices * layer.inputs * arch.activation_bits) if slot.vector == "x" else 0,
            weight_ranges=tuple(share.values()),
            vector_ranges=read,
        )
        for slot, share, read in zip(slots, shares, vectors, strict=True)
    )


def _vector_ranges(
    arch: Arch, layer: CompressedLstmLayer, matrices: dict[str, DistributedMatrix], slots: tuple[PaperSlot, ...]
) -> list[tuple[range, ...]]:
    """The lines that each slot reads on the second channel, which holds all pointers, then biases and peepholes."""
    held = {matrix: one.pointer_lines for matrix, one in matrices.items()}
    cells = _lines(arch, layer.cells * arch.activation_bits)
    held |= {slot.vector: cells for slot in slots if slot.vector not in ("", "x")}
    spans = {name: range(*span) for name, span in zip(held, pairwise(_begins(list(held.values()))), strict=True)}
    return [tuple(spans[name] for name in (slot.weights, slot.vector) if name in spans) for slot in slots]


def _begins(lengths: list[int]) -> list[int]:
    """The begin of each of several contiguous pieces, and the end of the last."""
    return [0, *accumulate(lengths)]


def _lines_by_slot(
    slots: tuple[PaperSlot, ...], index: int, matrices: dict[str, DistributedMatrix], half: int
) -> list[int]:
    """The number of lines of a slot's matrix that are fetched in that slot and in each slot after it.

    A slot fetches as much as one half of the double buffer holds; a following slot without a product fills the other
    half; the rest passes through the buffer while the matrix is multiplied.
    """
    name = slots[index].weights
    if not name:
        return []
    left = matrices[name].lines
    shares = [min(left, half)]
    if slots[(index + 1) % len(slots)].product != name:
        shares.append(min(left - half, half) if left > half else 0)
    shares.append(left - sum(shares))
    while shares and shares[-1] == 0:
        shares.pop()
    return shares


def _lines(arch: Arch, bits: int) -> int:
    return -(-bits // arch.line_bits)
