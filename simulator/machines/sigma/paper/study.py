"""The study `sigma`: published products draw by draw, what each assumption is worth, and other densities."""

import statistics
from collections.abc import Iterator
from typing import NamedTuple

from simulator.config.load import Config, load_arch
from simulator.core.published import read_published
from simulator.machines.sigma.paper.products import Shape, dense_cycles, draw, run_product
from simulator.machines.sigma.paper.validation import DRAWS, OURS, cycles_of
from workloads.document_types import Document
from workloads.study import Progress

OTHERS: dict[str, dict[str, int]] = {
    "as configured": {},
    "slab 64": {"slab": 64},
    "slab 256": {"slab": 256},
    "stationary_bits 16": {"stationary_bits": 16},
    "stationary_bits 120": {"stationary_bits": 120},
    "filter_stationary 0": {"filter_stationary": 0},
    "no pipeline": {"distribution_stages": 0, "multiply_stages": 0, "accumulate_stages": 0},
}
"""Configurations, for what each number is worth."""
SQUARE = Shape(2048, 2048, 2048)
STATIONARY, STREAMED = (0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0), (0.9, 0.5, 0.1)


class ProductRow(NamedTuple):
    """A published product over all draws."""

    product: str
    published: int
    mean: float
    deviation: float
    least: int
    greatest: int
    folds: int  # of the first draw, as all that follow
    column_cycles: int
    load_cycles: int
    utilisation: float
    dense_cycles: int

    @property
    def error_percent(self) -> float:
        """Of the mean."""
        return 100 * (self.mean / self.published - 1)


def study(seed: int, progress: Progress) -> Document:
    """Three tables."""
    config, seeds = load_arch("sigma"), range(seed, seed + DRAWS)
    rows = list(_products(config, seeds, progress))
    return {
        "study": "SIGMA's published products",
        "tables": [_table(rows, seeds), _worth(seed, progress), _densities(config, seed, progress)],
        "points": [{**row._asdict(), "error_percent": row.error_percent} for row in rows],
    }


def published_products() -> dict[Shape, int]:
    """Cycles by shape."""
    tables = read_published("simulator.machines.sigma.paper")["tables"]
    (found,) = (table["rows"] for table in tables if table["table"] == OURS)
    return {Shape.parse(row): cycles for row, cycles in found.items()}


def _products(config: Config, seeds: range, progress: Progress) -> Iterator[ProductRow]:
    for shape, published in published_products().items():
        cycles, first = cycles_of(config, shape, seeds), run_product(config, draw(shape, seeds[0]))
        port = first.reasons["port"]
        size = config.arch.size
        folds = -(-port["broadcast"] // shape.columns)  # a cycle a column
        yield ProductRow(
            shape.name, published, statistics.fmean(cycles), statistics.stdev(cycles), min(cycles), max(cycles), folds,
            port["broadcast"], port["read"], first.figures["multiplies"] / size / first.run.cycles, dense_cycles(shape),
        )  # fmt: skip
        progress(shape.name)


def _table(rows: list[ProductRow], seeds: range) -> Document:
    columns = [
        "M x N x K",
        "published",
        "mean",
        "deviation",
        "least",
        "greatest",
        "error %",
        "folds",
        "columns",
        "loads",
    ]
    columns += ["utilisation %", "dense / SIGMA"]
    lines = [
        [
            row.product, f"{row.published:,}", f"{row.mean:,.1f}", f"{row.deviation:.1f}", f"{row.least:,}",
            f"{row.greatest:,}", f"{row.error_percent:+.2f}", f"{row.folds:,}", f"{row.column_cycles:,}",
            f"{row.load_cycles:,}", f"{100 * row.utilisation:.1f}", f"{row.dense_cycles / row.mean:.2f}",
        ]
        for row in rows
    ]  # fmt: skip
    title = f"cycles over {len(seeds)} draws, seeds {seeds[0]} to {seeds[-1]}; folds and what follows: of the first"
    return {"title": title, "columns": columns, "rows": lines}


def _worth(seed: int, progress: Progress) -> Document:
    """The error of each product where one number is another."""
    products = published_products()
    lines = []
    for name, changes in OTHERS.items():
        config = load_arch("sigma", **changes)
        errors = [
            100 * (cycles_of(config, one, range(seed, seed + 1))[0] / cycles - 1) for one, cycles in products.items()
        ]
        lines.append([name, *(f"{error:+.2f}" for error in errors)])
        progress(name)
    columns = ["configuration", *(shape.name for shape in products)]
    return {"title": f"error in % by configuration, seed {seed}", "columns": columns, "rows": lines}


def _densities(config: Config, seed: int, progress: Progress) -> Document:
    """How many times as fast as the dense baseline, by the densities of both operands."""
    lines = []
    for stationary in STATIONARY:
        found = [run_product(config, draw(SQUARE, seed, stationary, one)).run.cycles for one in STREAMED]
        lines.append([f"{stationary:g}", *(f"{dense_cycles(SQUARE) / cycles:.2f}" for cycles in found)])
        progress(f"density {stationary:g}")
    title = f"{SQUARE.name}: speed-up over the dense baseline, by density; not published"
    return {"title": title, "columns": ["stationary", *(f"streamed {one:g}" for one in STREAMED)], "rows": lines}
