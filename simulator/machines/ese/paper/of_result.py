"""Published figures of ESE that a single result can be compared with."""

from collections.abc import Iterator

from simulator.core.published import PublishedFigure, compare_figure, read_published
from simulator.machines.ese.paper.balance import CONFIG, LAYER
from workloads.document_types import Document, Fields

TOTALS = ("theoretical_us", "real_us", "gops_dense_equivalent", "power_w")


def rows(result: Fields) -> Iterator[PublishedFigure]:
    """Compare a result with the paper: `result` is JSON of the paper's layer on the paper's machine without changes.

    Figures of single matrices are not in a result.
    """
    if result.get("config") != CONFIG or result["changes"] or result["workload"] != LAYER or "arch" not in result:
        return
    published = read_published("simulator.machines.ese.paper")
    for table in published["tables"]:
        for row, value in table["rows"].items():
            simulated = _figure(result, table, row)
            if simulated is not None and value is not None:
                quantity = table["quantity"]
                yield compare_figure(published["paper"], table["table"], row, quantity, value, simulated, table["mark"])


def _figure(result: Fields, table: Document, row: str) -> float | None:
    """The value of a row in a result, or None."""
    quantity = table["quantity"]
    if quantity == "resources":
        return result[row]
    if quantity == "speed_ratio":
        return table["baselines_us"][row] / result["time_us"]
    if quantity == "energy_ratio":
        return table["baselines_us"][row] * table["baselines_w"][row] / (result["energy_pj"]["total"] * 1e-6)
    known = {**result, "real_us": result["time_us"], "power_w": result["power_mw"] / 1000}
    return known[quantity] if quantity in TOTALS and row in ("total", "board") else None
