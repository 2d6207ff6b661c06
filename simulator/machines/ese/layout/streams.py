"""From a compressed LSTM to what ESE's memory channels deliver and its PEs read."""

from itertools import accumulate, pairwise
from typing import NamedTuple

import numpy as np

from simulator.machines.ese.arch import Arch
from simulator.machines.ese.layout.schedule import Step, time_step
from workloads.compression.packing import count_lines
from workloads.compression.relative_index import encode
from workloads.errors import InputError
from workloads.kinds import expect
from workloads.kinds.lstm.layer import CompressedLstm, CompressedLstmLayer, SparseMatrix

MOST_CYCLES = 1 << 31
"""The engine counts a slot's cycles in 32 bits."""
MOST_SLICES = 1 << 28
"""3 GiB of pointers and counts."""


class Matrix(NamedTuple):
    """A matrix spread over a channel's PEs: row i is on PE i mod pes (see `workloads.compression.relative_index`)."""

    pointer: np.ndarray  # int32 [columns + 1, pes]: where each slice begins on its PE
    padding: np.ndarray  # int32 [columns, pes]: padding entries in each slice
    start: np.ndarray  # int64 [columns + 1]: where a column's entries begin in the next three
    word: np.ndarray  # int16 [entries], 0 = padding
    zeros: np.ndarray  # uint8 [entries]
    row: np.ndarray  # uint32 [entries]
    inputs: int
    outputs: int
    shift: int
    lines: int  # of entries in memory
    pointer_lines: int


class Slot(NamedTuple):
    """What happens at once; empty names and zeros are nothing."""

    state: int
    slot: int
    product: str
    element: str
    weights: str  # what is fetched: matrices, in brackets where it is the rest of one
    vectors: str
    weight_lines: int  # on the first memory channel
    vector_lines: int  # on the second one: pointers, biases, peepholes
    input_lines: int  # after them: x of all voices, which takes a narrower path
    weight_place: tuple[range, ...]  # where in its DRAM the first channel reads
    vector_place: tuple[range, ...]  # and the second one, but for x


class Streams(NamedTuple):
    """One LSTM layer and its sequences."""

    layer: CompressedLstmLayer  # for formats, tables, biases and peepholes
    matrices: dict[str, Matrix]
    slots: tuple[Slot, ...]  # of a time step
    activation: np.ndarray  # int16 [voices, steps, inputs]
    output_lines: int  # of memory that y takes, for all voices and steps
    input_place: int  # where in the second channel's DRAM x begins: all steps, one after the other


def layout(arch: Arch, workload: CompressedLstm) -> tuple[Streams, ...]:
    """Spread each layer over the PEs; a layer above another gets its input by `feed`."""
    expect(workload, CompressedLstm, "ESE")
    voices, steps, _ = workload.activation.shape
    if voices > arch.channels:
        most = f"at most one for each channel, and there are {arch.channels}"
        raise InputError(f"{workload.name}: it has {voices} voices; expected {most}")
    passes = []
    for place, layer in enumerate(workload.layers):
        _check(arch, layer)
        matrices = {name: _spread(arch, layer.name, one) for name, one in layer.matrices.items()}
        given = workload.activation if place == 0 else np.zeros((voices, steps, layer.inputs), np.int16)
        slots = _slots(arch, layer, matrices, voices)
        lines = _lines(arch, voices * steps * layer.outputs * arch.activation_bits)
        inputs = max((place.stop for slot in slots for place in slot.vector_place), default=0)
        passes.append(Streams(layer, matrices, slots, given, lines, inputs))
    return tuple(passes)


def feed(streams: Streams, output: np.ndarray) -> Streams:
    """The streams with what the layer below put out, int16 [voices x steps x inputs], as their input."""
    return streams._replace(activation=output.reshape(streams.activation.shape))


def violations(arch: Arch, passes: tuple[Streams, ...]) -> list[str]:
    """What does not fit the machine, a sentence each. Cycles are counted as if it did."""
    reach, found = (1 << arch.pointer_bits) - 1, []
    for streams in passes:
        for name, matrix in streams.matrices.items():
            most = int(matrix.pointer[-1].max())
            if most > reach:
                limit = f"expected at most {reach}, what pointers of {arch.pointer_bits} bits reach"
                found.append(f"{streams.layer.name}: {name} has {most} entries on a PE; {limit}")
    return found


def slice_start(matrix: Matrix) -> np.ndarray:
    """Where each slice begins in `word`, `zeros` and `row`, int64 [columns, pes]."""
    count = np.diff(matrix.pointer.astype(np.int64), axis=0)
    return matrix.start[:-1, None] + np.cumsum(count, axis=1) - count


def _check(arch: Arch, layer: CompressedLstmLayer) -> None:
    """Refuse a layer that was compressed for another machine."""
    for name, table in (("sigmoid", layer.sigmoid), ("tanh", layer.tanh)):
        if table.size != arch.table_points:
            raise InputError(f"{layer.name}: its {name} has {table.size} points; expected {arch.table_points}")
    beyond = 1 << (arch.weight_bits - 1)
    for matrix in layer.matrices.values():
        words = matrix.columns.code
        wide = words[(words < -beyond) | (words >= beyond)]
        if wide.size:
            limit = f"words of {arch.weight_bits} bits"
            raise InputError(f"{layer.name}: {matrix.name} has the weight {wide[0]}; expected {limit}")


def _spread(arch: Arch, layer: str, matrix: SparseMatrix) -> Matrix:
    if matrix.inputs * arch.pes > MOST_SLICES:
        size = f"{matrix.outputs} x {matrix.inputs} on {arch.pes} PEs"
        raise InputError(f"{layer}: {matrix.name} is {size}; expected at most 2**28 slices")
    banks = encode(matrix.columns, arch.pes, arch.index_bits)
    slowest = int(banks.start[-1]) + 4 * matrix.inputs + matrix.outputs + arch.pipeline_cycles
    if slowest >= MOST_CYCLES:
        raise InputError(f"{layer}: {matrix.name} may take {slowest} cycles; expected less than 2**31")
    entry_bits = arch.weight_bits + arch.index_bits
    return Matrix(
        *banks,
        inputs=matrix.inputs,
        outputs=matrix.outputs,
        shift=matrix.shift,
        lines=count_lines(banks.pointer[-1], entry_bits, arch.unit_bits, arch.line_bits),
        pointer_lines=_lines(arch, banks.pointer.size * arch.pointer_bits),
    )


def places(streams: Streams, slot: Slot, step: int) -> tuple[np.ndarray, np.ndarray]:
    """The lines that each memory channel reads in a slot of a time step, int64, in order."""
    first = streams.input_place + step * slot.input_lines
    inputs = range(first, first + slot.input_lines)
    return _numbers(slot.weight_place), _numbers((*slot.vector_place, inputs))


def _numbers(parts: tuple[range, ...]) -> np.ndarray:
    return np.concatenate([np.zeros(0, np.int64), *(np.arange(part.start, part.stop) for part in parts)])


def _slots(arch: Arch, layer: CompressedLstmLayer, matrices: dict[str, Matrix], voices: int) -> tuple[Slot, ...]:
    """The slots with what each fetches."""
    steps = time_step("Wym" in matrices, layer.peephole is not None)
    entries_per_line = arch.line_bits // (arch.weight_bits + arch.index_bits)
    half = max(1, arch.weight_buffer_entries * arch.pes // entries_per_line)
    begins = _begins([matrix.lines for matrix in matrices.values()])
    shares: list[dict[str, range]] = [{} for _ in steps]
    for place, step in enumerate(steps):
        lines = _in_turn(steps, place, matrices, half)
        first = begins[list(matrices).index(step.weights)] if lines else 0
        for later, (begin, end) in enumerate(pairwise(_begins(lines))):
            label = step.weights if later == 0 else f"({step.weights})"
            shares[(place + later) % len(steps)][label] = range(first + begin, first + end)
    vectors = _vector_places(arch, layer, matrices, steps)
    return tuple(
        Slot(
            state=step.state,
            slot=step.slot,
            product=step.product,
            element=step.element,
            weights=" ".join(share),
            vectors=" ".join(name for name in ("P" if step.weights else "", step.vector) if name),
            weight_lines=sum(map(len, share.values())),
            vector_lines=sum(map(len, read)),
            input_lines=_lines(arch, voices * layer.inputs * arch.activation_bits) if step.vector == "x" else 0,
            weight_place=tuple(share.values()),
            vector_place=read,
        )
        for step, share, read in zip(steps, shares, vectors, strict=True)
    )


def _vector_places(
    arch: Arch, layer: CompressedLstmLayer, matrices: dict[str, Matrix], steps: tuple[Step, ...]
) -> list[tuple[range, ...]]:
    """What each slot reads on the second channel, which holds all pointers, then biases and peepholes."""
    held = {matrix: one.pointer_lines for matrix, one in matrices.items()}
    cells = _lines(arch, layer.cells * arch.activation_bits)
    held |= {step.vector: cells for step in steps if step.vector not in ("", "x")}
    spans = {name: range(*span) for name, span in zip(held, pairwise(_begins(list(held.values()))), strict=True)}
    return [tuple(spans[name] for name in (step.weights, step.vector) if name in spans) for step in steps]


def _begins(lengths: list[int]) -> list[int]:
    """Where pieces that follow each other begin, and where the last ends."""
    return [0, *accumulate(lengths)]


def _in_turn(steps: tuple[Step, ...], place: int, matrices: dict[str, Matrix], half: int) -> list[int]:
    """The lines of the matrix that a slot fetches, in that slot and those after it.

    A slot fetches what one half of the double buffer holds; one more slot without a product fills the other half; what
    is left passes through the buffer while the matrix is multiplied.
    """
    name = steps[place].weights
    if not name:
        return []
    left = matrices[name].lines
    shares = [min(left, half)]
    if steps[(place + 1) % len(steps)].product != name:
        shares.append(min(left - half, half) if left > half else 0)
    shares.append(left - sum(shares))
    while shares and shares[-1] == 0:
        shares.pop()
    return shares


def _lines(arch: Arch, bits: int) -> int:
    return -(-bits // arch.line_bits)
