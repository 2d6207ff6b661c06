"""A schedule as arrays, as compiled code reads it."""

from itertools import chain
from typing import NamedTuple

import numpy as np

from simulator.system.link import duration_ps
from simulator.system.network import Network
from simulator.system.schedule import Receive, Reduce, Schedule, Send, Step

COMPUTES, SENDS, RECEIVES, REDUCES, SIGNALS = range(5)
"""Kinds of steps; a signal is a send within a chip."""


class Steps(NamedTuple):
    """The programs of all units one after another, and the routes of their messages."""

    begin: np.ndarray  # int64 [units + 1]: the first step of each unit
    kind: np.ndarray  # int64 [steps]
    peer: np.ndarray  # int64 [steps]: target or source
    size: np.ndarray  # int64 [steps]: bytes of a message
    ps: np.ndarray  # int64 [steps]: how long it occupies the unit, or each channel
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
    ways = [schedule.way(network, source, target) for source, target in routes]
    route_begin = np.cumsum([0, *map(len, ways)], dtype=np.int64)
    hops = np.fromiter(chain.from_iterable(ways), np.int64, int(route_begin[-1]))
    sends = np.flatnonzero(kind == SENDS)
    kind[sends[np.diff(route_begin)[route[sends]] == 0]] = SIGNALS
    return _timed(Steps(begin, kind, peer, size, ps, route, route_begin, hops), network)


def scale(steps: Steps, factor: int, network: Network) -> Steps:
    """The same steps with `factor` times as many bytes in each message and reduction."""
    return _timed(steps._replace(size=steps.size * factor, ps=steps.ps.copy()), network)


def _timed(steps: Steps, network: Network) -> Steps:
    """Fill in how long reductions and messages take, out of their bytes."""
    for kind, rate in ((REDUCES, network.reduce_bytes_per_s), (SENDS, network.link.bytes_per_s)):
        moves = np.equal(steps.kind, kind)
        sizes, places = np.unique(steps.size[moves], return_inverse=True)
        steps.ps[moves] = np.array([duration_ps(one, rate) for one in sizes.tolist()], np.int64)[places]
    return steps


def _row(chip: int, step: Step, routes: dict[tuple[int, int], int]) -> tuple[int, int, int, int, int]:
    """Kind, peer, size, ps of a computation, route. routes: what is known already, by source and target."""
    if isinstance(step, Send):
        return SENDS, step.target, step.size, 0, routes.setdefault((chip, step.target), len(routes))
    if isinstance(step, Receive):
        return RECEIVES, step.source, step.size, 0, 0
    return (REDUCES, 0, step.size, 0, 0) if isinstance(step, Reduce) else (COMPUTES, 0, 0, step.ps, 0)
