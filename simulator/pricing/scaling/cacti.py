"""Scaling factors from the SRAM table, which CACTI 7 generated.

From 45 to 22 nm they are geometric means over the sizes that the table has at every node; below 22 nm they follow a
rule, see `shrink`. Logic scales by the same factors, because this set has no others.
"""

import math
from collections.abc import Mapping, Sequence
from functools import cache

from simulator.hardware.sram.table import Figures, cells, tables
from simulator.hardware.sram.table import nodes as table_nodes
from simulator.pricing.scaling.factors import Factors

SMALLEST_NM = 7
"""The smallest node that the rule is used for; CACTI 7 itself ends at 22 nm."""


@cache
def nodes() -> Mapping[str, Mapping[float, Factors]]:
    """Cell (hp, lop, lstp) -> node in nm -> factors relative to the table's largest node.

    The nodes are those of the table, and SMALLEST_NM by the rule.
    """
    return {cell: _of_cell(cell) for cell in cells()}


def _of_cell(cell: str) -> dict[float, Factors]:
    largest, *smaller = table_nodes()
    sizes = [size for size in tables()[largest, cell] if all(size in tables()[node, cell] for node in smaller)]

    def mean(node: int, *figures: str) -> float:
        pairs = [(tables()[node, cell][size], tables()[largest, cell][size]) for size in sizes]
        return _geometric_mean([_ratio(ours, theirs, figure) for ours, theirs in pairs for figure in figures])

    found = {
        float(node): Factors(
            energy=mean(node, "read_pj", "write_pj"),
            leakage=mean(node, "leakage_mw"),
            area=mean(node, "area_mm2"),
            delay=mean(node, "access_ns"),
        )
        for node in (largest, *smaller)
    }
    return {**found, SMALLEST_NM: shrink(found[smaller[-1]], SMALLEST_NM / smaller[-1])}


def _ratio(ours: Figures, theirs: Figures, figure: str) -> float:
    return getattr(ours, figure) / getattr(theirs, figure)


def _geometric_mean(values: Sequence[float]) -> float:
    return math.exp(math.fsum(map(math.log, values)) / len(values))


def shrink(factors: Factors, ratio: float) -> Factors:
    """Factors of a node below the table. ratio: that node over the table's smallest node.

    Energy scales with the square root of the ratio (Accelergy's rule) and area with its square. Leakage and delay scale
    with the square root too, which is an assumption.
    """
    root = math.sqrt(ratio)
    return Factors(factors.energy * root, factors.leakage * root, factors.area * ratio**2, factors.delay * root)
