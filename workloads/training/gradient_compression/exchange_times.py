"""Seconds that an exchange of gradients takes, in closed form: no overlap with computing, no contention.

Everywhere: `nodes` on links of `rate` bytes a second, full duplex, and `latency` seconds a message; `size` in bytes.
"""

from math import log2
from typing import NamedTuple

from workloads.errors import refuse
from workloads.training.gradient_compression.message_sizes import MessageSize

GIGABIT = 1e9 / 8
"""Bytes a second."""


class Network(NamedTuple):
    """Nodes and their links."""

    nodes: int
    rate: float  # bytes a second
    latency: float = 0.0  # seconds a message


def ring_all_reduce(network: Network, size: float) -> float:
    """A ring that reduces and then gathers: 2 (N - 1) messages of 1/N of the data."""
    nodes, rate, latency = network
    return 2 * (nodes - 1) * (latency + size / nodes / rate)


def halving_all_reduce(network: Network, size: float) -> float:
    """Recursive halving and doubling (Rabenseifner): a ring's volume in 2 log2 N messages.

    InputError where the nodes are no power of two.
    """
    nodes, rate, latency = network
    return 2 * _steps(nodes) * latency + 2 * (nodes - 1) / nodes * size / rate


def ring_all_gather(network: Network, size: float) -> float:
    """Each node's message of `size` bytes passes all others."""
    nodes, rate, latency = network
    return (nodes - 1) * (latency + size / rate)


def doubling_all_gather(network: Network, size: float, dense: float) -> float:
    """Recursive doubling of sparse messages, which grow as if no positions met, up to `dense` bytes.

    InputError where the nodes are no power of two.
    """
    nodes, rate, latency = network
    return sum(latency + min(2**step * size, dense) / rate for step in range(_steps(nodes)))


def dense_exchange(network: Network, size: MessageSize) -> float:
    """A step's exchange without compression: one ring over all gradients."""
    return ring_all_reduce(network, size.dense)


def sparse_exchange(network: Network, size: MessageSize) -> float:
    """A step's exchange with compression: an all-gather of pairs, and a ring over the 1-D tensors."""
    return ring_all_gather(network, size.sparse) + ring_all_reduce(network, size.whole)


def speedup(nodes: int, compute: float, exchange: float) -> float:
    """Of `nodes` over one node, whose step is `compute` seconds and no exchange."""
    return nodes * compute / (compute + exchange)


def fitted_compute(nodes: int, exchange: float, wanted: float) -> float:
    """Seconds of computing a step with which the speed-up is as wanted. InputError where no time gives it."""
    if not 0 < wanted < nodes:
        refuse("fit", f"a speed-up of {wanted} on {nodes} nodes", "more than 0 and less than the number of nodes")
    return exchange * wanted / (nodes - wanted)


def break_even_nodes(density: float, pair_bytes: float, value_bytes: float = 4) -> float:
    """The number of nodes from which a sparse all-gather takes longer than a dense ring, without latency."""
    return 2 * value_bytes / (pair_bytes * density)


def union_density(nodes: int, density: float) -> float:
    """The share of elements that any node sends, if nodes choose independently."""
    return 1 - (1 - density) ** nodes


def _steps(nodes: int) -> int:
    """How often nodes can be halved."""
    if nodes < 1 or nodes & (nodes - 1):
        refuse("recursive doubling", f"{nodes} nodes", "a power of two")
    return int(log2(nodes))
