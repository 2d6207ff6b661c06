"""A schedule as arrays, as compiled code reads it."""

from typing import NamedTuple

import numpy as np

from simulator.system.link import duration_ps
from simulator.system.network import Network
from simulator.system.schedule import Compute, Receive, Reduce, Schedule, Send, Step

COMPUTES, SENDS, RECEIVES = range(3)


class Steps(NamedTuple):
    """The programs of all chips one after another, and the routes of their messages."""

    begin: np.ndarray  # int64 [chips + 1]: the first step of each chip
    kind: np.ndarray  # int64 [steps]: COMPUTES (reductions too), SENDS or RECEIVES
    peer: np.ndarray  # int64 [steps]: target or source
    size: np.ndarray  # int64 [steps]: bytes of a message
    ps: np.ndarray  # int64 [steps]: how long it occupies the chip, or each channel
    route: np.ndarray  # int64 [steps]: of a send, its route
    route_begin: np.ndarray  # int64 [routes + 1]: the first hop of each route
    hops: np.ndarray  # int64 [hops]: channels


def flatten(schedule: Schedule, network: Network) -> Steps:
    """The arrays of a schedule: int64 [steps] each, and its routes."""
    durations: dict[tuple[int, int], int] = {}
    routes: dict[tuple[int, int], int] = {}
    rows: list[tuple[int, ...]] = []
    for chip, program in enumerate(schedule.programs):
        rows += [_row(chip, step, network, durations, routes) for step in program]
    begin = np.cumsum([0, *map(len, schedule.programs)], dtype=np.int64)
    kind, peer, size, ps, route = np.ascontiguousarray(np.array(rows, np.int64).reshape(-1, 5).T)
    ways = [network.route(source, target) for source, target in routes]
    route_begin = np.cumsum([0, *map(len, ways)], dtype=np.int64)
    hops = np.array([channel for way in ways for channel in way], np.int64)
    return Steps(begin, kind, peer, size, ps, route, route_begin, hops)


def _row(
    chip: int,
    step: Step,
    network: Network,
    durations: dict[tuple[int, int], int],
    routes: dict[tuple[int, int], int],
) -> tuple[int, int, int, int, int]:
    """Kind, peer, size, ps, route. durations, routes: what is known already, by size and rate, by source and target."""

    def duration(size: int, rate: int) -> int:
        if (size, rate) not in durations:
            durations[size, rate] = duration_ps(size, rate)
        return durations[size, rate]

    match step:
        case Compute(ps):
            return COMPUTES, 0, 0, ps, 0
        case Reduce(_, _, size):
            return COMPUTES, 0, 0, duration(size, network.reduce_bytes_per_s), 0
        case Send(target, _, size):
            ps = duration(size, network.link.bytes_per_s)
            return SENDS, target, size, ps, routes.setdefault((chip, target), len(routes))
        case Receive(source, _, size):
            return RECEIVES, source, size, 0, 0
