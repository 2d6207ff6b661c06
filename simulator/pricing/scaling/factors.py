"""What a node is worth relative to another, and what lies between the nodes that a set knows."""

import math
from collections.abc import Mapping
from typing import NamedTuple


class Factors(NamedTuple):
    """Of a node relative to another: energy per operation, leakage, area, delay."""

    energy: float
    leakage: float
    area: float
    delay: float

    def over(self, other: "Factors") -> "Factors":
        """The one relative to the other."""
        return Factors(*(mine / its for mine, its in zip(self, other, strict=True)))


def between(known: Mapping[float, Factors], node_nm: float) -> Factors:
    """The factors at a node: those known, or log-log between the neighbours."""
    if node_nm in known:
        return known[node_nm]
    low, high = (
        max(node for node in known if node < node_nm),
        min(node for node in known if node > node_nm),
    )
    share = math.log(node_nm / low) / math.log(high / low)
    return Factors(*(a ** (1 - share) * b**share for a, b in zip(known[low], known[high], strict=True)))
