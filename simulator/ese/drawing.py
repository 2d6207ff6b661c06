"""The trace of an ESE run from the timing of its slots: a time step drawn once and repeated."""

import numpy as np

from simulator.columns import draw_pe
from simulator.ese.arch import MEMORY_CHANNELS, Arch, Letter
from simulator.ese.streams import Matrix, Slot, Streams, slice_start
from simulator.ese.timing import Product, Timing, deliver_lines

LETTERS = np.array(
    [ord(letter) for letter in (Letter.MULTIPLY, Letter.PADDING, Letter.EMPTY_SLICE, Letter.STARVED)], np.uint8
)


def draw(arch: Arch, streams: Streams, timings: list[Timing], length: int) -> np.ndarray:
    """The first `length` cycles, uint8 [units, length]."""
    rows = arch.channels * (arch.pes + 3) + MEMORY_CHANNELS
    if length == 0:
        return np.zeros((rows, 0), np.uint8)
    slots = [_draw_slot(arch, streams, slot, timing) for slot, timing in zip(streams.slots, timings, strict=True)]
    step = np.concatenate(slots, axis=1)[:, :length]
    voices = len(streams.activation)
    channel = np.repeat(np.arange(arch.channels) < voices, arch.pes)
    lines = [
        np.where(channel[:, None], np.tile(step[: arch.pes], (arch.channels, 1)), ord(Letter.NO_PRODUCT)),
        *(_each_channel(arch, voices, line) for line in step[arch.pes : arch.pes + 3]),
        step[arch.pes + 3 :],
    ]
    one = np.concatenate(lines).astype(np.uint8)
    return np.tile(one, -(-length // one.shape[1]))[:, :length]


def _each_channel(arch: Arch, voices: int, line: np.ndarray) -> np.ndarray:
    """A unit's line for all channels, of which those without a voice are idle."""
    active = np.arange(arch.channels) < voices
    return np.where(active[:, None], line, ord(Letter.IDLE))


def _draw_slot(arch: Arch, streams: Streams, slot: Slot, timing: Timing) -> np.ndarray:
    """One channel's PEs, feeder, assembler and element-wise unit, then the memory channels."""
    lines = np.full((arch.pes + 3 + MEMORY_CHANNELS, timing.cycles), ord(Letter.IDLE), np.uint8)
    lines[: arch.pes] = ord(Letter.WAITING if slot.product else Letter.NO_PRODUCT)
    feeder, assembler, element, weights, vectors = lines[arch.pes :]
    if timing.product is not None:
        matrix = streams.matrices[slot.product]
        _draw_product(matrix, timing.product, lines[: arch.pes])
        feeder[: timing.product.broadcast[-1] + 1] = ord(Letter.QUEUE_FULL)
        feeder[timing.product.broadcast] = ord(Letter.BROADCAST)
        assembler[: matrix.outputs] = ord(Letter.ASSEMBLE)
    element[: timing.element_cycles] = ord(Letter.ELEMENT)
    _draw_fetch(arch, slot.weight_lines, 0, weights)
    _draw_fetch(arch, slot.vector_lines, slot.input_lines, vectors)
    return lines


def _draw_product(matrix: Matrix, product: Product, lines: np.ndarray) -> None:
    place, columns = slice_start(matrix), np.arange(matrix.inputs)
    for k, line in enumerate(lines):
        draw_pe(matrix.pointer[:, k], matrix.word, place[:, k], columns, product.begin[:, k], LETTERS, line)


def _draw_fetch(arch: Arch, lines: int, narrow: int, drawn: np.ndarray) -> None:
    """Draw a memory channel: the cycles of each line, the last of which puts it into the FIFO."""
    end = 0
    for sent in deliver_lines(arch, lines, narrow)[0].tolist():
        drawn[end:sent] = ord(Letter.FETCH)
        drawn[end + arch.line_cycles - 1 : sent - 1] = ord(Letter.QUEUE_FULL)
        end = sent
