"""The published figures that one comparison of SCNN with its baselines can be put beside."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from simulator.core.published import PublishedFigure, compare_figure, read_published
from simulator.machines.scnn.paper.validation import DENSE, OPT, OURS
from workloads.sources.zoo.networks import layer_names, zoo_networks

AS_PUBLISHED = {"scale": 1.0, "density": None, "activation_density": None, "granularity": 0}
RATIOS = {
    "speed_up_over_dcnn": ("time_us", OURS),
    "energy_gain_over_dcnn": ("energy_uj", OURS),
    "energy_gain_of_dcnn_opt_over_dcnn": ("energy_uj", OPT),
}
"""Quantity -> of what it is DCNN's over which configuration's."""


def rows(told: Mapping[str, Any]) -> Iterator[PublishedFigure]:
    """Of a whole network that `compare` ran on SCNN and DCNN; the area, of a layer on one of them."""
    published = read_published("simulator.machines.scnn.paper")
    for table in published["tables"]:
        quantity = table["quantity"]
        name = told.get("config") if quantity == "area_mm2" else told["workload"]
        value = (table.get("rows") or {}).get(name)
        simulated = _figure(told, quantity) if value is not None else None
        if simulated is not None:
            yield compare_figure(
                published["paper"], table["table"], str(name), quantity, value, simulated, table["mark"]
            )


def _figure(told: Mapping[str, Any], quantity: str) -> float | None:
    """What a result says of a quantity, or None."""
    if quantity == "area_mm2":
        return None if told["changes"] else told.get("area_mm2")
    if quantity not in RATIOS or not _is_whole(told):
        return None
    key, config = RATIOS[quantity]
    machines = {one["config"]: one for one in told["machines"].values()}
    if not all(name in machines and _has_run(machines[name]) for name in (config, DENSE)):
        return None
    return _sum(machines[DENSE], key) / _sum(machines[config], key)


def _is_whole(told: Mapping[str, Any]) -> bool:
    """Whether every layer of a network was compared, drawn as published."""
    options, name = told.get("options"), told["workload"]
    if "machines" not in told or options is None or name not in zoo_networks():
        return False
    plain = all(options.get(key) == value for key, value in AS_PUBLISHED.items())
    return plain and set(layer_names(name)) == set(told["layers"])


def _has_run(one: dict[str, Any]) -> bool:
    """Whether a machine ran every convolution, as it is shipped."""
    return not one["changes"] and all(row["reason"] is None for row in _convolutions(one))


def _convolutions(one: dict[str, Any]) -> list[dict[str, Any]]:
    return [row for row in one["layers"] if row["kind"] == "convolution"]


def _sum(one: dict[str, Any], key: str) -> float:
    return math.fsum(row[key] for row in _convolutions(one))
