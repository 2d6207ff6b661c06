"""Published figures of EIE that a single result can be compared with."""

from collections.abc import Iterator
from functools import partial
from importlib.resources import files
from typing import Any

import yaml

from simulator.machines.eie.paper.validation import CONFIG
from simulator.results.published import Row, compare


def rows(told: dict[str, Any]) -> Iterator[Row]:
    """Compare a result with the paper: `told` is its JSON; only a parameter that a table varies may be changed."""
    if told.get("config") != CONFIG or "arch" not in told:
        return
    published = yaml.safe_load((files("simulator.machines.eie.paper") / "published.yaml").read_text("utf-8"))
    figures, layer = _figures(told), told["workload"]
    for table in (one for one in published["tables"] if one["quantity"] in (*figures, "summary")):
        row = partial(compare, published["paper"], table["table"], mark=table["mark"])
        values, key = table["rows"].get(layer), next(iter(table.get("over", {})), None)
        if table["quantity"] == "summary" and table["layer"] == layer and not told["changes"]:
            for quantity, value in table["rows"].items():
                yield row(layer, quantity, value, figures[quantity])
        elif values is not None and key is None and not told["changes"]:
            yield row(layer, table["quantity"], values, figures[table["quantity"]])
        elif values is not None and key is not None and set(told["changes"]) <= {key}:
            points, point = table["over"][key], told["arch"][key]
            if point in points:
                value = values[points.index(point)]
                yield row(f"{layer}, {key}={point}", table["quantity"], value, figures[table["quantity"]])


def _figures(result: dict[str, Any]) -> dict[str, float]:
    """The quantities of the published tables, from the JSON of a result."""
    return {
        "theoretical_us": result["theoretical_us"],
        "actual_us": result["time_us"],
        "actual_over_theoretical": result["time_us"] / result["theoretical_us"],
        "load_balance_percent": 100 * result["load_balance"],
        "real_over_total_work_percent": 100 * result["work_efficiency"],
        "spmat_row_reads_thousand": result["counts"]["spmat_row_reads"] / 1000,
        "frames_per_s": result["frames_per_s"],
        "frames_per_j": result["frames_per_j"],
        "power_w": result["power_mw"] / 1000,
        "area_mm2": result["area_mm2"],
    }
