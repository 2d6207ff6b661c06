"""What decides when a run of EdgeDRNN ends: scan, list, latency or beats of each layer and step, and their slack."""

from collections.abc import Iterator, Sequence

import numpy as np

from simulator.core.mechanisms import CriticalPath, PathSpan, Unit, critical_pes
from simulator.core.slack_map import SlackMap, empty_map
from simulator.machines.edgedrnn.arch import Arch, activation_cycles
from simulator.machines.edgedrnn.engine.run import LayerStep, Values, compute, layer_steps
from simulator.machines.edgedrnn.engine.timing import time_entries
from simulator.machines.edgedrnn.layout.streams import LayerStream, Streams
from simulator.machines.edgedrnn.report import entry_path as entries

ENCODER, LIST, FETCHES, DRAIN, STATES = "scan", "list", "latency", "drain", "new states"
DRAINED, ACTIVATED, OVERHEAD = range(len(entries.NAMES), len(entries.NAMES) + 3)
WHAT = (*entries.NAMES, DRAIN, STATES, "overhead")
MEANS = {
    ENCODER: "all changes are known at once",
    LIST: "a list of any length",
    FETCHES: "beats come in the cycle of the request",
    DRAIN: "products are added at once",
    STATES: "new states are computed in no time",
}
MOST_ENTRIES = 1 << 24
"""That are timed again for what the run would take without single PEs."""


def critical_path(arch: Arch, passes: Sequence[Streams]) -> CriticalPath:
    """The path through all layers of all time steps, and the slack of encoder, list, fetches and PEs."""
    (streams,) = passes
    values = compute(streams)
    steps = list(layer_steps(arch, streams, values))
    cycles = steps[-1].start + steps[-1].timing.cycles + arch.run_overhead
    found = [entries.entry_path(arch, one.layer, one.timing) for one in steps]
    slack = empty_map(cycles, arch.pes)
    pe_slack = np.full(arch.pes, cycles)
    for step, path in zip(steps, found, strict=True):
        _add_slack(arch, step, path.slack, pe_slack, slack)
    limits = np.min([path.limits for path in found], axis=0).tolist()
    spans = _spans(arch, steps, found, cycles)
    timed = Retimed(arch, streams, values, steps, cycles)
    return CriticalPath(spans, tuple(_units(timed, limits, pe_slack, spans)), slack)


def free_unit(arch: Arch, passes: Sequence[Streams], unit: str) -> tuple[Arch, Sequence[Streams]] | None:
    """Architecture and passes without a unit; None for the encoder, which no layout is without."""
    (streams,) = passes
    if unit == ENCODER:
        return None
    if unit in MEANS:
        return without_limit(arch, streams, unit), passes
    layers = tuple(without_pe(layer, int(unit.removeprefix("PE "))) for layer in streams.layers)
    return arch, (streams._replace(layers=layers),)


def without_limit(arch: Arch, streams: Streams, unit: str) -> Arch:
    """The architecture without a limit."""
    if unit == LIST:
        most = max(len(layer.beats) for layer in streams.layers)
        return arch._replace(list_depth=max(arch.list_depth, most))
    if unit == FETCHES:
        return arch._replace(fetch_cycles=0)
    return arch._replace(
        **({"pipeline_cycles": 0} if unit == DRAIN else {"activation_steps": 0, "activation_pipeline": 0})
    )


def without_pe(layer: LayerStream, pe: int) -> LayerStream:
    """A layer with as many beats as its other PEs take, at least one a column."""
    rest = np.delete(layer.multiplies, pe, axis=1).max(axis=1, initial=1)
    return layer._replace(beats=np.minimum(layer.beats, rest))


def _add_slack(arch: Arch, step: LayerStep, slack: np.ndarray, pe_slack: np.ndarray, over_time: SlackMap) -> None:
    """Lower the slack of PEs, int64 [pes], and over time to that of a layer's entries, int64 [entries]."""
    timing, layer = step.timing, step.layer
    entry = timing.entry[timing.is_change]
    if not entry.size:
        return
    spare = (layer.beats[entry, None] - layer.multiplies[entry]) * arch.beat_cycles  # int64 [changes, pes]
    spare += slack[timing.is_change, None]
    np.minimum(pe_slack, spare.min(axis=0), out=pe_slack)
    times, lines = over_time.least.shape
    begin = (step.start + timing.begin[timing.is_change]) * times // over_time.cycles
    np.minimum.at(over_time.least, (begin[:, None], np.arange(arch.pes) * lines // arch.pes), spare)


def _spans(
    arch: Arch, steps: Sequence[LayerStep], found: Sequence[entries.EntryPath], cycles: int
) -> tuple[PathSpan, ...]:
    """The parts of all paths in the order of time; neighbours of one kind and unit are one."""
    begins, whats, units = list[np.ndarray](), list[np.ndarray](), list[np.ndarray]()
    for step, path in zip(steps, found, strict=True):
        end = step.start + int(step.timing.end[-1])
        after = [end, end + arch.pipeline_cycles]
        begins.append(np.append(step.start + path.begin, after))
        whats.append(np.append(path.what, [DRAINED, ACTIVATED]))
        units.append(np.append(_units_of(step, path), [-1, -1]))
    begin = np.append(np.concatenate(begins), cycles - arch.run_overhead)
    what, unit = np.append(np.concatenate(whats), OVERHEAD), np.append(np.concatenate(units), -1)
    spent = np.diff(begin, append=cycles)
    begin, what, unit = (one[spent > 0] for one in (begin, what, unit))
    first = np.flatnonzero((np.diff(what, prepend=-1) != 0) | (np.diff(unit, prepend=-2) != 0))
    spent = np.diff(begin[first], append=cycles)
    given = zip(*(one.tolist() for one in (begin[first], spent, what[first], unit[first])), strict=True)
    return tuple(PathSpan(at, many, WHAT[kind], f"PE {pe}" if pe >= 0 else "") for at, many, kind, pe in given)


def _units_of(step: LayerStep, path: entries.EntryPath) -> np.ndarray:
    """The PE that alone decides the beats of each part, int64 [parts]; -1: none, or several."""
    multiplies = step.layer.multiplies[step.timing.entry[path.entry]]
    most = multiplies.max(axis=1)
    alone = ((multiplies == most[:, None]).sum(axis=1) == 1) & (most > 1) & (path.what == entries.BEATS)
    return np.where(alone, multiplies.argmax(axis=1), -1)


class Retimed:
    """The cycles of a run without a unit: the same changes, timed again."""

    def __init__(self, arch: Arch, streams: Streams, values: Values, steps: Sequence[LayerStep], cycles: int):
        self.arch, self.cycles = arch, cycles
        self._streams, self._values, self._steps = streams, values, steps
        self.entries = sum(len(step.timing.entry) for step in steps)

    def without_limit(self, unit: str) -> int:
        """Without one of `MEANS`."""
        if unit == ENCODER:
            timings = (step.timing for step in self._steps)
            again = (
                time_entries(self.arch, step.layer, step.timing.entry, step.timing.is_change, 0 * step.timing.entry)
                for step in self._steps
            )
            return self.cycles + sum(new.cycles - old.cycles for new, old in zip(again, timings, strict=True))
        arch = without_limit(self.arch, self._streams, unit)
        return self._end(arch, self._streams)

    def without_pe(self, pe: int) -> int:
        """Without the entries of a PE."""
        layers = tuple(without_pe(layer, pe) for layer in self._streams.layers)
        same = (np.array_equal(a.beats, b.beats) for a, b in zip(layers, self._streams.layers, strict=True))
        return self.cycles if all(same) else self._end(self.arch, self._streams._replace(layers=layers))

    def _end(self, arch: Arch, streams: Streams) -> int:
        *_, last = layer_steps(arch, streams, self._values)
        return last.start + last.timing.cycles + arch.run_overhead


def _units(timed: Retimed, limits: Sequence[int], pe_slack: np.ndarray, path: tuple[PathSpan, ...]) -> Iterator[Unit]:
    """All units; without one that has slack, the run takes as long as it does. limits: of encoder, list, fetches."""
    arch, cycles = timed.arch, timed.cycles
    for name, spare in zip((ENCODER, LIST, FETCHES), limits, strict=True):
        yield Unit(name, min(spare, cycles), cycles if spare else timed.without_limit(name), MEANS[name])
    for name, takes in ((DRAIN, arch.pipeline_cycles), (STATES, activation_cycles(arch, 1))):
        yield Unit(name, 0, timed.without_limit(name) if takes else cycles, MEANS[name])
    tried = set(critical_pes(pe_slack, path)[: MOST_ENTRIES // timed.entries])
    for pe, spare in enumerate(pe_slack.tolist()):
        free = cycles if spare else timed.without_pe(pe) if pe in tried else None
        yield Unit(f"PE {pe}", spare, free, "no weights on it")
