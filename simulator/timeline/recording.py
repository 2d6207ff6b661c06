"""A run as spans and counters: exact where they are few, else down-sampled to bins of cycles."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from simulator.config.load import Config
from simulator.core.machine import Queue, Track
from simulator.core.mechanisms import PathSpan
from simulator.core.registry import find
from simulator.results.result import Result
from simulator.run.simulate import simulate
from simulator.timeline.counters import Counter, broadcast_counters, fill_counters
from simulator.timeline.critical import path_spans
from simulator.timeline.spans import Span, binned_spans, count_runs, exact_spans
from workloads.errors import refuse
from workloads.workload import Workload

MOST_EVENTS = 100_000
"""Default limit of spans and counter values: a file of about 15 MB."""
MOST_LETTERS = 1 << 31
"""Limit of a trace in memory, bytes: a letter is one byte."""


class Traced(NamedTuple):
    """A layer that was run with its trace from cycle 0 to the end of a window."""

    result: Result
    tracks: Sequence[Track]
    queues: Sequence[Queue]
    window: tuple[int, int]

    def exact_events(self) -> int:
        """How many spans and counter values an exact timeline has."""
        first, last = self.window
        counters = _count(self, 1)
        return count_runs(self.result.run.trace[:, first:last]) + sum(counter.cycles.size for counter in counters)

    def lines(self) -> int:
        """How many tracks and counters there are: each has one event or more."""
        return len(self.tracks) + len(_count(self, max(1, self.window[1] - self.window[0])))


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
    path: Sequence[Span] = ()  # what decides each cycle; (): the machine does not say, or there is no room for it

    @property
    def events(self) -> int:
        """The number of spans and counter values."""
        return sum(map(len, self.spans)) + sum(counter.cycles.size for counter in self.counters) + len(self.path)

    def note(self) -> str:
        """A sentence: the part of the run that is recorded, and the width of its bins."""
        return describe_part(self.window, self.result.run.cycles, self.width, self.most_events)


def describe_part(window: tuple[int, int], cycles: int, width: int, most_events: int) -> str:
    """A sentence: which cycles of a run are recorded, and the width of the bins."""
    part = f"cycles {window[0]:,} to {window[1]:,} of {cycles:,}"
    if width == 1:
        return f"{part}, exact"
    limit = f"so that there are at most {most_events:,} events"
    return f"{part}, down-sampled to bins of {width:,} cycles {limit}"


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
    check_tracks(config)
    first, last = check_window(window)
    passes = find(config.machine).layout(config.arch, workload.layer)
    cycles = simulate(config, workload, output=False, passes=passes).run.cycles
    if first >= cycles:
        refuse(workload.name, f"window begins at cycle {first}", f"one of the run's {cycles} cycles")
    traced = trace_layer(config, workload, cycles, (first, cycles if last is None else min(last, cycles)), passes)
    width = choose_width([traced.exact_events()], [(traced.lines(), traced.window)], most_events)
    found = cut(traced, width, most_events)
    return found._replace(path=path_spans(path_of(config, passes), traced.window, most_events - found.events))


def path_of(config: Config, passes: Sequence[object]) -> Sequence[PathSpan]:
    """What decides each cycle of a run; nothing where the machine does not say it."""
    path = find(config.machine).critical_path(config.arch, passes)
    return () if path is None else path.spans


def check_tracks(config: Config) -> None:
    """Refuse a machine that declares no tracks (InputError)."""
    if not find(config.machine).tracks(config.arch):
        refuse(config.machine, "it does not say what its trace shows", "a machine with `tracks`")


def check_window(window: tuple[int, int] | None) -> tuple[int, int | None]:
    """The first cycle and the one after the last; None: the end of the run. InputError where there is none between."""
    if window is None:
        return 0, None
    first, last = window
    if not 0 <= first < last:
        refuse("window", f"it is {first}:{last}", "FIRST:LAST with 0 <= FIRST < LAST, cycles")
    return first, last


def trace_layer(
    config: Config,
    workload: Workload,
    cycles: int,
    window: tuple[int, int],
    passes: Sequence[object] | None = None,
) -> Traced:
    """Run a layer of `cycles` cycles with its trace. InputError where that takes more than MOST_LETTERS bytes."""
    machine = find(config.machine)
    tracks = machine.tracks(config.arch)
    if len(tracks) * cycles > MOST_LETTERS:
        size = f"the trace of {len(tracks)} units has {cycles} cycles"
        refuse(workload.name, size, "at most 2**31 letters: a smaller layer or --scale")
    if passes is None:
        passes = machine.layout(config.arch, workload.layer)
    result = simulate(config, workload, output=False, trace_cycles=window[1], passes=passes)
    return Traced(result, tracks, machine.queues(config.arch, passes), window)


def choose_width(exact: Sequence[int], lines: Sequence[tuple[int, tuple[int, int]]], most_events: int) -> int:
    """The width of the bins of one or several layers, cycles; 1: they are recorded exactly.

    exact: events of each layer, recorded exactly. lines: tracks and counters of each layer, and its window. InputError
    where each line cannot have one event.
    """
    if sum(exact) <= most_events:
        return 1
    least = sum(count for count, _ in lines)
    if least > most_events:
        refuse("events", f"at most {most_events} are asked for", f"{least} or more, one for each track and counter")
    width = 1
    while sum(count * -(-(last - first) // width) for count, (first, last) in lines) > most_events:
        width *= 2
    return width


def cut(traced: Traced, width: int, most_events: int) -> Timeline:
    """The timeline of a layer in bins of `width` cycles; 1: exact."""
    first, last = traced.window
    trace, queues = traced.result.run.trace, traced.queues
    spans = [_span(track, row[first:last], first, width) for track, row in zip(traced.tracks, trace, strict=True)]
    slots = queues[0].slots if queues else None
    counters = _count(traced, width)
    return Timeline(traced.result, traced.tracks, traced.window, width, most_events, spans, counters, slots)


def _count(traced: Traced, width: int) -> list[Counter]:
    found = broadcast_counters(traced.tracks, traced.result.run.trace, traced.window, width)
    return [*found, *fill_counters(traced.queues, traced.window, width)]


def _span(track: Track, row: np.ndarray, first: int, width: int) -> list[Span]:
    if width == 1:
        return exact_spans(row, track.letters, first)
    return binned_spans(row, track.letters, first, width)
