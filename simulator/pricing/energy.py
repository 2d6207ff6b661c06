"""Energy is counts x price + static power x time; area is units x area of one."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from simulator.pricing.technology import TOTAL, Technology

STATIC = "static"
DRAM = "dram"
"""The component of flat DRAM prices. The names of all other DRAM components begin with `dram_`."""


class Line(NamedTuple):
    """One addend of the energy: `times` x `pj_each`. For static power, `times` is cycles times units."""

    component: str
    event: str
    times: int
    pj_each: float
    energy_pj: float
    source: str
    type: str | None = None  # part of the component (memory, register ...), where the configuration gives it
    leakage: bool = False  # static power that scales to other nodes as leakage; a clock network's scales as energy


def price(counts: Mapping[str, int], cycles: int, units: Mapping[str, int], technology: Technology) -> list[Line]:
    """Energy lines of a run: of its counts (event -> total), and of static power over its cycles.

    units: how many there are of each kind of unit. Every event has a line, even where it is zero.
    """
    lines = []
    for share in technology.static_mw:
        count, each = cycles * units[share.per], 1000 * share.value / technology.clock_mhz
        named = share.source, share.type, share.leakage
        lines.append(Line(share.component, STATIC, count, each, count * each, *named))
    for event, component, each, source, kind in technology.energy_pj:
        lines.append(Line(component, event, counts[event], each, counts[event] * each, source, kind))
    return lines


def by_component(lines: Sequence[Line]) -> dict[str, float]:
    """Energy in pJ of each component, in the order of the lines, and `total`; components that are not there left out.

    A component is not there where it has static power of no units, and no event. Sums are by `math.fsum`, which rounds
    once: they are the same bits for any order of the lines.
    """
    used = {line.component for line in lines if line.times}
    absent = {line.component for line in lines if line.event == STATIC and not line.times} - used
    there = [line for line in lines if line.component not in absent]
    return {**_sums(there, [line.component for line in there]), TOTAL: math.fsum(line.energy_pj for line in lines)}


def by_type(lines: Sequence[Line]) -> dict[str, float]:
    """Energy in pJ of each type, in the order of the lines; lines without a type are left out."""
    typed = [line for line in lines if line.type is not None]
    return _sums(typed, [str(line.type) for line in typed])


def _sums(lines: Sequence[Line], names: Sequence[str]) -> dict[str, float]:
    """Energy in pJ by name. names: one for each line."""
    parts: dict[str, list[float]] = {}
    for line, name in zip(lines, names, strict=True):
        parts.setdefault(name, []).append(line.energy_pj)
    return {name: math.fsum(energies) for name, energies in parts.items()}


def area_um2(units: Mapping[str, int], technology: Technology) -> dict[str, float]:
    """Area in um2 of each component, in the order of the configuration. units: how many there are of each kind."""
    areas = [(share.component, share.value * units[share.per]) for share in technology.area_um2]
    return {name: math.fsum(um2 for one, um2 in areas if one == name) for name, _ in areas}


def area_mm2(units: Mapping[str, int], technology: Technology) -> float | None:
    """Area of the machine in mm2; None where the configuration gives no area. units: how many of each kind."""
    if not technology.area_um2:
        return None
    return math.fsum(share.value * units[share.per] for share in technology.area_um2) / 1e6
