"""Counts x price + static power x time."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from simulator.pricing.technology import TOTAL, Technology

STATIC = "static"
DRAM = "dram"
"""The component that flat prices of another chip are charged to; others of that chip are `dram_` and more."""


class Line(NamedTuple):
    """One addend of the energy: `times` x `pj_each`. For static power, that is cycles times units."""

    component: str
    event: str
    times: int
    pj_each: float
    energy_pj: float
    source: str
    type: str | None = None  # what of the component draws it (memory, register ...), where the prices say it
    leakage: bool = False  # static power that scales to other nodes otherwise than a clock network does


def price(counts: Mapping[str, int], cycles: int, units: Mapping[str, int], technology: Technology) -> list[Line]:
    """Price the counts of a run (event -> total) and its time; every event has its line, at zero too."""
    lines = []
    for share in technology.static_mw:
        count, each = cycles * units[share.per], 1000 * share.value / technology.clock_mhz
        named = share.source, share.type, share.leakage
        lines.append(Line(share.component, STATIC, count, each, count * each, *named))
    for event, component, each, source, kind in technology.energy_pj:
        lines.append(Line(component, event, counts[event], each, counts[event] * each, source, kind))
    return lines


def by_component(lines: Sequence[Line]) -> dict[str, float]:
    """Energy of each component in pJ, in the order of the lines, and `total`.

    Each figure is the sum of its lines as `math.fsum` gives it, exact before one rounding: the order of the lines does
    not matter, and to add the lines again gives the same bits.
    """
    return {**_sums(lines, [line.component for line in lines]), TOTAL: math.fsum(line.energy_pj for line in lines)}


def by_type(lines: Sequence[Line]) -> dict[str, float]:
    """Energy of each type in pJ, in the order of the lines; lines without a type are left out."""
    typed = [line for line in lines if line.type is not None]
    return _sums(typed, [str(line.type) for line in typed])


def _sums(lines: Sequence[Line], names: Sequence[str]) -> dict[str, float]:
    """The lines' energy by name."""
    parts: dict[str, list[float]] = {}
    for line, name in zip(lines, names, strict=True):
        parts.setdefault(name, []).append(line.energy_pj)
    return {name: math.fsum(energies) for name, energies in parts.items()}


def area_um2(units: Mapping[str, int], technology: Technology) -> dict[str, float]:
    """Area of each component, in the order of the configuration."""
    areas = [(share.component, share.value * units[share.per]) for share in technology.area_um2]
    return {name: math.fsum(um2 for one, um2 in areas if one == name) for name, _ in areas}


def area_mm2(units: Mapping[str, int], technology: Technology) -> float:
    """Area of the machine."""
    return math.fsum(share.value * units[share.per] for share in technology.area_um2) / 1e6
