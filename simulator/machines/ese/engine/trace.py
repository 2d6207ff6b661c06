"""The trace of an ESE run from the timing of its slots."""

import numpy as np

from simulator.hardware.column_broadcast import draw_pe
from simulator.machines.ese.arch import MEMORY_CHANNELS, Arch, Letter
from simulator.machines.ese.engine.timing import Delivery, Product, Timing
from simulator.machines.ese.layout.streams import DistributedMatrix, Slot, Streams, slice_start

LETTERS = np.array(
    [ord(letter) for letter in (Letter.MULTIPLY, Letter.PADDING, Letter.EMPTY_SLICE, Letter.STARVED)], np.uint8
)


def draw(arch: Arch, streams: Streams, timings: list[list[Timing]], length: int) -> np.ndarray:
    """The first `length` cycles, uint8 [units, length]. timings: those of all time steps."""
    rows = arch.channels * (arch.pes + 3) + MEMORY_CHANNELS
    drawn = np.zeros((arch.pes + 3 + MEMORY_CHANNELS, length), np.uint8)
    now = 0
    for slot, timing in (pair for step in timings for pair in zip(streams.slots, step, strict=True)):
        if now >= length:
            break
        part = _draw_slot(arch, streams, slot, timing)[:, : length - now]
        drawn[:, now : now + part.shape[1]] = part
        now += timing.cycles
    voices = len(streams.activation)
    channel = np.repeat(np.arange(arch.channels) < voices, arch.pes)
    units = [
        np.where(channel[:, None], np.tile(drawn[: arch.pes], (arch.channels, 1)), ord(Letter.NO_PRODUCT)),
        *(_each_channel(arch, voices, row) for row in drawn[arch.pes : arch.pes + 3]),
        drawn[arch.pes + 3 :],
    ]
    return np.concatenate(units).astype(np.uint8).reshape(rows, length)


def _each_channel(arch: Arch, voices: int, row: np.ndarray) -> np.ndarray:
    """A unit's row for all channels, uint8 [channels, cycles]; channels without a voice are idle."""
    active = np.arange(arch.channels) < voices
    return np.where(active[:, None], row, ord(Letter.IDLE))


def _draw_slot(arch: Arch, streams: Streams, slot: Slot, timing: Timing) -> np.ndarray:
    """The trace of a slot: PEs, feeder, assembler and element-wise unit of a channel, then the memory channels."""
    trace = np.full((arch.pes + 3 + MEMORY_CHANNELS, timing.cycles), ord(Letter.IDLE), np.uint8)
    trace[: arch.pes] = ord(Letter.WAITING if slot.product else Letter.NO_PRODUCT)
    feeder, assembler, element, weights, vectors = trace[arch.pes :]
    if timing.work.product is not None:
        matrix = streams.matrices[slot.product]
        _draw_product(matrix, timing.work.product, trace[: arch.pes])
        feeder[: timing.work.product.broadcast[-1] + 1] = ord(Letter.QUEUE_FULL)
        feeder[timing.work.product.broadcast] = ord(Letter.BROADCAST)
        assembler[: matrix.outputs] = ord(Letter.ASSEMBLE)
    element[: timing.work.element_cycles] = ord(Letter.ELEMENT)
    _draw_delivery(timing.weights, weights)
    _draw_delivery(timing.vectors, vectors)
    return trace


def _draw_product(matrix: DistributedMatrix, product: Product, trace: np.ndarray) -> None:
    first, columns = slice_start(matrix), np.arange(matrix.inputs)
    for k, row in enumerate(trace):
        draw_pe(matrix.pointer[:, k], matrix.word, first[:, k], columns, product.begin[:, k], LETTERS, row)


def _draw_delivery(delivery: Delivery, row: np.ndarray) -> None:
    row[: delivery.last] = ord(Letter.FETCH)
    for begin, end in delivery.full.tolist():
        row[begin:end] = ord(Letter.QUEUE_FULL)
