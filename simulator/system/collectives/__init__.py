"""Collectives: each makes a schedule of a number of chips and of bytes."""

from collections.abc import Callable
from typing import NamedTuple

from simulator.system.collectives.all_reduce import (
    gathered_tree_all_reduce,
    pairwise_tree_all_reduce,
    parameter_server_all_reduce,
    rabenseifner_all_reduce,
    recursive_doubling_all_reduce,
    recursive_halving_reduce_scatter,
    ring_all_reduce,
)
from simulator.system.collectives.gather import all_to_all, recursive_doubling_all_gather, ring_all_gather
from simulator.system.schedule import Schedule
from workloads.division import ALL_GATHER, ALL_REDUCE, ALL_TO_ALL, REDUCE_SCATTER
from workloads.errors import refuse

KINDS = ALL_REDUCE, REDUCE_SCATTER, ALL_GATHER, ALL_TO_ALL
"""What collectives are for."""


class Collective(NamedTuple):
    """A way to do what its kind is for."""

    kind: str
    make: Callable[[int, int], Schedule]  # of chips, and bytes of a chip's operand; of an all-gather: of its result


COLLECTIVES = {
    "ring all-reduce": Collective(ALL_REDUCE, ring_all_reduce),
    "recursive doubling all-reduce": Collective(ALL_REDUCE, recursive_doubling_all_reduce),
    "Rabenseifner all-reduce": Collective(ALL_REDUCE, rabenseifner_all_reduce),
    "parameter server": Collective(ALL_REDUCE, parameter_server_all_reduce),
    "pairwise tree": Collective(ALL_REDUCE, pairwise_tree_all_reduce),
    "gathered tree": Collective(ALL_REDUCE, gathered_tree_all_reduce),
    "recursive halving reduce-scatter": Collective(REDUCE_SCATTER, recursive_halving_reduce_scatter),
    "ring all-gather": Collective(ALL_GATHER, ring_all_gather),
    "recursive doubling all-gather": Collective(ALL_GATHER, recursive_doubling_all_gather),
    "direct all-to-all": Collective(ALL_TO_ALL, all_to_all),
}


def collectives_named(name: str) -> list[str]:
    """The collectives of that kind, the one of that name, or those whose names are that and their kind.

    >>> collectives_named("ring")
    ['ring all-reduce', 'ring all-gather']

    InputError where it is none of them.
    """
    found = [
        one for one, collective in COLLECTIVES.items()
        if name in (one, collective.kind) or one == f"{name} {collective.kind}"
    ]  # fmt: skip
    if not found:
        refuse(f"collective {name[:60]}", "there is none of this name", f"one of {', '.join([*KINDS, *COLLECTIVES])}")
    return found


def make_schedule(name: str, chips: int, size: int) -> Schedule:
    """The schedule of a collective of that name; InputError where it does not fit the chips or the bytes.

    size: bytes of each chip's operand; of an all-gather, of all shares together.
    """
    return COLLECTIVES[name].make(chips, size)
