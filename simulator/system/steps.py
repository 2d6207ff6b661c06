"""A schedule as arrays, as compiled code reads it."""

from typing import NamedTuple

import numpy as np

from simulator.system.link import duration_ps
from simulator.system.network import Network
from simulator.system.schedule import Receive, Reduce, Schedule, Send, Step

COMPUTES, SENDS, RECEIVES, REDUCES = range(4)


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
    routes: dict[tuple[int, int], int] = {}
    rows: list[tuple[int, int, int, int, int]] = []
    for chip, program in enumerate(schedule.programs):
        rows += [_row(chip, step, routes) for step in program]
    begin = np.cumsum([0, *map(len, schedule.programs)], dtype=np.int64)
    kind, peer, size, ps, route = np.ascontiguousarray(np.array(rows, np.int64).reshape(-1, 5).T)
    reduces = kind == REDUCES
    for moves, rate in ((reduces, network.reduce_bytes_per_s), (kind == SENDS, network.link.bytes_per_s)):
        sizes, places = np.unique(size[moves], return_inverse=True)
        ps[moves] = np.array([duration_ps(one, rate) for one in sizes.tolist()], np.int64)[places]
    kind[reduces] = COMPUTES
    ways = [network.route(source, target) for source, target in routes]
    route_begin = np.cumsum([0, *map(len, ways)], dtype=np.int64)
    hops = np.array([channel for way in ways for channel in way], np.int64)
    return Steps(begin, kind, peer, size, ps, route, route_begin, hops)


def _row(chip: int, step: Step, routes: dict[tuple[int, int], int]) -> tuple[int, int, int, int, int]:
    """Kind, peer, size, ps of a computation, route. routes: what is known already, by source and target."""
    if isinstance(step, Send):
        return SENDS, step.target, step.size, 0, routes.setdefault((chip, step.target), len(routes))
    if isinstance(step, Receive):
        return RECEIVES, step.source, step.size, 0, 0
    return (REDUCES, 0, step.size, 0, 0) if isinstance(step, Reduce) else (COMPUTES, 0, 0, step.ps, 0)
