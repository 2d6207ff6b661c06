"""A result at another node than its configuration's: cycles stay, energy and area are scaled under every set."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

from simulator.pricing.energy import DRAM, Line, by_component
from simulator.pricing.scaling.factors import Factors
from simulator.pricing.scaling.sets import SETS, factors, reaching
from simulator.pricing.technology import TOTAL, Technology


def project(lines: Sequence[Line], technology: Technology, area_um2: dict[str, float], to_nm: float) -> dict[str, Any]:
    """Energy and area by component under each set and kind of devices that knows all nodes, and the range of totals.

    area_um2: by component. Energy is scaled from the node of the prices, area from that of the areas; leakage by the
    set's factor for it. frequency_headroom: how much faster the logic would be; no figure uses it.
    """
    sets: dict[str, dict[str, Any]] = {}
    for name, devices in reaching(technology.energy_node_nm, technology.node_nm, to_nm):
        prices = factors(name, devices, technology.energy_node_nm, to_nm)
        areas = factors(name, devices, technology.node_nm, to_nm)
        scaled = {component: um2 * areas.area / 1e6 for component, um2 in area_um2.items()}
        sets[f"{name} {devices}"] = {
            "energy_factor": prices.energy,
            "leakage_factor": prices.leakage,
            "area_factor": areas.area,
            "frequency_headroom": 1 / areas.delay,
            "energy_pj": by_component([scale(line, prices) for line in lines]),
            "area_mm2": {**scaled, TOTAL: math.fsum(scaled.values())},
        }
    return {
        "node_nm": to_nm,
        "energy_from_nm": technology.energy_node_nm,
        "area_from_nm": technology.node_nm,
        "energy_pj": _range(one["energy_pj"][TOTAL] for one in sets.values()),
        "area_mm2": _range(one["area_mm2"][TOTAL] for one in sets.values()),
        "sets": sets,
        "out_of_reach": [name for name in SETS if not any(told.startswith(f"{name} ") for told in sets)],
    }


def scale(line: Line, by: Factors) -> Line:
    """A line of the energy at another node; DRAM's stays."""
    if line.component.partition("_")[0] == DRAM:
        return line
    factor = by.leakage if line.leakage else by.energy
    return line._replace(pj_each=line.pj_each * factor, energy_pj=line.times * (line.pj_each * factor))


def _range(values: Iterable[float]) -> dict[str, float]:
    found = list(values)
    return {"low": min(found), "high": max(found)}
