"""Published figures of energy and the simulated ones, over all machines: `zeroskip validate energy`."""

from collections.abc import Iterator

from simulator.core.published import PublishedFigure, Standing, compare_figure
from simulator.core.registry import machines
from simulator.studies import ablation, dram_figures

DRAWS = 1
"""Draws move an energy by less than 2 %."""
CHAIN_LAYER = "alexnet-fc7"
"""The paper does not say on which layer its factors hold; its figures of merit are this one's."""


def rows(seed: int, draws: int) -> Iterator[PublishedFigure]:
    """Each machine's energies and powers, those of DRAM, and the factors of chains that a paper publishes."""
    papers = [paper for paper in (machine.paper() for machine in machines().values()) if paper is not None]
    for paper in papers:
        if paper.energy:
            yield from paper.figures(seed, draws, quantities=paper.energy)
        yield from paper.more_energy()
    yield from dram_figures.rows()
    for paper in papers:
        if paper.savings is not None and paper.savings.published is not None:
            yield from chain(paper.published()["paper"], seed, draws)


def chain(title: str, seed: int, draws: int) -> Iterator[PublishedFigure]:
    """The factors of a chain of savings: as the paper counts them, and of the energy that fetches weights.

    Of all energy, clock and arithmetic included, papers give no factors; they are simulated.
    """
    found = [ablation.ablate(CHAIN_LAYER, seed=one) for one in range(seed, seed + draws)]
    reasons = {
        "counted_factor": Standing("given", "bits at the paper's prices: its arithmetic"),
        "weight_factor": Standing("predicted", "fetches of the simulated steps"),
        "energy_factor": Standing("predicted", "all energy of the simulated steps; papers print no such factor"),
    }
    names = [*(step.name for step in found[0].steps), "product"]
    published = [*(step.published for step in found[0].steps), found[0].published]
    for quantity in ("counted_factor", "weight_factor", "energy_factor"):
        for place, (name, value) in enumerate(zip(names, published, strict=True)):
            factors = [[*one.factors, one.product][place] for one in found]
            if value is not None:
                each = [getattr(one, quantity) for one in factors]
                known, why = None if quantity == "energy_factor" else value, reasons[quantity]
                yield compare_figure(title, "savings", name, quantity, known, each, "printed", why, seed)
