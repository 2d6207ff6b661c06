"""Collectives: each makes a schedule of a number of chips and of bytes."""

from collections.abc import Callable

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

COLLECTIVES: dict[str, Callable[[int, int], Schedule]] = {
    "ring all-reduce": ring_all_reduce,
    "recursive doubling all-reduce": recursive_doubling_all_reduce,
    "Rabenseifner all-reduce": rabenseifner_all_reduce,
    "parameter server": parameter_server_all_reduce,
    "pairwise tree": pairwise_tree_all_reduce,
    "gathered tree": gathered_tree_all_reduce,
    "recursive halving reduce-scatter": recursive_halving_reduce_scatter,
    "ring all-gather": ring_all_gather,
    "recursive doubling all-gather": recursive_doubling_all_gather,
    "all-to-all": all_to_all,
}
"""Name -> schedule of (chips, bytes of a chip's operand; of an all-gather: of its result)."""
