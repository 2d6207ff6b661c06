"""The trace of an ESE run from the timing of its slots: a time step drawn once and repeated."""

import numpy as np
from numba import njit

from simulator.ese.arch import MEMORY_CHANNELS, Arch, Letter
from simulator.ese.streams import Matrix, Slot, Streams, slice_start
from simulator.ese.timing import Product, Timing

MULTIPLY, PADDING, EMPTY_SLICE, STARVED = (
    ord(letter) for letter in (Letter.MULTIPLY, Letter.PADDING, Letter.EMPTY_SLICE, Letter.STARVED)
)
FETCH, QUEUE_FULL = ord(Letter.FETCH), ord(Letter.QUEUE_FULL)


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
        feeder[: timing.product.broadcast[-1] + 1] = QUEUE_FULL
        feeder[timing.product.broadcast] = ord(Letter.BROADCAST)
        assembler[: matrix.outputs] = ord(Letter.ASSEMBLE)
    element[: timing.element_cycles] = ord(Letter.ELEMENT)
    narrow = arch.line_bits // arch.input_path_bits
    _draw_fetch(slot.weight_lines, 0, arch.line_cycles, narrow, arch.fifo_lines, weights)
    _draw_fetch(slot.vector_lines, slot.input_lines, arch.line_cycles, narrow, arch.fifo_lines, vectors)
    return lines


def _draw_product(matrix: Matrix, product: Product, lines: np.ndarray) -> None:
    count, place = np.diff(matrix.pointer, axis=0), slice_start(matrix)
    for k, line in enumerate(lines):
        _draw_pe(count[:, k], matrix.word, place[:, k], product.begin[:, k], line)


@njit(cache=True)
def _draw_pe(count, word, place, begin, line):  # type: ignore[no-untyped-def]
    """Draw one PE up to its last slice; its slice of column j begins at `word[place[j]]`."""
    now = 0
    for j in range(count.size):
        line[now : begin[j]] = STARVED
        now = begin[j]
        for e in range(place[j], place[j] + count[j]):
            line[now] = MULTIPLY if word[e] else PADDING
            now += 1
        if count[j] == 0:
            line[now] = EMPTY_SLICE
            now += 1


@njit(cache=True)
def _draw_fetch(lines, narrow, line_cycles, narrow_cycles, depth, line):  # type: ignore[no-untyped-def]
    """Draw a memory channel: the cycles of each line, the last of which puts it into the FIFO."""
    taken = np.empty(lines + narrow, np.int64)
    sent = done = 0
    for i in range(lines + narrow):
        begin = sent
        sent = begin + line_cycles if i < depth else max(begin + line_cycles, taken[i - depth] + 2)
        taken[i] = max(sent, done)
        done = taken[i] + (1 if i < lines else narrow_cycles)
        line[begin:sent] = FETCH
        line[begin + line_cycles - 1 : sent - 1] = QUEUE_FULL
