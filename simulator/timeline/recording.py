"""A run as spans and counters: exact where they are few, else down-sampled to bins of cycles."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from simulator.config.load import Config
from simulator.core.machine import Queue, Track
from simulator.core.registry import find
from simulator.results.result import Result
from simulator.run.simulate import simulate
from simulator.timeline.counters import Counter, broadcast_counters, fill_counters
from simulator.timeline.spans import Span, binned_spans, count_runs, exact_spans
from workloads.errors import refuse
from workloads.workload import Workload

MOST_EVENTS = 100_000
"""Default limit of spans and counter values: a file of about 15 MB."""
MOST_LETTERS = 1 << 31
"""Limit of a trace in memory, bytes: a letter is one byte."""


class Timeline(NamedTuple):
    """What the units of a machine did in the cycles from `window[0]` up to, not including, `window[1]` of a run."""

    result: Result
    tracks: Sequence[Track]
    window: tuple[int, int]
    width: int  # cycles of a bin; 1: exact
    most_events: int
    spans: Sequence[Sequence[Span]]  # for each track
    counters: Sequence[Counter]
    slots: int | None  # of a queue; None: the machine reports no queues

    @property
    def events(self) -> int:
        """The number of spans and counter values."""
        return sum(map(len, self.spans)) + sum(counter.cycles.size for counter in self.counters)

    def note(self) -> str:
        """A sentence: the part of the run that is recorded, and the width of its bins."""
        first, last = self.window
        part = f"cycles {first:,} to {last:,} of {self.result.run.cycles:,}"
        if self.width == 1:
            return f"{part}, exact"
        limit = f"so that there are at most {self.most_events:,} events"
        return f"{part}, down-sampled to bins of {self.width:,} cycles {limit}"


def record(
    config: Config,
    workload: Workload,
    *,
    window: tuple[int, int] | None = None,
    most_events: int = MOST_EVENTS,
) -> Timeline:
    """Run `workload` on `config` and record what each unit does in a window of cycles (default: the whole run).

    Where exact recording takes more than `most_events` spans and counter values, time is cut into bins: the narrowest
    power of two, in cycles, that keeps to the limit. InputError where the machine declares no tracks, the window holds
    no cycle of the run, the trace takes more than MOST_LETTERS bytes, or `most_events` is less than one per track and
    counter.
    """
    machine = find(config.machine)
    tracks = machine.tracks(config.arch)
    if not tracks:
        refuse(config.machine, "it does not say what its trace shows", "a machine with `tracks`")
    passes = machine.layout(config.arch, workload.layer)
    first, last = _check_window(window)
    cycles = simulate(config, workload, output=False, passes=passes).run.cycles
    if first >= cycles:
        refuse(workload.name, f"window begins at cycle {first}", f"one of the run's {cycles} cycles")
    last = cycles if last is None else min(last, cycles)
    if len(tracks) * cycles > MOST_LETTERS:
        size = f"the trace of {len(tracks)} units has {cycles} cycles"
        refuse(workload.name, size, "at most 2**31 letters: a smaller layer or scale")
    result = simulate(config, workload, output=False, trace_cycles=last, passes=passes)
    queues = machine.queues(config.arch, passes)
    return _cut(result, tracks, queues, (first, last), most_events)


def _check_window(window: tuple[int, int] | None) -> tuple[int, int | None]:
    if window is None:
        return 0, None
    first, last = window
    if not 0 <= first < last:
        refuse("window", f"it is {first}:{last}", "FIRST:LAST with 0 <= FIRST < LAST, cycles")
    return first, last


def _cut(
    result: Result, tracks: Sequence[Track], queues: Sequence[Queue], window: tuple[int, int], most_events: int
) -> Timeline:
    """The timeline of a run with exact spans and counters, or with those of the narrowest bins within the limit."""
    first, last = window
    trace = result.run.trace
    counters = _count(tracks, queues, trace, window, 1)
    events = count_runs(trace[:, first:last]) + sum(counter.cycles.size for counter in counters)
    width = 1
    if events > most_events:
        lines = len(tracks) + len(counters)
        if lines > most_events:
            refuse("events", f"at most {most_events} are asked for", f"{lines} or more, one for each track and counter")
        while lines * -(-(last - first) // width) > most_events:
            width *= 2
        counters = _count(tracks, queues, trace, window, width)
    spans = [_span(track, row[first:last], first, width) for track, row in zip(tracks, trace, strict=True)]
    slots = queues[0].slots if queues else None
    return Timeline(result, tracks, window, width, most_events, spans, counters, slots)


def _count(
    tracks: Sequence[Track], queues: Sequence[Queue], trace: np.ndarray, window: tuple[int, int], width: int
) -> list[Counter]:
    return [*broadcast_counters(tracks, trace, window, width), *fill_counters(queues, window, width)]


def _span(track: Track, row: np.ndarray, first: int, width: int) -> list[Span]:
    if width == 1:
        return exact_spans(row, track.letters, first)
    return binned_spans(row, track.letters, first, width)
