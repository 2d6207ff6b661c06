"""The two sets of factors by name: `stillmaker-baas` for hp and lp devices, `cacti` for hp, lop and lstp devices."""

from collections.abc import Mapping
from functools import cache

from simulator.pricing.scaling import cacti, stillmaker_baas
from simulator.pricing.scaling.factors import Factors, between
from workloads.errors import InputError

SETS = ("stillmaker-baas", "cacti")


@cache
def known(name: str) -> Mapping[str, Mapping[float, Factors]]:
    """The factors of a set: devices -> node in nm -> factors. InputError where there is no such set."""
    if name == "stillmaker-baas":
        sets = stillmaker_baas.nodes()
        return {devices: {node: one.at() for node, one in nodes.items()} for devices, nodes in sets.items()}
    if name == "cacti":
        return cacti.nodes()
    raise InputError(f"scaling set is {name!r}; expected {' or '.join(SETS)}")


def factors(name: str, devices: str, from_nm: float, to_nm: float) -> Factors:
    """The factors from one node to another, at nominal voltages.

    InputError where there are no such set or devices, or a node lies outside the set's range.
    """
    kinds = known(name)
    if devices not in kinds:
        raise InputError(f"scaling set {name}: devices are {devices!r}; expected one of {', '.join(kinds)}")
    nodes = kinds[devices]
    for node in (from_nm, to_nm):
        if not min(nodes) <= node <= max(nodes):
            expected = f"one from {max(nodes):g} to {min(nodes):g}"
            raise InputError(f"scaling set {name} {devices}: node is {node:g} nm; expected {expected}")
    return between(nodes, to_nm).over(between(nodes, from_nm))


def reaching(*nodes_nm: float) -> list[tuple[str, str]]:
    """Each set and type of devices whose range covers all of these nodes."""
    found = [(name, devices, nodes) for name in SETS for devices, nodes in known(name).items()]
    return [
        (name, devices) for name, devices, nodes in found if all(min(nodes) <= node <= max(nodes) for node in nodes_nm)
    ]


def check_reach(to_nm: float, *from_nm: float) -> None:
    """Raise InputError where no set covers a node together with the nodes of a configuration."""
    if not reaching(to_nm, *from_nm):
        spans = [
            f"{name} {devices} {max(nodes):g} to {min(nodes):g}"
            for name in SETS
            for devices, nodes in known(name).items()
        ]
        origin = " and ".join(f"{node:g}" for node in dict.fromkeys(from_nm))
        raise InputError(
            f"node_nm is {to_nm:g}, from {origin} nm; expected nodes that one set knows: {', '.join(spans)}"
        )
