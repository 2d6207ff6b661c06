"""The timelines of a network's layers, one after the other in one file, as they run."""

from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from simulator.config.load import Config
from simulator.core.mechanisms import PathSpan
from simulator.core.registry import find
from simulator.results.model_result import LayerRow
from simulator.run.executor import load_for
from simulator.run.layers import describe_notes, for_each_layer
from simulator.run.simulate import simulate
from simulator.run.steps import StepProgress, ignore_step
from simulator.timeline.critical import path_spans
from simulator.timeline.perfetto import (
    Event,
    counter_events,
    describe,
    name_events,
    nanoseconds,
    number_kinds,
    path_events,
    process_events,
    span_events,
)
from simulator.timeline.recording import (
    MOST_EVENTS,
    Timeline,
    check_tracks,
    check_window,
    choose_width,
    cut,
    describe_part,
    path_of,
    trace_layer,
)
from workloads.document_types import Document
from workloads.errors import refuse
from workloads.workload import Layer, Model, Workload


class Loaded(NamedTuple):
    """A layer as the machine reads it, and how long it runs."""

    workload: Workload
    cycles: int


class Part(NamedTuple):
    """A layer that ran, and where it lies among the cycles of the network."""

    layer: str
    begin: int  # cycles of the layers before it
    cycles: int
    timeline: Timeline | None = None  # in the layer's own cycles; None: the window holds nothing of it


class NetworkTimeline(NamedTuple):
    """What the units of a machine did while a network ran, in the cycles `window[0]` up to, not including, the end."""

    config: Config
    workload: str
    parts: tuple[Part, ...]
    window: tuple[int, int]
    width: int  # cycles of a bin; 1: exact
    most_events: int
    notes: tuple[str, ...]  # which layers did not run and why, what the source leaves out

    @property
    def recorded(self) -> list[tuple[Part, Timeline]]:
        """The layers of the window."""
        return [(part, part.timeline) for part in self.parts if part.timeline is not None]

    @property
    def events(self) -> int:
        """The number of spans and counter values."""
        return sum(timeline.events for _, timeline in self.recorded)

    def note(self) -> str:
        """A sentence: the part of the run that is recorded, and the width of its bins."""
        whole = self.parts[-1].begin + self.parts[-1].cycles
        part = describe_part(self.window, whole, self.width, self.most_events)
        return f"{part}, {len(self.recorded)} of {len(self.parts)} layers that ran, one after the other"


def record_network(
    config: Config,
    model: Model,
    *,
    window: tuple[int, int] | None = None,
    most_events: int = MOST_EVENTS,
    progress: StepProgress = ignore_step,
) -> NetworkTimeline:
    """Run a model's layers one after the other and record what each unit does in a window of all their cycles.

    The bins, where they are needed, are as wide in all layers. The compressed layers are all held in memory. InputError
    as in `recording.record`, and where no layer runs.
    """
    check_tracks(config)
    first, last = check_window(window)

    def load(layer: Layer) -> Loaded:
        workload = load_for(config, layer)
        return Loaded(workload, simulate(config, workload, output=False).run.cycles)

    done = list(for_each_layer(model, load, progress))
    rows = [LayerRow(one.layer, one.kind, notes=_notes(one.made), reason=one.reason) for one in done]
    ran = [one.made for one in done if one.made is not None]
    begins = list(accumulate((one.cycles for one in ran), initial=0))
    if first >= begins[-1]:
        refuse(model.name, f"window begins at cycle {first}", f"one of the run's {begins[-1]} cycles")
    last = begins[-1] if last is None else min(last, begins[-1])
    names = [one.layer for one in done if one.made is not None]
    parts = [Part(name, begin, one.cycles) for name, begin, one in zip(names, begins, ran, strict=False)]
    windows = [(max(0, first - part.begin), min(part.cycles, last - part.begin)) for part in parts]
    width, timelines = _record(config, ran, windows, most_events)
    found = tuple(part._replace(timeline=one) for part, one in zip(parts, timelines, strict=True))
    notes = tuple(describe_notes(config, model, rows))
    return NetworkTimeline(config, model.name, found, (first, last), width, most_events, notes)


def _record(
    config: Config, layers: Sequence[Loaded], windows: Sequence[tuple[int, int]], most_events: int
) -> tuple[int, list[Timeline | None]]:
    """The width of the bins, and each layer's timeline; None where its window is empty."""
    exact, lines = list[int](), list[tuple[int, tuple[int, int]]]()
    for (workload, cycles), window in zip(layers, windows, strict=True):
        if window[0] < window[1]:
            traced = trace_layer(config, workload, cycles, window)
            exact.append(traced.exact_events())
            lines.append((traced.lines(), window))
    width = choose_width(exact, lines, most_events)
    found = list[Timeline | None]()
    paths = list[Sequence[PathSpan]]()
    for (workload, cycles), window in zip(layers, windows, strict=True):
        if window[0] < window[1]:
            passes = find(config.machine).layout(config.arch, workload.layer)
            found.append(cut(trace_layer(config, workload, cycles, window, passes), width, most_events))
            paths.append(path_of(config, passes))
        else:
            found.append(None)
            paths.append(())
    return width, _with_paths(found, paths, most_events)


def _with_paths(
    found: Sequence[Timeline | None], paths: Sequence[Sequence[PathSpan]], most_events: int
) -> list[Timeline | None]:
    """The timelines with the critical path of each layer; events that are left are shared by cycles of the window."""
    room = most_events - sum(one.events for one in found if one is not None)
    whole = sum(one.window[1] - one.window[0] for one in found if one is not None)

    def share(one: Timeline) -> int:
        return room * (one.window[1] - one.window[0]) // whole

    return [
        None if one is None else one._replace(path=path_spans(path, one.window, share(one)))
        for one, path in zip(found, paths, strict=True)
    ]


def network_to_dict(network: NetworkTimeline) -> Document:
    """The timeline as a dictionary of JSON types, in the trace-event format, with a track that names the layers."""
    timelines = [timeline for _, timeline in network.recorded]
    kinds = number_kinds(*timelines)
    events = [*name_events(timelines[0], kinds), *_layers(network, 1 + len(kinds))]
    named = False
    for part, timeline in network.recorded:
        events += span_events(timeline, kinds, part.begin)
        events += counter_events(timeline, kinds, part.begin)
        events += path_events(timeline, 2 + len(kinds), part.begin, named)
        named = named or bool(timeline.path)
    about = {
        **describe(timelines[0]),
        "workload": network.workload,
        "cycles": network.parts[-1].begin + network.parts[-1].cycles,
        "window": list(network.window),
        "note": network.note(),
        "notes": list(network.notes),
        "layers": [{"layer": part.layer, "begin": part.begin, "cycles": part.cycles} for part in network.parts],
        "queue_slots": next((timeline.slots for timeline in timelines if timeline.slots is not None), None),
    }
    return {"traceEvents": events, "displayTimeUnit": "ns", "otherData": about}


def _layers(network: NetworkTimeline, pid: int) -> Iterator[Event]:
    """A span for each layer of the window."""
    clock = network.config.technology.clock_mhz
    yield from process_events(f"{network.config.name}: layers", pid)
    for part, timeline in network.recorded:
        first, last = (part.begin + cycle for cycle in timeline.window)
        begin, end = nanoseconds(first, clock), nanoseconds(last, clock)
        args = {"cycle": first, "cycles": last - first}
        yield {
            "ph": "X", "name": part.layer, "ts": begin / 1000, "dur": (end - begin) / 1000, "pid": pid, "tid": 0,
            "args": args,
        }  # fmt: skip


def _notes(made: Loaded | None) -> tuple[str, ...]:
    return () if made is None else (*made.workload.notes, *made.workload.layer.notes)
