"""A matrix product on the compiled engine."""

import numpy as np

from simulator.core.run import Run
from simulator.machines.tensor.arch import Arch, ArrayLetter, MemoryLetter
from simulator.machines.tensor.engine.counts import busy_spans, counts_of, reasons_of
from simulator.machines.tensor.engine.dot import outputs_of
from simulator.machines.tensor.engine.timing import Times, time_steps
from simulator.machines.tensor.layout.streams import Streams


def run(arch: Arch, streams: Streams, trace_cycles: int = 0, output: bool = True) -> Run:
    """Run a matrix product; the trace holds its first `trace_cycles` cycles. output: False leaves it out."""
    times = time_steps(arch, streams)
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
    """The letters of the array and of the memory, uint8 [2, length]."""
    trace = np.empty((2, length), np.uint8)
    trace[0], trace[1] = ord(ArrayLetter.OPERAND_WAIT), ord(MemoryLetter.IDLE)
    _fill(trace[0], times.start, times.end, ArrayLetter.COMPUTE)
    _fill(trace[0], times.end[last], times.drain, ArrayLetter.WRITE_WAIT)
    _fill(trace[0], times.drain, times.drained, ArrayLetter.DRAIN)
    trace[0, times.drained[-1] :] = ord(ArrayLetter.FINISHED)
    for spans, letter in zip(moves[::-1], (MemoryLetter.WRITE, MemoryLetter.READ), strict=True):
        _fill(trace[1], spans[:, 0], spans[:, 1], letter)
    return trace


def _fill(row: np.ndarray, begin: np.ndarray, end: np.ndarray, letter: str) -> None:
    """Write a letter into the cycles of spans, int64 [spans] each, of a row, uint8 [cycles]."""
    for first, stop in zip(begin[begin < row.size].tolist(), end.tolist(), strict=False):
        row[first:stop] = ord(letter)
