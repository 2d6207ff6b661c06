"""The chip's published rates, with those of the array model."""

from collections.abc import Container, Iterator, Sequence

from simulator.config.load import load_arch
from simulator.core.published import PublishedFigure, compare_figure, read_published, standing
from simulator.machines.eyeriss_v2.paper.networks import layers
from simulator.pricing.energy import by_component
from simulator.pricing.technology import TOTAL
from simulator.results.result import Result
from simulator.run.simulate import simulate

DRAWS = 3
"""Rates differ by less than 1 % between draws."""
PACKAGE = "simulator.machines.eyeriss_v2.paper"


def rows(seed: int, draws: int, quantities: Container[str] | None = None) -> Iterator[PublishedFigure]:
    """Every published rate with the simulated one; `quantities` selects some."""
    published = read_published(PACKAGE)
    results: dict[str, list[list[Result]]] = {}
    for table in published["tables"]:
        quantity = table["quantity"]
        if quantities is not None and quantity not in quantities:
            continue
        for network, value in table["rows"].items():
            if network not in results:
                results[network] = [network_results(network, one) for one in range(seed, seed + draws)]
            each = [rate(quantity, found) for found in results[network]]
            known = standing(table, network)
            yield compare_figure(
                published["paper"], table["table"], network, quantity, value, each, table["mark"], known, seed
            )


def network_results(network: str, seed: int) -> list[Result]:
    """The results of a network's layers."""
    config = load_arch("eyeriss_v2")
    return [simulate(config, workload, output=False) for workload in layers(network, seed, config)]


def rate(quantity: str, results: Sequence[Result]) -> float:
    """Inferences in a second, or for a joule that is not spent in DRAM."""
    if quantity == "inferences_per_s":
        return 1e6 / sum(result.time_us for result in results)
    spent = [by_component(result.energy) for result in results]
    return 1e12 / sum(one[TOTAL] - one["dram"] for one in spent)
