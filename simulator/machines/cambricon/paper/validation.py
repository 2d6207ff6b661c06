"""The published figures of Cambricon-S and -X, simulated: means over random draws of the layers."""

from collections.abc import Container, Iterator

from simulator.config.load import load_arch
from simulator.core.published import PublishedFigure, compare_figure, read_published, standing
from simulator.machines.cambricon.paper.curves import CURVES, speed_up
from simulator.machines.cambricon.paper.power import full_power_mw

DRAWS = 10


def rows(
    seed: int, draws: int, quantities: Container[str] | None = None, rows_of: Container[str] | None = None
) -> Iterator[PublishedFigure]:
    """Every published figure with its simulated one; `quantities` and `rows_of` (names of rows) select some."""
    published = read_published("simulator.machines.cambricon.paper")
    for table in (one for one in published["tables"] if quantities is None or one["quantity"] in quantities):
        about = published["paper"], table["table"]
        for row, value in table["rows"].items():
            if rows_of is not None and row not in rows_of:
                continue
            if "over" not in table:
                known = standing(table, row)
                found = ONES[table["quantity"]](row)
                yield compare_figure(*about, row, table["quantity"], value, found, table["mark"], known)
                continue
            ((key, points),) = table["over"].items()
            for percent, point in zip(points, value, strict=True):
                name = f"{row}, {key}={percent}"
                each = [speed_up(CURVES[row], percent / 100, one) for one in range(seed, seed + draws)]
                known = standing(table, name)
                yield compare_figure(*about, name, table["quantity"], point, each, table["mark"], known, seed)


def _area(config: str) -> float:
    return sum(part.value for part in load_arch(config).technology.area_um2) / 1e6


ONES = {"power_mw": full_power_mw, "area_mm2": _area}
"""Quantities of a configuration, by its name."""
