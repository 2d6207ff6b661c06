"""A result at another technology node: cycles stay, and every set of factors scales energy and area."""

import math
from collections.abc import Iterable, Sequence

from simulator.pricing.energy import DRAM, Line, by_component
from simulator.pricing.scaling.factors import Factors
from simulator.pricing.scaling.sets import SETS, factors, reaching
from simulator.pricing.technology import TOTAL, Technology
from workloads.document_types import Document


def project(lines: Sequence[Line], technology: Technology, area_um2: dict[str, float], to_nm: float) -> Document:
    """Energy and area at `to_nm`, by each set of factors and type of devices that reaches all nodes.

    lines: the energy of a run. area_um2: by component. The result holds, for each set, energy in pJ and area in mm2 by
    component, and the range of their totals over the sets. Energy is scaled from the node of the prices, area from the
    node of the areas, leakage by its factor of the set; areas are None where the configuration gives none.
    frequency_headroom: how many times faster the logic would be; no other figure uses it.
    """
    sets: dict[str, Document] = {}
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
            "area_mm2": {**scaled, TOTAL: math.fsum(scaled.values()) if scaled else None},
        }
    return {
        "node_nm": to_nm,
        "energy_from_nm": technology.energy_node_nm,
        "area_from_nm": technology.node_nm,
        "energy_pj": _range(one["energy_pj"][TOTAL] for one in sets.values()),
        "area_mm2": _range(one["area_mm2"][TOTAL] for one in sets.values()) if area_um2 else None,
        "sets": sets,
        "out_of_reach": [name for name in SETS if not any(reached.startswith(f"{name} ") for reached in sets)],
    }


def scale(line: Line, by: Factors) -> Line:
    """An energy line at another node. Lines of DRAM do not change."""
    if line.component.partition("_")[0] == DRAM:
        return line
    factor = by.leakage if line.leakage else by.energy
    return line._replace(pj_each=line.pj_each * factor, energy_pj=line.times * (line.pj_each * factor))


def _range(values: Iterable[float]) -> dict[str, float]:
    found = list(values)
    return {"low": min(found), "high": max(found)}
