"""Factors from one technology node to another, and interpolation between nodes."""

import math
from collections.abc import Mapping
from typing import NamedTuple


class Factors(NamedTuple):
    """A node relative to another: energy per operation, leakage power, area and delay, without units."""

    energy: float
    leakage: float
    area: float
    delay: float

    def over(self, other: "Factors") -> "Factors":
        """The factors relative to `other`, where both are relative to the same node."""
        return Factors(*(mine / its for mine, its in zip(self, other, strict=True)))


def between(known: Mapping[float, Factors], node_nm: float) -> Factors:
    """The factors at a node in nm: known ones, else interpolated (log-log) between the neighbours.

    known: node in nm -> factors, at nodes around node_nm.
    """
    if node_nm in known:
        return known[node_nm]
    low, high = (
        max(node for node in known if node < node_nm),
        min(node for node in known if node > node_nm),
    )
    share = math.log(node_nm / low) / math.log(high / low)
    return Factors(*(a ** (1 - share) * b**share for a, b in zip(known[low], known[high], strict=True)))
