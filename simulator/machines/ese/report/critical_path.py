"""What decides when a run of ESE ends: in each slot the longest of its parts, in a product its longest path."""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from simulator.core.mechanisms import CriticalPath, PathSpan, Unit, critical_pes, join_spans
from simulator.core.slack_map import SlackMap, empty_map, empty_part
from simulator.hardware import column_path as columns
from simulator.machines.ese.arch import Arch
from simulator.machines.ese.engine.run import time_steps
from simulator.machines.ese.engine.timing import Computation, Timing
from simulator.machines.ese.layout import ideal
from simulator.machines.ese.layout.streams import DistributedMatrix, Slot, Streams

ASSEMBLER, ELEMENT, WEIGHTS, VECTORS = "assembler", "element-wise", "memory of weights", "memory of vectors"
QUEUES, BROADCAST = "queues", "broadcast"
MEANS = {
    QUEUES: "queues of any length",
    BROADCAST: "any number of columns in a cycle",
    ASSEMBLER: "rows put in order in no time",
    ELEMENT: "no element-wise operation",
    WEIGHTS: "weights in the buffers",
    VECTORS: "pointers, biases, peepholes and inputs in the buffers",
}

MOST_TRIED = 3
"""PEs for which the run without them is computed, as memory is timed again for each."""

Loose = Sequence[tuple[int, int, str, str]]


class Pass(NamedTuple):
    """A layer of the stack, and when its slots run."""

    arch: Arch
    streams: Streams
    steps: list[list[Timing]]

    def matrix(self, slot: Slot) -> DistributedMatrix:
        """What a slot multiplies with."""
        return self.streams.matrices[slot.product]

    def slots(self) -> Iterator[tuple[Slot, Timing]]:
        """All slots of all time steps."""
        for step in self.steps:
            yield from zip(self.streams.slots, step, strict=True)


def critical_path(arch: Arch, passes: Sequence[Streams]) -> CriticalPath:
    """The path of all layers, and the slack of all units of a channel, which run in lockstep."""
    timed = [Pass(arch, streams, time_steps(arch, streams, streams.activation.shape[1])) for streams in passes]
    spans: list[tuple[int, int, str, str]] = []
    now = 0
    for one in timed:
        known: dict[int, Loose] = {}
        for slot, timing in one.slots():
            found = _slot_spans(one, slot, timing, known)
            spans += [(now + begin, spent, what, unit) for begin, spent, what, unit in found]
            now += timing.cycles
    path, slack = join_spans(spans), empty_map(now, arch.pes)
    return CriticalPath(path, tuple(_units(timed, slack, path)), slack)


def _slot_spans(one: Pass, slot: Slot, timing: Timing, known: dict[int, Loose]) -> Loose:
    """What decides the cycles of a slot, from its first on; known: paths of products that were found, by slot."""
    work, cycles = timing.work, timing.cycles
    if work.product is not None and work.product_cycles == cycles:
        if id(work) not in known:
            known[id(work)] = _product_spans(one, slot, work)
        return known[id(work)]
    parts = (
        (work.assemble_cycles, ASSEMBLER),
        (work.element_cycles, ELEMENT),
        (timing.weights.cycles, WEIGHTS),
        (timing.vectors.cycles, VECTORS),
    )
    return [(0, cycles, next(name for spent, name in parts if spent == cycles), "")]


def _product_spans(one: Pass, slot: Slot, work: Computation) -> Loose:
    product = work.product
    assert product is not None
    found = np.zeros((3 * product.broadcast.size + 1, 3), np.int64)
    given = *_recurrence(one.arch, one.matrix(slot)), product.broadcast, product.begin, int(product.end.argmax())
    path = columns.in_order(found[: columns.find_path(*given, found)]).tolist()
    end = int(product.end.max())
    spans = [
        (begin, after - begin, columns.NAMES[what], f"PE {which}" if which >= 0 else "")
        for (begin, what, which), (after, _, _) in pairwise([*path, [end, 0, 0]])
    ]
    return list(join_spans([*spans, (end, work.product_cycles - end, "drain", "")]))


def _recurrence(arch: Arch, matrix: DistributedMatrix) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Pointers, columns, stalls and slots, as the functions of `simulator.hardware.column_path` take them."""
    return matrix.pointer, np.arange(matrix.inputs), np.zeros(matrix.inputs, np.int32), arch.queue_depth


def _units(timed: list[Pass], least: SlackMap, path: tuple[PathSpan, ...]) -> Iterator[Unit]:
    """All units; without one that has slack, the run takes as long as it does. least: is filled."""
    arch, cycles, now = timed[0].arch, least.cycles, 0
    pe_slack, slack = np.full(arch.pes, columns.NEVER), np.full(4, columns.NEVER)
    spare = dict.fromkeys((ASSEMBLER, ELEMENT, WEIGHTS, VECTORS), columns.NEVER)
    for one in timed:
        _add_product_slack(one, pe_slack, slack, least, now)
        now += _cycles(one.steps)
        for slot, timing in one.slots():
            work = timing.work
            spent = {ASSEMBLER: work.assemble_cycles, ELEMENT: work.element_cycles}
            spent |= {WEIGHTS: timing.weights.cycles, VECTORS: timing.vectors.cycles}
            used = {ASSEMBLER: slot.product, ELEMENT: slot.element, WEIGHTS: slot.weight_lines}
            used |= {VECTORS: slot.vector_lines + slot.input_lines}
            for name in spare:
                if used[name]:
                    spare[name] = min(spare[name], timing.cycles - spent[name])
    spare |= {QUEUES: int(slack[columns.SLOT_SLACK]), BROADCAST: int(slack[columns.BROADCAST_SLACK])}
    for name, means in MEANS.items():
        yield Unit(name, min(spare[name], cycles), cycles if spare[name] else _without(timed, name), means)
    tried = critical_pes(pe_slack, path)[:MOST_TRIED]
    for pe, left in enumerate(pe_slack.tolist()):
        free: int | None = cycles if left else None
        if pe in tried:
            free = _retime(timed, lambda one, slot, pe=pe: _end(one, slot, absent=pe))  # type: ignore[misc]
        yield Unit(f"PE {pe}", min(left, cycles), free, "no entries on it")


def _add_product_slack(one: Pass, pe_slack: np.ndarray, slack: np.ndarray, least: SlackMap, now: int) -> None:
    """Lower the slack of the PEs, int64 [pes], of limits, int64 [4], and over time to that in the slots of a layer.

    A computation is the same in all time steps: its slack is that in the shortest of its slots. now: the layer's first
    cycle.
    """
    lengths = np.array([[timing.cycles for timing in step] for step in one.steps])
    begins = now + np.cumsum(lengths).reshape(lengths.shape) - lengths
    for number, slot in enumerate(one.streams.slots):
        product = one.steps[0][number].work.product
        if product is None:
            continue
        last = int(lengths[:, number].min()) - one.arch.pipeline_cycles
        own = empty_part(last, least.pes)
        given = product.broadcast, product.begin, last, columns.NEVER // 2
        columns.find_slack(*_recurrence(one.arch, one.matrix(slot)), *given, pe_slack, slack, own, 0, last)
        for begin, length in zip(begins[:, number].tolist(), lengths[:, number].tolist(), strict=True):
            least.add(own, begin, last, length - one.arch.pipeline_cycles - last)


def _end(one: Pass, slot: Slot, absent: int = -1, slots: int | None = None, earlier: int = 0) -> int:
    """The cycle after a product's last slice, with something absent."""
    pointer, column, stall, held = _recurrence(one.arch, one.matrix(slot))
    end, _ = columns.find_end(pointer, column, stall, held if slots is None else slots, absent, earlier)
    return int(end)


def _retime(timed: list[Pass], end: Callable[[Pass, Slot], int]) -> int:
    """The cycles of a run whose products end in other cycles of their slots."""
    found = 0
    for one in timed:
        works = [
            timing.work._replace(product_cycles=end(one, slot) + one.arch.pipeline_cycles)
            if slot.product
            else timing.work
            for slot, timing in zip(one.streams.slots, one.steps[0], strict=True)
        ]
        found += _cycles(time_steps(one.arch, one.streams, len(one.steps), works))
    return found


def _without(timed: list[Pass], name: str) -> int:
    """The cycles of a run without one of MEANS."""
    if name == QUEUES:
        return _retime(timed, lambda one, slot: _end(one, slot, slots=one.matrix(slot).inputs))
    if name == BROADCAST:
        return _retime(timed, lambda one, slot: _end(one, slot, earlier=1))
    arch, passes = free_unit(timed[0].arch, [one.streams for one in timed], name)
    return sum(_cycles(time_steps(arch, streams, streams.activation.shape[1])) for streams in passes)


def _cycles(steps: list[list[Timing]]) -> int:
    return sum(timing.cycles for step in steps for timing in step)


def free_unit(arch: Arch, passes: Sequence[Streams], unit: str) -> tuple[Arch, list[Streams]]:
    """Architecture and passes without a unit other than the broadcast."""
    if unit == QUEUES:
        return ideal.any_queue(arch, tuple(passes)), list(passes)
    if unit == ASSEMBLER:
        return arch, [ideal.without_assembly(streams) for streams in passes]
    changes: dict[str, Callable[[Slot], Slot]] = {
        ELEMENT: lambda slot: slot._replace(element=""),
        WEIGHTS: ideal.without_weight_fetches,
        VECTORS: ideal.without_vector_fetches,
    }
    if unit in changes:
        return arch, [one._replace(slots=tuple(map(changes[unit], one.slots))) for one in passes]
    return arch, [ideal.without_pe(streams, int(unit.removeprefix("PE "))) for streams in passes]
