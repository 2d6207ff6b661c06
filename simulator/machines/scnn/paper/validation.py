"""The published figures of SCNN, simulated: by network, by layer, over density."""

from collections.abc import Container, Iterator

from simulator.core.published import PublishedFigure, compare_figure, read_published, standing
from simulator.machines.scnn.paper.curves import FORMULA, MACHINES, curve
from simulator.machines.scnn.paper.quantities import part, quantity_of
from simulator.machines.scnn.paper.runs import OURS, ResultCache, cycles
from workloads.document_types import Document

DRAWS = 10
"""A draw takes two minutes of CPU time, and layers differ by about 1 % between draws: `--draws 1` is the quick look."""
NETWORKS = ("alexnet", "googlenet", "vgg16")
ONE_SIDED = 0.4
"""The density at which the paper compares the versions that skip only zero weights or only zero activations."""
Row = tuple[str, float | None, list[float]]
"""Name, published value, simulated values, one for each draw."""


def rows(
    seed: int, draws: int, layers: list[str] | None = None, quantities: Container[str] | None = None
) -> Iterator[PublishedFigure]:
    """Every published figure with its simulated one; `layers` selects networks, layers and curves by name."""
    published = read_published("simulator.machines.scnn.paper")
    results = ResultCache(range(seed, seed + draws))
    for table in published["tables"]:
        quantity, title = table["quantity"], table["table"]
        if quantities is not None and quantity not in quantities:
            continue
        for name, value, simulated in _rows(results, table, layers):
            known = standing(table, name)
            first = None if quantity == "area_mm2" or known.configuration == FORMULA else seed
            yield compare_figure(
                published["paper"], title, name, quantity, value, simulated, table["mark"], known, first
            )


def _rows(results: ResultCache, table: Document, layers: list[str] | None) -> Iterator[Row]:
    if "densities" in table:
        if layers is None or table["table"] in layers:
            for name, value, point in curve(results, table):
                yield name, value, [point]
        return
    for name, value in table["rows"].items():
        if layers is None or name in layers:
            yield name, value, _figures(results, table, name)


def _figures(results: ResultCache, table: Document, name: str) -> list[float]:
    """The figures of a network, a layer, a module or a configuration, one for each draw; or the mean of networks."""
    if table["quantity"] == "area_mm2":
        return [results.network(NETWORKS[0], results.seeds[0])[name][0].given_area_mm2]
    if table["quantity"] == "speed_up_of_scnn":
        runs = results.at(ONE_SIDED)
        return [cycles(runs[MACHINES[name]]) / cycles(runs[OURS])]
    if name == "mean":
        columns = [_figures(results, table, network) for network in NETWORKS]
        return [sum(draw) / len(draw) for draw in zip(*columns, strict=True)]
    quantity = quantity_of(table["quantity"], table.get("configuration"))
    network = name.partition("-")[0]
    runs_of_draws = (results.network(network, seed) for seed in results.seeds)
    return [quantity(runs if name == network else part(runs, name)) for runs in runs_of_draws]
