"""Published figures of EIE that a single result can be compared with."""

from collections.abc import Iterator
from functools import partial

from simulator.core.published import PublishedFigure, compare_figure, read_published
from simulator.machines.eie.paper.validation import CONFIG
from workloads.document_types import Fields


def rows(result: Fields) -> Iterator[PublishedFigure]:
    """Compare a result with the paper: `result` is its JSON; only a parameter that a table varies may be changed."""
    if result.get("config") != CONFIG or "arch" not in result:
        return
    published = read_published("simulator.machines.eie.paper")
    figures, layer = _figures(result), result["workload"]
    for table in (one for one in published["tables"] if one["quantity"] in (*figures, "summary")):
        row = partial(compare_figure, published["paper"], table["table"], mark=table["mark"])
        values, key = table["rows"].get(layer), next(iter(table.get("over", {})), None)
        if table["quantity"] == "summary" and table["layer"] == layer and not result["changes"]:
            for quantity, value in table["rows"].items():
                yield row(layer, quantity, value, figures[quantity])
        elif values is not None and key is None and not result["changes"]:
            yield row(layer, table["quantity"], values, figures[table["quantity"]])
        elif values is not None and key is not None and set(result["changes"]) <= {key}:
            points, point = table["over"][key], result["arch"][key]
            if point in points:
                value = values[points.index(point)]
                yield row(f"{layer}, {key}={point}", table["quantity"], value, figures[table["quantity"]])


def _figures(result: Fields) -> dict[str, float]:
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
