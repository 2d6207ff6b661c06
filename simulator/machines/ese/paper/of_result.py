"""The published figures that one result of ESE can be put beside."""

from collections.abc import Iterator, Mapping
from typing import Any

from simulator.core.published import PublishedFigure, compare_figure, read_published
from simulator.machines.ese.paper.balance import CONFIG, LAYER

TOTALS = ("theoretical_us", "real_us", "gops_dense_equivalent", "power_w")


def rows(told: Mapping[str, Any]) -> Iterator[PublishedFigure]:
    """Of the paper's layer on the paper's machine as it is; single matrices are not in a result."""
    if told.get("config") != CONFIG or told["changes"] or told["workload"] != LAYER or "arch" not in told:
        return
    published = read_published("simulator.machines.ese.paper")
    for table in published["tables"]:
        for row, value in table["rows"].items():
            simulated = _figure(told, table, row)
            if simulated is not None and value is not None:
                quantity = table["quantity"]
                yield compare_figure(published["paper"], table["table"], row, quantity, value, simulated, table["mark"])


def _figure(told: Mapping[str, Any], table: dict[str, Any], row: str) -> float | None:
    """What a result says of a row, or None."""
    quantity = table["quantity"]
    if quantity == "resources":
        return told[row]
    if quantity == "speed_ratio":
        return table["baselines_us"][row] / told["time_us"]
    if quantity == "energy_ratio":
        return table["baselines_us"][row] * table["baselines_w"][row] / (told["energy_pj"]["total"] * 1e-6)
    known = {**told, "real_us": told["time_us"], "power_w": told["power_mw"] / 1000}
    return known[quantity] if quantity in TOTALS and row in ("total", "board") else None
