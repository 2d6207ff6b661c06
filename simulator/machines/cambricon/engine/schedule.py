"""When jobs run: the arrays that the compiled part works on, and the times that it finds."""

from typing import NamedTuple

import numpy as np

from simulator.machines.cambricon.arch import Arch, PortLetter, SelectorLetter
from simulator.machines.cambricon.engine.memory import Memory, open_memory
from simulator.machines.cambricon.engine.port import NEVER, State, Work, run_all
from simulator.machines.cambricon.layout.streams import Streams

LETTERS = np.array([ord(one) for one in (*SelectorLetter, *PortLetter)], np.uint8)


class Schedule(NamedTuple):
    """The cycles of a run, and what each unit did in them."""

    cycles: int
    spent: np.ndarray  # int64 [selectors + 1, 4]: by letter, in the order of SelectorLetter or PortLetter
    granted: int  # chunks
    trace: np.ndarray  # uint8 [selectors + 1, cycles traced]
    begun: np.ndarray  # int64 [jobs]: the first cycle of each
    loaded: np.ndarray  # int64 [loads]: the first cycle in which each is there
    arrived: np.ndarray  # int64 [contents]: likewise
    asked: np.ndarray  # int64 [lines, 4]: requests to DRAM, see `Memory.log`; none where they were not to be logged


def schedule(arch: Arch, streams: Streams, cycles: np.ndarray, trace_cycles: int, log: bool = False) -> Schedule:
    """Run all jobs, which take `cycles`, int64 [jobs]; the trace holds the first `trace_cycles` cycles or fewer.

    log: whether requests to DRAM are logged.
    """
    if trace_cycles:
        trace_cycles = min(trace_cycles, schedule(arch, streams, cycles, 0).cycles)
    many = arch.selectors
    spent, trace = np.zeros((many + 1, 4), np.int64), np.zeros((many + 1, trace_cycles), np.uint8)
    work, state, memory = _work(arch, streams, cycles), _state(arch, streams), open_memory(arch, streams, log)
    end, granted = run_all(work, state, memory, spent, trace, LETTERS)
    return Schedule(int(end), spent, int(granted), trace, state.begun, state.loaded, state.arrived, _logged(memory))


def first_needed(start: np.ndarray, what: np.ndarray) -> np.ndarray:
    """The least of `what`, int64 [jobs], from each job to the last of its selector; start: int64 [selectors + 1]."""
    found = np.empty_like(what)
    for first, end in zip(start[:-1].tolist(), start[1:].tolist(), strict=True):
        found[first:end] = np.minimum.accumulate(what[first:end][::-1])[::-1]
    return found


def _logged(memory: Memory) -> np.ndarray:
    return memory.log[: int(memory.logged[0])] if memory.has else np.zeros((0, 4), np.int64)


def _work(arch: Arch, streams: Streams, cycles: np.ndarray) -> Work:
    jobs = streams.jobs
    return Work(
        cycles=cycles,
        start=jobs.start,
        content=jobs.content,
        content_needed=first_needed(jobs.start, jobs.content),
        load=jobs.load,
        load_needed=first_needed(jobs.start, jobs.load),
        load_start=jobs.load_start,
        chunks=jobs.load_chunks,
        writes=jobs.writes,
        content_chunks=streams.content_chunks,
        slots=arch.sb_slots,
        most=arch.chunks_per_cycle,
    )


def _state(arch: Arch, streams: Streams) -> State:
    jobs, many = streams.jobs, arch.selectors
    loaded, arrived = (np.full(one.size, NEVER, np.int64) for one in (jobs.load_chunks, streams.content_chunks))
    first = np.concatenate([jobs.load_start[:-1], np.zeros(2, np.int64)])
    return State(
        done=jobs.start[:-1].copy(),
        until=np.full(many, NEVER, np.int64),
        asked=first.copy(),
        seen=first.copy(),
        granted=first.copy(),
        ended=first.copy(),
        rest=np.zeros(many + 2, np.int64),
        there=np.zeros(many + 2, np.int64),
        sent=np.zeros(jobs.content.size, np.int64),
        begun=np.zeros(jobs.content.size, np.int64),
        loaded=loaded,
        arrived=arrived,
    )
