"""A whole memory: channels interleaved line by line, each simulated with a separate state."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from simulator.hardware.dram.engine.scheduler import advance, serve_channel
from simulator.hardware.dram.engine.state import counts_of, initial_state
from simulator.hardware.dram.spec import Dram, DramCounts, lines_per_channel
from workloads.errors import InputError


class Served(NamedTuple):
    """The result of serving a trace of requests."""

    done: np.ndarray  # int64 [requests]: the memory clock in which each has been read or written
    counts: DramCounts
    clocks: int  # until the last request is done


class Trace(NamedTuple):
    """Requests to one channel: int64 [requests] each."""

    line: np.ndarray
    write: np.ndarray  # 1 = written
    arrival: np.ndarray  # memory clocks, ascending


def serve(dram: Dram, line: np.ndarray, write: np.ndarray, arrival: np.ndarray) -> Served:
    """Serve a trace of requests to a memory.

    int64 [requests] each: line addresses; write, 1 or 0; arrival, ascending memory clocks. InputError where lengths
    differ, arrivals descend, a line does not exist, or `write` is neither 1 nor 0.
    """
    line, write, arrival = (np.ascontiguousarray(array, np.int64) for array in (line, write, arrival))
    _check(dram, line, write, arrival)
    indices = [np.flatnonzero(line % dram.channels == channel) for channel in range(dram.channels)]
    traces = [Trace(line[index] // dram.channels, write[index], arrival[index]) for index in indices]
    times, counts, clocks = serve_channels(dram, traces)
    done = np.zeros(line.size, np.int64)
    for index, channel_done in zip(indices, times, strict=True):
        done[index] = channel_done
    return Served(done, counts, clocks)


def serve_channels(dram: Dram, traces: Sequence[Trace], until: int = 0) -> tuple[list[np.ndarray], DramCounts, int]:
    """Serve a trace on each channel, in lines of the channel.

    Returns the clock in which each request is done, int64 [requests] for each channel, the counts, and the clocks
    simulated: all channels run until the last request is done, and for at least `until` clocks. ValueError where a line
    does not exist.
    """
    states = []
    for line, write, arrival in traces:
        state = initial_state(dram, line.size)
        serve_channel(dram, state, line, write, arrival)
        states.append(state)
    done = [state.done[: trace.line.size] for state, trace in zip(states, traces, strict=True)]
    clocks = max([until, *(int(one.max(initial=0)) for one in done)])
    for state in states:
        advance(dram, state, clocks)
    return done, counts_of(dram, states, clocks), clocks


def _check(dram: Dram, line: np.ndarray, write: np.ndarray, arrival: np.ndarray) -> None:
    if not line.shape == write.shape == arrival.shape or line.ndim != 1:
        shapes = ", ".join(str(array.shape) for array in (line, write, arrival))
        raise InputError(f"trace: line, write and arrival have shapes {shapes}; expected one length")
    if line.size == 0:
        return
    last = dram.channels * lines_per_channel(dram) - 1
    if line.min() < 0 or line.max() > last:
        wrong = int(line[np.flatnonzero((line < 0) | (line > last))[0]])
        raise InputError(f"trace: a line is {wrong}; expected 0 to {last}")
    if arrival[0] < 0 or (np.diff(arrival) < 0).any():
        raise InputError("trace: arrivals descend or are negative; expected ascending memory clocks from 0 on")
    if write.min() < 0 or write.max() > 1:
        raise InputError(f"trace: write holds {write.min()} to {write.max()}; expected 0 (read) or 1 (write)")
