"""A timeline in Chrome's trace-event format, which ui.perfetto.dev opens.

Source: the Trace Event Format, https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU:
`X` is a span with `ts` and `dur` in microseconds, `C` a counter, `M` a name. Spans of a track must not overlap, and
the viewer rounds to nanoseconds. So begins and ends are rounded to nanoseconds first, and durations follow from them.
"""

from collections.abc import Iterator, Mapping

from simulator.timeline.counters import QUEUES
from simulator.timeline.recording import Timeline
from simulator.timeline.spans import Span, reason_of
from workloads.document_types import Document

Event = Document
PATH = "critical path"


def to_dict(timeline: Timeline) -> Document:
    """The timeline as a dictionary of JSON types, in the trace-event format."""
    kinds = number_kinds(timeline)
    events = [*name_events(timeline, kinds), *span_events(timeline, kinds), *counter_events(timeline, kinds)]
    events += path_events(timeline, 1 + len(kinds))
    return {"traceEvents": events, "displayTimeUnit": "ns", "otherData": describe(timeline)}


def nanoseconds(cycle: int, clock_mhz: float) -> int:
    """Begin of a cycle in ns. Above 1 GHz a cycle is drawn as 1 ns, the shortest time that the viewer knows."""
    return round(cycle * max(1.0, 1000 / clock_mhz))


def describe(timeline: Timeline) -> Document:
    """Facts about the run, and how to read the file."""
    result = timeline.result
    clock = result.config.technology.clock_mhz
    cycle = f"{1000 / clock:g} ns" if clock <= 1000 else f"{1000 / clock:g} ns, drawn as 1 ns"
    return {
        "machine": result.config.machine,
        "config": result.config.name,
        "changes": result.config.changes,
        "workload": result.workload.name,
        "seed": result.workload.seed,
        "clock_mhz": clock,
        "cycles": result.run.cycles,
        "window": list(timeline.window),
        "cycles_per_bin": timeline.width,
        "note": timeline.note(),
        "notes": [*result.workload.notes, *result.workload.layer.notes],
        "time": f"a cycle is {cycle}; ts and dur are microseconds in whole nanoseconds, args hold cycles",
        "working": {
            track.kind: [reason_of(letter) for letter in track.letters if letter in track.working]
            for track in timeline.tracks
        },
        "queue_slots": timeline.slots,
        "arch": result.config.arch._asdict(),
    }


def number_kinds(*timelines: Timeline) -> dict[str, int]:
    """Each kind of units, and the queues, with its process number in the viewer, where 0 is the idle process."""
    kinds = [track.kind for one in timelines for track in one.tracks]
    kinds += [counter.kind for one in timelines for counter in one.counters]
    return {kind: number for number, kind in enumerate(dict.fromkeys(kinds), 1)}


def name_events(timeline: Timeline, kinds: Mapping[str, int]) -> Iterator[Event]:
    """The names of the kinds of units and of the units."""
    for kind, pid in kinds.items():
        name = "activation queues" if kind == QUEUES else kind
        yield from process_events(f"{timeline.result.config.name}: {name}", pid)
    for tid, track in enumerate(timeline.tracks, 1):
        yield _meta("thread_name", kinds[track.kind], tid, {"name": track.name})
        yield _meta("thread_sort_index", kinds[track.kind], tid, {"sort_index": tid})


def process_events(name: str, pid: int) -> Iterator[Event]:
    """The name and the place of a group of tracks."""
    yield _meta("process_name", pid, 0, {"name": name})
    yield _meta("process_sort_index", pid, 0, {"sort_index": pid})


def _meta(name: str, pid: int, tid: int, args: Document) -> Event:
    return {"ph": "M", "name": name, "ts": 0, "pid": pid, "tid": tid, "args": args}


def span_events(timeline: Timeline, kinds: Mapping[str, int], offset: int = 0) -> Iterator[Event]:
    """The spans. kinds: as `number_kinds` gives them. offset: cycles before the layer's first one."""
    clock = timeline.result.config.technology.clock_mhz
    for tid, (track, spans) in enumerate(zip(timeline.tracks, timeline.spans, strict=True), 1):
        for span in spans:
            start = offset + span.begin
            begin, end = nanoseconds(start, clock), nanoseconds(start + span.cycles, clock)
            yield {
                "ph": "X",
                "name": span.name,
                "ts": begin / 1000,
                "dur": (end - begin) / 1000,
                "pid": kinds[track.kind],
                "tid": tid,
                "args": _arguments(span, start),
            }


def path_events(timeline: Timeline, pid: int, offset: int = 0, named: bool = False) -> Iterator[Event]:
    """A track of what decides each cycle of the run, where the machine says it.

    offset: cycles before the layer's first one. named: whether the track has a name already.
    """
    clock = timeline.result.config.technology.clock_mhz
    tid = 1 + len(timeline.tracks)
    if timeline.path and not named:
        yield from process_events(f"{timeline.result.config.name}: {PATH}", pid)
        yield _meta("thread_name", pid, tid, {"name": PATH})
    for span in timeline.path:
        start = offset + span.begin
        begin, end = nanoseconds(start, clock), nanoseconds(start + span.cycles, clock)
        yield {
            "ph": "X", "name": span.name, "ts": begin / 1000, "dur": (end - begin) / 1000, "pid": pid, "tid": tid,
            "args": _arguments(span, start),
        }  # fmt: skip


def _arguments(span: Span, start: int) -> Document:
    arguments = {"cycle": start, "cycles": span.cycles}
    return arguments if len(span.spent) == 1 else {**arguments, "spent": span.spent}


def counter_events(timeline: Timeline, kinds: Mapping[str, int], offset: int = 0) -> Iterator[Event]:
    """The values of the counters; see `span_events`."""
    clock = timeline.result.config.technology.clock_mhz
    for counter in timeline.counters:
        for cycle, value in zip(counter.cycles.tolist(), counter.values.tolist(), strict=True):
            yield {
                "ph": "C",
                "name": counter.name,
                "ts": nanoseconds(offset + cycle, clock) / 1000,
                "pid": kinds[counter.kind],
                "tid": 0,
                "args": {counter.unit: value},
            }
