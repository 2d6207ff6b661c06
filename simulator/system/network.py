"""Chips and the channels that join them: ring, full mesh, switch, tree."""

from collections.abc import Callable
from typing import NamedTuple

from simulator.system.link import Link, check_link
from simulator.system.tree import Parents, check_parents, tree_channels, tree_route
from workloads.errors import refuse

MOST_CHIPS = 1024
TREE = "tree"


class Network(NamedTuple):
    """Chips joined by equal links. A link is one channel, or two (one a direction) where it is full duplex."""

    topology: str
    chips: int
    link: Link
    reduce_bytes_per_s: int  # of results that a chip makes when it adds what it received to what it has
    parents: Parents = ()  # of the nodes of a tree

    @property
    def channels(self) -> tuple[str, ...]:
        """The name of each channel."""
        return TOPOLOGIES[self.topology].channels(self)

    def route(self, source: int, target: int) -> tuple[int, ...]:
        """The channels that a message between two different chips passes, in order."""
        return TOPOLOGIES[self.topology].route(self, source, target)


class Topology(NamedTuple):
    """A way to join chips."""

    channels: Callable[[Network], tuple[str, ...]]
    route: Callable[[Network, int, int], tuple[int, ...]]


def check_network(where: object, network: Network) -> None:
    """InputError where a network has an unknown topology, too few or too many chips, or a link that moves nothing."""
    if network.topology not in TOPOLOGIES:
        refuse(where, f"topology is {network.topology!r}", f"one of {', '.join(TOPOLOGIES)}")
    if not 1 <= network.chips <= MOST_CHIPS:
        refuse(where, f"it has {network.chips} chips", f"1 to {MOST_CHIPS}")
    if network.reduce_bytes_per_s < 1:
        refuse(where, f"a chip adds {network.reduce_bytes_per_s} bytes/s", "1 or more")
    check_link(where, network.link)
    if network.topology == TREE and not network.parents:
        refuse(where, "topology is tree and no tree is given", "tree, the parent of each chip and switch")
    if network.topology == TREE:
        check_parents(where, network.parents, network.chips)
    elif network.parents:
        refuse(where, f"topology is {network.topology} and a tree is given", "a tree where topology is tree only")


def _ring_channels(network: Network) -> tuple[str, ...]:
    """Link i joins chip i and the next one: channels 2 i (onward) and 2 i + 1 (back), or i for both directions."""
    joined = [(chip, (chip + 1) % network.chips) for chip in range(network.chips)]
    if network.link.full_duplex:
        return tuple(name for one, two in joined for name in (f"{one}->{two}", f"{two}->{one}"))
    return tuple(f"{one}<->{two}" for one, two in joined)


def _ring_route(network: Network, source: int, target: int) -> tuple[int, ...]:
    """The shorter way round; onward where both are equal."""
    chips, duplex = network.chips, network.link.full_duplex
    onward = (target - source) % chips
    if 2 * onward <= chips:
        links = [(source + hop) % chips for hop in range(onward)]
        return tuple(2 * link if duplex else link for link in links)
    links = [(source - hop - 1) % chips for hop in range(chips - onward)]
    return tuple(2 * link + 1 if duplex else link for link in links)


def _mesh_channels(network: Network) -> tuple[str, ...]:
    """A link for each two chips; channel `source * chips + target`, the lower chip first where both directions share.

    Channels of a chip to itself exist and move nothing.
    """
    arrow = "->" if network.link.full_duplex else "<->"
    return tuple(f"{one}{arrow}{two}" for one in range(network.chips) for two in range(network.chips))


def _mesh_route(network: Network, source: int, target: int) -> tuple[int, ...]:
    if not network.link.full_duplex:
        source, target = min(source, target), max(source, target)
    return (source * network.chips + target,)


def _switch_channels(network: Network) -> tuple[str, ...]:
    """A link from each chip to the switch: channels 2 i (up) and 2 i + 1 (down), or i for both directions."""
    chips = range(network.chips)
    if network.link.full_duplex:
        return tuple(name for chip in chips for name in (f"{chip}->switch", f"switch->{chip}"))
    return tuple(f"{chip}<->switch" for chip in chips)


def _switch_route(network: Network, source: int, target: int) -> tuple[int, ...]:
    """Up and down; the switch itself adds no time beyond the latencies of both links."""
    return (2 * source, 2 * target + 1) if network.link.full_duplex else (source, target)


def _tree_channels(network: Network) -> tuple[str, ...]:
    return tree_channels(network.parents, network.link.full_duplex)


def _tree_route(network: Network, source: int, target: int) -> tuple[int, ...]:
    return tree_route(network.parents, network.link.full_duplex, source, target)


TOPOLOGIES = {
    "ring": Topology(_ring_channels, _ring_route),
    "full mesh": Topology(_mesh_channels, _mesh_route),
    "switch": Topology(_switch_channels, _switch_route),
    TREE: Topology(_tree_channels, _tree_route),
}
