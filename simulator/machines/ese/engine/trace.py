"""The trace of an ESE run from the timing of its slots."""

import numpy as np

from simulator.hardware.column_broadcast import draw_pe
from simulator.machines.ese.arch import MEMORY_CHANNELS, Arch, Letter
from simulator.machines.ese.engine.timing import Delivery, Product, Timing
from simulator.machines.ese.layout.streams import Matrix, Slot, Streams, slice_start

LETTERS = np.array(
    [ord(letter) for letter in (Letter.MULTIPLY, Letter.PADDING, Letter.EMPTY_SLICE, Letter.STARVED)], np.uint8
)


def draw(arch: Arch, streams: Streams, timings: list[list[Timing]], length: int) -> np.ndarray:
    """The first `length` cycles, uint8 [units, length]. timings: of all time steps."""
    rows = arch.channels * (arch.pes + 3) + MEMORY_CHANNELS
    drawn = np.zeros((arch.pes + 3 + MEMORY_CHANNELS, length), np.uint8)
    now = 0
    for slot, timing in (pair for step in timings for pair in zip(streams.slots, step, strict=True)):
        if now >= length:
            break
        one = _draw_slot(arch, streams, slot, timing)[:, : length - now]
        drawn[:, now : now + one.shape[1]] = one
        now += timing.cycles
    voices = len(streams.activation)
    channel = np.repeat(np.arange(arch.channels) < voices, arch.pes)
    lines = [
        np.where(channel[:, None], np.tile(drawn[: arch.pes], (arch.channels, 1)), ord(Letter.NO_PRODUCT)),
        *(_each_channel(arch, voices, line) for line in drawn[arch.pes : arch.pes + 3]),
        drawn[arch.pes + 3 :],
    ]
    return np.concatenate(lines).astype(np.uint8).reshape(rows, length)


def _each_channel(arch: Arch, voices: int, line: np.ndarray) -> np.ndarray:
    """A unit's line for all channels, of which those without a voice are idle."""
    active = np.arange(arch.channels) < voices
    return np.where(active[:, None], line, ord(Letter.IDLE))


def _draw_slot(arch: Arch, streams: Streams, slot: Slot, timing: Timing) -> np.ndarray:
    """One channel's PEs, feeder, assembler and element-wise unit, then the memory channels."""
    lines = np.full((arch.pes + 3 + MEMORY_CHANNELS, timing.cycles), ord(Letter.IDLE), np.uint8)
    lines[: arch.pes] = ord(Letter.WAITING if slot.product else Letter.NO_PRODUCT)
    feeder, assembler, element, weights, vectors = lines[arch.pes :]
    if timing.work.product is not None:
        matrix = streams.matrices[slot.product]
        _draw_product(matrix, timing.work.product, lines[: arch.pes])
        feeder[: timing.work.product.broadcast[-1] + 1] = ord(Letter.QUEUE_FULL)
        feeder[timing.work.product.broadcast] = ord(Letter.BROADCAST)
        assembler[: matrix.outputs] = ord(Letter.ASSEMBLE)
    element[: timing.work.element_cycles] = ord(Letter.ELEMENT)
    _draw_delivery(timing.weights, weights)
    _draw_delivery(timing.vectors, vectors)
    return lines


def _draw_product(matrix: Matrix, product: Product, lines: np.ndarray) -> None:
    place, columns = slice_start(matrix), np.arange(matrix.inputs)
    for k, line in enumerate(lines):
        draw_pe(matrix.pointer[:, k], matrix.word, place[:, k], columns, product.begin[:, k], LETTERS, line)


def _draw_delivery(given: Delivery, drawn: np.ndarray) -> None:
    drawn[: given.last] = ord(Letter.FETCH)
    for begin, end in given.full.tolist():
        drawn[begin:end] = ord(Letter.QUEUE_FULL)
