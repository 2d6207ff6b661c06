"""The letters of the three units, drawn from the cycles of a layer's entries."""

import numpy as np

from simulator.machines.edgedrnn.arch import ENCODER, MEMORY, PES, Arch, EncoderLetter, MemoryLetter, PeLetter
from simulator.machines.edgedrnn.engine.timing import LayerTiming
from simulator.machines.edgedrnn.layout.streams import LayerStream


def empty_trace(cycles: int) -> np.ndarray:
    """Every unit idle, uint8 [3, cycles]."""
    trace = np.empty((3, cycles), np.uint8)
    for unit, letter in ((ENCODER, EncoderLetter.IDLE), (MEMORY, MemoryLetter.IDLE), (PES, PeLetter.STARVED)):
        trace[unit] = ord(letter)
    return trace


def draw_layer(arch: Arch, layer: LayerStream, timing: LayerTiming, rows: np.ndarray) -> None:
    """Draw a layer into `rows`, uint8 [3, cycles from its first on]; what is beyond their end is left out."""
    _draw_encoder(arch, layer, timing, rows[ENCODER])
    done = 0
    for n, is_change in enumerate(timing.is_change.tolist()):
        request, begin, end = (int(times[n]) for times in (timing.request, timing.begin, timing.end))
        if not is_change:
            rows[PES, begin:end] = ord(PeLetter.END_MARK)
            continue
        arrived = request + arch.fetch_cycles
        rows[MEMORY, max(done, request) : arrived] = ord(MemoryLetter.LATENCY)
        rows[MEMORY, arrived:begin] = ord(MemoryLetter.HELD)
        rows[MEMORY, begin:end] = ord(MemoryLetter.BEAT)
        rows[PES, begin + arch.beat_cycles - 1 : end : arch.beat_cycles] = ord(PeLetter.MULTIPLY)
        done = end
    last = int(timing.end[-1])
    rows[PES, last : last + arch.pipeline_cycles] = ord(PeLetter.DRAIN)
    rows[PES, last + arch.pipeline_cycles : timing.cycles] = ord(PeLetter.ACTIVATE)


def _draw_encoder(arch: Arch, layer: LayerStream, timing: LayerTiming, row: np.ndarray) -> None:
    """The encoder's letters, uint8 [cycles]: elements come one a cycle, but for waits before those that are pushed."""
    count = len(layer.beats)
    wait = np.zeros(count, np.int64)  # before each element
    nominal = arch.encoder_cycles + timing.entry + np.where(timing.entry > layer.inputs, arch.phase_cycles, 0)
    wait[timing.entry] = np.diff(timing.push - nominal, prepend=0)
    wait[layer.inputs + 1] += arch.phase_cycles
    place = arch.encoder_cycles + np.arange(count) + np.cumsum(wait)
    letters = np.full(count, ord(EncoderLetter.SCAN), np.uint8)
    letters[timing.entry[timing.is_change]] = ord(EncoderLetter.CHANGE)
    row[: int(place[-1])] = ord(EncoderLetter.LIST_FULL)
    row[: arch.encoder_cycles] = ord(EncoderLetter.FILL)
    turn = int(place[layer.inputs]) + 1
    row[turn : turn + arch.phase_cycles] = ord(EncoderLetter.FILL)
    shown = place < row.size
    row[place[shown]] = letters[shown]
