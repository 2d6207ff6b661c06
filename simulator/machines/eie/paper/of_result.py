"""The published figures that one result of EIE can be put beside."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from simulator.core.published import PublishedFigure, compare_figure, read_published
from simulator.machines.eie.paper.validation import CONFIG


def rows(told: Mapping[str, Any]) -> Iterator[PublishedFigure]:
    """Of a layer on the paper's machine, of which nothing but what a table varies may be changed."""
    if told.get("config") != CONFIG or "arch" not in told:
        return
    published = read_published("simulator.machines.eie.paper")
    figures, layer = _figures(told), told["workload"]
    for table in (one for one in published["tables"] if one["quantity"] in (*figures, "summary")):
        row = partial(compare_figure, published["paper"], table["table"], mark=table["mark"])
        values, key = table["rows"].get(layer), next(iter(table.get("over", {})), None)
        if table["quantity"] == "summary" and table["layer"] == layer and not told["changes"]:
            for quantity, value in table["rows"].items():
                yield row(layer, quantity, value, figures[quantity])
        elif values is not None and key is None and not told["changes"]:
            yield row(layer, table["quantity"], values, figures[table["quantity"]])
        elif values is not None and key is not None and set(told["changes"]) <= {key}:
            points, at = table["over"][key], told["arch"][key]
            if at in points:
                value = values[points.index(at)]
                yield row(f"{layer}, {key}={at}", table["quantity"], value, figures[table["quantity"]])


def _figures(told: Mapping[str, Any]) -> dict[str, float]:
    """The quantities of the published tables, as a result tells them."""
    return {
        "theoretical_us": told["theoretical_us"],
        "actual_us": told["time_us"],
        "actual_over_theoretical": told["time_us"] / told["theoretical_us"],
        "load_balance_percent": 100 * told["load_balance"],
        "real_over_total_work_percent": 100 * told["work_efficiency"],
        "spmat_row_reads_thousand": told["counts"]["spmat_row_reads"] / 1000,
        "frames_per_s": told["frames_per_s"],
        "frames_per_j": told["frames_per_j"],
        "power_w": told["power_mw"] / 1000,
        "area_mm2": told["area_mm2"],
    }
