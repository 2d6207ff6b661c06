"""A matrix product on the compiled engine."""

import numpy as np

from simulator.core.run import Run
from simulator.machines.tensor.arch import Arch, ArrayLetter, MemoryLetter, VectorLetter
from simulator.machines.tensor.engine.counts import busy_spans, counts_of, reasons_of
from simulator.machines.tensor.engine.dot import outputs_of
from simulator.machines.tensor.engine.timing import Times, schedule_of, time_steps
from simulator.machines.tensor.layout.streams import Streams


def run(arch: Arch, streams: Streams, trace_cycles: int = 0, output: bool = True) -> Run:
    """Run a matrix product; the trace holds its first `trace_cycles` cycles. output: False leaves it out."""
    times = time_steps(arch, schedule_of(streams))
    last = np.cumsum([len(tile.steps) for tile in streams.tiles]) - 1
    reads = busy_spans(times.asked, times.arrived)
    moves = busy_spans(
        np.concatenate([times.asked, times.drained]), np.concatenate([times.arrived, times.written])
    )  # fmt: skip
    return Run(
        cycles=times.cycles,
        output=outputs_of(streams) if output else np.zeros(0, np.float32),
        counts=counts_of(arch, streams),
        reasons=reasons_of(times, last, (reads, moves)),
        trace=_trace(times, last, (reads, moves), min(times.cycles, trace_cycles)),
    )


def _trace(times: Times, last: np.ndarray, moves: tuple[np.ndarray, np.ndarray], length: int) -> np.ndarray:
    """The letters of the array, of the memory and of the vector unit, which is idle: uint8 [3, length]."""
    trace = empty_trace(length)
    fill(trace[0], times.start, times.end, ArrayLetter.COMPUTE)
    fill(trace[0], times.end[last], times.drain, ArrayLetter.WRITE_WAIT)
    fill(trace[0], times.drain, times.drained, ArrayLetter.DRAIN)
    trace[0, times.drained[-1] :] = ord(ArrayLetter.FINISHED)
    for spans, letter in zip(moves[::-1], (MemoryLetter.WRITE, MemoryLetter.READ), strict=True):
        fill(trace[1], spans[:, 0], spans[:, 1], letter)
    return trace


def empty_trace(length: int) -> np.ndarray:
    """A trace, uint8 [3, length], of an array that waits for operands and of other units that are idle."""
    trace = np.empty((3, length), np.uint8)
    trace[0], trace[1], trace[2] = ord(ArrayLetter.OPERAND_WAIT), ord(MemoryLetter.IDLE), ord(VectorLetter.IDLE)
    return trace


def fill(row: np.ndarray, begin: np.ndarray, end: np.ndarray, letter: str) -> None:
    """Write a letter into the cycles of spans, int64 [spans] each, of a row, uint8 [cycles]."""
    shown = begin < row.size
    for first, stop in zip(begin[shown].tolist(), end[shown].tolist(), strict=True):
        row[first:stop] = ord(letter)
