"""A layer of matrix products on the compiled engine."""

import numpy as np

from simulator.core.run import Run
from simulator.machines.tensor.arch import Arch, ArrayLetter, MemoryLetter, VectorLetter
from simulator.machines.tensor.engine.counts import busy_spans, counts_of, reasons_of
from simulator.machines.tensor.engine.gathered_timing import plan_of, time_plan
from simulator.machines.tensor.engine.outputs import gathered, outputs_of
from simulator.machines.tensor.engine.timing import Times, time_steps
from simulator.machines.tensor.layout.streams import Streams


def run(arch: Arch, streams: Streams, trace_cycles: int = 0, output: bool = True) -> Run:
    """Run a layer; the trace holds its first `trace_cycles` cycles. output: False leaves it out."""
    if arch.skip_zero_inputs:
        streams = gathered(streams)
        times, _ = time_plan(arch, plan_of(streams))
    else:
        times = time_steps(arch, streams)
    tiles = streams.tiles
    last = np.cumsum([len(tile.steps) for tile in tiles]) - 1
    vector = np.array([tile.vector_cycles for tile in tiles], np.int64)
    reads = busy_spans(times.asked, times.arrived)
    moves = busy_spans(
        np.concatenate([times.asked, times.drained]), np.concatenate([times.arrived, times.written])
    )  # fmt: skip
    return Run(
        cycles=times.cycles,
        output=outputs_of(streams.layer) if output else np.zeros(0, np.float32),
        counts=counts_of(arch, streams),
        reasons=reasons_of(times, last, (reads, moves), int(vector.sum())),
        trace=_trace(times, last, (reads, moves), vector, min(times.cycles, trace_cycles)),
    )


def _trace(
    times: Times, last: np.ndarray, moves: tuple[np.ndarray, np.ndarray], vector: np.ndarray, length: int
) -> np.ndarray:
    """The letters of the array, of the memory and of the vector unit: uint8 [3, length].

    last, vector: int64 [tiles], each tile's last step, and cycles of the vector unit at the end of its drain.
    """
    trace = empty_trace(length)
    fill(trace[0], times.start, times.end, ArrayLetter.COMPUTE)
    fill(trace[0], times.end[last], times.drain, ArrayLetter.WRITE_WAIT)
    fill(trace[0], times.drain, times.drained, ArrayLetter.DRAIN)
    trace[0, times.drained[-1] :] = ord(ArrayLetter.FINISHED)
    for spans, letter in zip(moves[::-1], (MemoryLetter.WRITE, MemoryLetter.READ), strict=True):
        fill(trace[1], spans[:, 0], spans[:, 1], letter)
    fill(trace[2], times.drained - vector, times.drained, VectorLetter.EXPONENTIAL)
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
