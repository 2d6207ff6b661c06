"""What decides when a run of a dense machine ends: the largest tile of each group, or the weights of the next."""

from collections.abc import Iterator, Sequence

import numpy as np

from simulator.core.mechanisms import CriticalPath, Unit, join_spans
from simulator.core.slack_map import empty_map, empty_part
from simulator.machines.dense.arch import Arch
from simulator.machines.dense.engine import busy_cycles, group_starts
from simulator.machines.dense.layout import Streams

MEMORY = "memory"


def critical_path(arch: Arch, passes: Sequence[Streams]) -> CriticalPath:  # noqa: ARG001
    """Groups by the PE that ends last, the first of equals; PEs are independent within a group, so slack is exact."""
    (streams,) = passes
    busy = busy_cycles(streams)
    longest = busy.max(axis=1)
    start, cycles = group_starts(streams, longest)
    spans = [(0, int(start[0]), MEMORY, "")]
    for begin, end, spent, each in zip(start, np.append(start[1:], cycles), longest, busy, strict=True):
        spans.append((int(begin), int(spent), "dot products", f"PE {int(each.argmax())}"))
        spans.append((int(begin + spent), int(end - begin - spent), MEMORY, ""))
    slack = empty_map(cycles, busy.shape[1])
    for begin, lasting, each in zip(start.tolist(), _lasting(streams, longest).tolist(), busy, strict=True):
        own = empty_part(int(each.max()), busy.shape[1])
        line = np.arange(each.size) * own.shape[1] // each.size
        for place, spare in zip(line[each > 0].tolist(), (lasting - each[each > 0]).tolist(), strict=True):
            own[:, place] = np.minimum(own[:, place], spare)
        slack.add(own, begin, int(each.max()))
    return CriticalPath(join_spans(spans), tuple(_units(streams, busy, cycles)), slack)


def _lasting(streams: Streams, longest: np.ndarray) -> np.ndarray:
    """Cycles from the begin of each group to that of the next, int64 [groups]; longest: of the PEs, likewise."""
    lasting: np.ndarray = np.maximum(longest, np.append(streams.load_cycles[1:], 0))
    return lasting


def _units(streams: Streams, busy: np.ndarray, cycles: int) -> Iterator[Unit]:
    """The loads of weights and the PEs. busy: int64 [groups, pes]."""
    longest, following = busy.max(axis=1), np.append(streams.load_cycles[1:], 0)
    lasting = _lasting(streams, longest)
    slack = 0 if streams.load_cycles[0] else int((lasting - following)[:-1].min(initial=cycles))
    yield Unit(MEMORY, min(slack, cycles), int(longest.sum()) if not slack else cycles, "weights in no time")
    others = np.sort(busy, axis=1)[:, -2] if busy.shape[1] > 1 else np.zeros_like(longest)
    for pe in range(busy.shape[1]):
        spare = int((lasting - busy[:, pe]).min())
        rest = np.where(busy.argmax(axis=1) == pe, others, longest)
        free = int(streams.load_cycles[0]) + int(np.maximum(rest, following).sum())
        yield Unit(f"PE {pe}", min(spare, cycles), free, "no outputs on it")


def free_unit(arch: Arch, passes: Sequence[Streams], unit: str) -> tuple[Arch, list[Streams]]:
    """Architecture and pass without a unit."""
    (streams,) = passes
    if unit == MEMORY:
        return arch, [streams._replace(load_cycles=np.zeros_like(streams.load_cycles))]
    tile = streams.tile.copy()
    tile[int(unit.removeprefix("PE "))] = 0
    return arch, [streams._replace(tile=tile)]
