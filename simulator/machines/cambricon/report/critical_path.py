"""What decides when a run of Cambricon ends: the path back from the last output over jobs and what they waited for."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from simulator.core.mechanisms import CriticalPath, Unit, join_spans
from simulator.machines.cambricon.arch import HALVES, Arch
from simulator.machines.cambricon.engine.run import count_cycles
from simulator.machines.cambricon.engine.schedule import Schedule, first_needed, schedule
from simulator.machines.cambricon.layout.ideal import INPUTS, OUTPUTS, WEIGHTS, WITHOUT
from simulator.machines.cambricon.layout.streams import Streams

COMPUTE = "selection"
MEANS = {WEIGHTS: "all of a selector in a chunk", INPUTS: "all of them in a chunk", OUTPUTS: "they need not leave"}

Span = tuple[int, int, str, str]


class _Timed(NamedTuple):
    """A run's times, and what its jobs still need; see `Jobs`."""

    arch: Arch
    streams: Streams
    times: Schedule
    ended: np.ndarray  # int64 [jobs]: the cycle after the last one of each
    content_needed: np.ndarray  # int64 [jobs]
    load_needed: np.ndarray  # int64 [jobs]


def critical_path(arch: Arch, passes: Sequence[Streams]) -> CriticalPath:
    """Jobs in a row, and transfers that one waited for, from when they were asked for; of equals the job before."""
    (streams,) = passes
    cycles, jobs = count_cycles(arch, streams).total, streams.jobs
    times = schedule(arch, streams, cycles, 0)
    needed = (first_needed(jobs.start, what) for what in (jobs.content, jobs.load))
    timed = _Timed(arch, streams, times, times.begun + cycles, *needed)
    return CriticalPath(join_spans([*_spans(timed)][::-1]), tuple(_units(timed, cycles)))


def _spans(run: _Timed) -> Iterator[Span]:
    """From the last one to the first."""
    jobs, begun, job = run.streams.jobs, run.times.begun, int(run.ended.argmax())
    yield int(run.ended[job]), run.times.cycles - int(run.ended[job]), OUTPUTS, ""
    while job >= 0:
        selector = int(np.searchsorted(jobs.start, job, "right")) - 1
        first, begin = int(jobs.start[selector]), int(begun[job])
        unit = "" if run.arch.shared_selector else f"PE {selector}"
        yield begin, int(run.ended[job]) - begin, COMPUTE, unit
        if job > first and run.ended[job - 1] == begin:
            job -= 1
            continue
        late = WEIGHTS if run.times.loaded[jobs.load[job]] == begin else INPUTS
        job = _freed_for_weights(run, selector, job) if late == WEIGHTS else _freed_for_inputs(run, job)
        asked = int(run.ended[job]) if job >= 0 else 0
        yield asked, begin - asked, late, ""


def _freed_for_weights(run: _Timed, selector: int, job: int) -> int:
    """The job whose end made room for the load of a job; -1: it was asked for at once."""
    jobs = run.streams.jobs
    return _last_before(jobs.start, run.load_needed, selector, int(jobs.load[job]) - run.arch.sb_slots)


def _freed_for_inputs(run: _Timed, job: int) -> int:
    """The job whose end made room in NBin for the content of a job, the last one of all selectors; -1 as above."""
    start, content = run.streams.jobs.start, int(run.streams.jobs.content[job]) - HALVES
    found = [_last_before(start, run.content_needed, selector, content) for selector in range(start.size - 1)]
    return max(found, key=lambda one: int(run.ended[one]) if one >= 0 else -1)


def _last_before(start: np.ndarray, needed: np.ndarray, selector: int, number: int) -> int:
    """The last of a selector's jobs that needs a load or content up to a number; -1: none does."""
    first, end = int(start[selector]), int(start[selector + 1])
    found = int(np.searchsorted(needed[first:end], number, "right"))
    return first + found - 1 if found else -1


def _units(run: _Timed, cycles: np.ndarray) -> Iterator[Unit]:
    """Slack of weights and inputs: how much longer before a job began each was there, where the run needs them at all.

    cycles: int64 [jobs].
    """
    jobs, times = run.streams.jobs, run.times
    spare = {
        WEIGHTS: _least_wait(times.loaded, jobs.load, times.begun),
        INPUTS: _least_wait(times.arrived, jobs.content, times.begun),
        OUTPUTS: 0,
    }
    for name, change in WITHOUT.items():
        free = schedule(run.arch, change(run.streams), cycles, 0).cycles
        yield Unit(name, spare[name] if free == times.cycles else 0, free, MEANS[name])


def _least_wait(there: np.ndarray, used: np.ndarray, begun: np.ndarray) -> int:
    """The least time from when something is there, int64 [things], to its first job: used and begun int64 [jobs]."""
    first = np.full(there.size, np.iinfo(np.int64).max)
    np.minimum.at(first, used, begun)
    return int((first - there).min())
