"""The published cycles of SIGMA and of its dense baseline, simulated: means over drawn operands."""

from collections.abc import Container, Iterator

from simulator.config.load import Config, load_arch
from simulator.core.published import PublishedFigure, compare_figure, read_published, standing
from simulator.machines.sigma.paper.products import Shape, dense_cycles, draw, run_product

DRAWS = 10
OURS = "SIGMA"
"""The table that is simulated; the other one is a formula."""


def rows(seed: int, draws: int, quantities: Container[str] | None = None) -> Iterator[PublishedFigure]:
    """Every published figure with its simulated one; `quantities` selects some."""
    published, config = read_published("simulator.machines.sigma.paper"), load_arch("sigma")
    for table in (one for one in published["tables"] if quantities is None or one["quantity"] in quantities):
        for row, value in table["rows"].items():
            shape, ours = Shape.parse(row), table["table"] == OURS
            found = cycles_of(config, shape, range(seed, seed + draws)) if ours else [dense_cycles(shape)]
            yield compare_figure(
                published["paper"], table["table"], row, table["quantity"], value, [float(one) for one in found],
                table["mark"], standing(table, row), seed if ours else None,
            )  # fmt: skip


def cycles_of(config: Config, shape: Shape, seeds: range) -> list[int]:
    """Cycles of a product, for each seed."""
    return [run_product(config, draw(shape, seed)).run.cycles for seed in seeds]
