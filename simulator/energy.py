"""Counts x price + static power x time."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from simulator.technology import TOTAL, Technology

STATIC = "static"


class Line(NamedTuple):
    """One addend of the energy: `times` x `pj_each`. For static power, that is cycles times units."""

    component: str
    event: str
    times: int
    pj_each: float
    energy_pj: float
    source: str
    leakage: bool = False  # static power that scales to other nodes otherwise than a clock network does


def price(counts: Mapping[str, int], cycles: int, units: Mapping[str, int], technology: Technology) -> list[Line]:
    """Price the counts of a run (event -> total) and its time; every event has its line, at zero too."""
    lines = []
    for component, per, milliwatts, source, leakage in technology.static_mw:
        count, each = cycles * units[per], 1000 * milliwatts / technology.clock_mhz
        lines.append(Line(component, STATIC, count, each, count * each, source, leakage))
    for event, component, each, source in technology.energy_pj:
        lines.append(Line(component, event, counts[event], each, counts[event] * each, source))
    return lines


def by_component(lines: Sequence[Line]) -> dict[str, float]:
    """Energy of each component in pJ, in the order of the lines, and `total`, each an exactly rounded sum."""
    names = list(dict.fromkeys(line.component for line in lines))
    parts = {name: math.fsum(line.energy_pj for line in lines if line.component == name) for name in names}
    return {**parts, TOTAL: math.fsum(line.energy_pj for line in lines)}


def area_um2(units: Mapping[str, int], technology: Technology) -> dict[str, float]:
    """Area of each component, in the order of the configuration."""
    areas = [(share.component, share.value * units[share.per]) for share in technology.area_um2]
    return {name: math.fsum(um2 for one, um2 in areas if one == name) for name, _ in areas}


def area_mm2(units: Mapping[str, int], technology: Technology) -> float:
    """Area of the machine."""
    return math.fsum(share.value * units[share.per] for share in technology.area_um2) / 1e6
