"""Exchanges as runs of collectives: which collective, its schedule, and what it takes alone, kept.

Messages of a collective are multiples of the share of a chip; so its steps are flattened once for shares of one byte,
and scaled.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from simulator.system.collectives import collectives_named, make_schedule
from simulator.system.collectives.gather import uneven_all_to_all
from simulator.system.engine import run_steps
from simulator.system.network import Network
from simulator.system.schedule import MOST_PS, Schedule, check_schedule
from simulator.system.steps import SENDS, Steps, flatten, scale
from simulator.system.system_run import NO_INTERVALS, SystemRun
from workloads.division import ALL_TO_ALL, Exchange
from workloads.errors import InputError, refuse

FASTEST = "fastest"
"""The collective of a kind that takes the least time on this network for these bytes."""
BY_NAME_ONLY = ("gathered tree", "parameter server")
"""Collectives that are never taken as the fastest.

The operands of a gathered tree lie elsewhere than at the beginning of the buffer. A server receives many messages one
after another, and what a chip's software takes for each is not known, so that small ones would seem too fast.
"""


class Alone(NamedTuple):
    """A collective that all chips begin at once, on a network without other messages."""

    name: str
    size: int  # of its operand, padded to equal shares
    run: SystemRun  # without intervals, which `intervals_alone` has
    together: bool  # whether all chips end at the same time
    steps: int  # of all programs


def padded(size: int, chips: int) -> int:
    """Bytes with the fewest more that make equal shares."""
    return -(-size // chips) * chips


@lru_cache(maxsize=64)
def _template(name: str, network: Network) -> Steps:
    """The steps of a collective with a share of one byte."""
    schedule = make_schedule(name, network.chips, network.chips)
    check_schedule(schedule, network)
    return flatten(schedule, network)


def collective_steps(name: str, size: int, network: Network) -> Steps:
    """The steps of a collective on all chips of a network; size: bytes, a multiple of the chips.

    InputError where the collective does not fit the chips, or takes too long for 64 bits.
    """
    unit = _template(name, network)
    factor = size // network.chips
    _check_time(name, unit, factor, network)
    return scale(unit, factor, network)


def _check_time(name: str, unit: Steps, factor: int, network: Network) -> None:
    """InputError where all steps one after another, each message alone, take more than MOST_PS."""
    slowest = min(network.link.bytes_per_s, network.reduce_bytes_per_s)
    most_hops = int(np.diff(unit.route_begin).max(initial=1))
    moved = int(unit.size.sum()) * factor * most_hops * 10**12 // slowest
    sends = int(np.count_nonzero(np.equal(unit.kind, SENDS)))
    if moved + (len(unit.kind) + sends * network.link.latency_ps) * most_hops > MOST_PS:
        refuse(name, "its steps take more than 2^61 ps one after another", "less")


@lru_cache(maxsize=1024)
def run_alone(name: str, size: int, network: Network) -> Alone:
    """A collective alone; see `collective_steps`, also for InputError."""
    return _alone(name, size, collective_steps(name, size, network), network)


@lru_cache(maxsize=1024)
def run_shares(shares: tuple[tuple[int, ...], ...], network: Network) -> Alone:
    """An all-to-all of uneven shares alone, bytes by source and target."""
    schedule = uneven_all_to_all(shares)
    check_schedule(schedule, network)
    return _alone(ALL_TO_ALL, max(map(max, shares)), flatten(schedule, network), network)


def _alone(name: str, size: int, steps: Steps, network: Network) -> Alone:
    run, ends = run_steps(steps, network)
    together = bool((ends == run.time_ps).all())
    return Alone(name, size, run._replace(intervals=NO_INTERVALS), together, len(steps.kind))


@lru_cache(maxsize=16)
def intervals_alone(exchange: Exchange, network: Network, wanted: str = FASTEST) -> np.ndarray:
    """int64 [intervals, 4]: what each chip does in an exchange alone; see `SystemRun.intervals`, and `choose`."""
    steps = flatten(exchange_schedule(exchange, network, wanted), network)
    return run_steps(steps, network)[0].intervals


def choose(exchange: Exchange, network: Network, wanted: str = FASTEST) -> Alone:
    """The collective for an exchange, and its run alone.

    wanted: FASTEST, or the name of a collective, which counts for exchanges of its kind (`ring`: of both kinds that
    have one). InputError where it does not fit the chips.
    """
    if exchange.shares:
        return run_shares(exchange.shares, network)
    size = padded(exchange.size, network.chips)
    of_kind = collectives_named(exchange.kind)
    for name in () if wanted == FASTEST else collectives_named(wanted):
        if name in of_kind:
            return run_alone(name, size, network)
    names = [name for name in of_kind if name not in BY_NAME_ONLY]
    return _fastest(names, size, network)


def _fastest(names: Sequence[str], size: int, network: Network) -> Alone:
    """The first of those that take the least time; those that do not fit the chips are left out (InputError: all)."""
    found, refused = list[Alone](), list[InputError]()
    for name in names:
        try:
            found.append(run_alone(name, size, network))
        except InputError as error:
            refused.append(error)
    if not found:
        raise refused[0]
    return min(found, key=lambda one: one.run.time_ps)


def exchange_schedule(exchange: Exchange, network: Network, wanted: str = FASTEST) -> Schedule:
    """The schedule of an exchange; see `choose`."""
    if exchange.shares:
        return uneven_all_to_all(exchange.shares)
    alone = choose(exchange, network, wanted)
    return make_schedule(alone.name, network.chips, alone.size)
