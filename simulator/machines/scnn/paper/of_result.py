"""Published figures of SCNN that a single comparison with its baselines can be compared with."""

import math
from collections.abc import Iterator

from simulator.core.published import PublishedFigure, compare_figure, read_published
from simulator.machines.scnn.paper.runs import DENSE, FITTING, OPT, OURS
from workloads.document_types import Document, Fields
from workloads.sources.zoo.networks import layer_names, zoo_networks

AS_PUBLISHED = {"scale": 1.0, "density": None, "activation_density": None, "granularity": 0}
RATIOS = {
    "speed_up_over_dcnn": ("time_us", (OURS, FITTING)),
    "energy_gain_over_dcnn": ("energy_uj", (OURS, FITTING)),
    "energy_gain_of_dcnn_opt_over_dcnn": ("energy_uj", (OPT,)),
}
"""Quantity -> the key of a layer's result, and the configurations by whose first that ran DCNN's value is divided."""


def rows(result: Fields) -> Iterator[PublishedFigure]:
    """Compare a result with the paper: `result` is JSON of `compare` for a whole network, or of one layer (area)."""
    published = read_published("simulator.machines.scnn.paper")
    for table in published["tables"]:
        quantity = table["quantity"]
        name = result.get("config") if quantity == "area_mm2" else result["workload"]
        value = (table.get("rows") or {}).get(name)
        simulated = _figure(result, quantity) if value is not None else None
        if simulated is not None:
            yield compare_figure(
                published["paper"], table["table"], str(name), quantity, value, simulated, table["mark"]
            )


def _figure(result: Fields, quantity: str) -> float | None:
    """The value of a quantity in a result, or None."""
    if quantity == "area_mm2":
        return None if result["changes"] else result.get("area_mm2")
    if quantity not in RATIOS or not _is_whole(result):
        return None
    key, configs = RATIOS[quantity]
    machines = {one["config"]: one for one in result["machines"].values()}
    ran = [name for name in (*configs, DENSE) if name in machines and _has_run(machines[name])]
    if len(ran) < 2 or DENSE not in ran:
        return None
    return _sum(machines[DENSE], key) / _sum(machines[ran[0]], key)


def _is_whole(result: Fields) -> bool:
    """Whether every layer of a network was compared, drawn with the published densities."""
    options, name = result.get("options"), result["workload"]
    if "machines" not in result or options is None or name not in zoo_networks():
        return False
    plain = all(options.get(key) == value for key, value in AS_PUBLISHED.items())
    return plain and set(layer_names(name)) == set(result["layers"])


def _has_run(one: Document) -> bool:
    """Whether a machine ran every convolution, without changes of its configuration."""
    return not one["changes"] and all(row["reason"] is None for row in _convolutions(one))


def _convolutions(one: Document) -> list[Document]:
    return [row for row in one["layers"] if row["kind"] == "convolution"]


def _sum(one: Document, key: str) -> float:
    return math.fsum(row[key] for row in _convolutions(one))
