"""Published figures of energy beside simulated ones, over all machines: `zeroskip validate energy`.

Each part is the `rows` of a module that knows one machine, here restricted to energy and power.
"""

from collections.abc import Iterator
from functools import partial

from simulator.machines.eie.paper import validation as eie
from simulator.machines.scnn.paper import validation as scnn
from simulator.results.published import Row, compare
from simulator.studies import ablation
from simulator.studies import dram_figures as dram
from simulator.studies import scaling_figures as scaling

DRAWS = 1
"""Draws move an energy by less than 2 %."""
EIE = {"pe_power_mw", "power_w", "summary", "projection", "spmat_read_energy_nj"}
SCNN = {"energy_gain_over_dcnn", "energy_gain_of_dcnn_opt_over_dcnn", "energy_over_dcnn", "energy_over_dcnn_opt"}
CHAIN_LAYER = "alexnet-fc7"
"""The paper does not say on which layer its factors hold; its figures of merit are this one's."""


def rows(seed: int, draws: int) -> Iterator[Row]:
    """Every part's rows, one part after the other."""
    for part in PARTS:
        yield from part(seed, draws)


def chain(seed: int, draws: int) -> Iterator[Row]:
    """The factors of EIE's savings: as the paper counts them, and of the energy that fetches weights.

    Of all energy, clock and arithmetic included, the paper gives no factors; they are simulated.
    """
    found = [ablation.ablate(CHAIN_LAYER, seed=one) for one in range(seed, seed + draws)]
    names = [*(step.name for step in found[0].steps), "product"]
    published = [*(step.published for step in found[0].steps), found[0].published]
    for quantity in ("counted_factor", "weight_factor", "energy_factor"):
        for place, (name, value) in enumerate(zip(names, published, strict=True)):
            factors = [[*one.factors, one.product][place] for one in found]
            if value is not None:
                mean = sum(getattr(one, quantity) for one in factors) / draws
                known = None if quantity == "energy_factor" else value
                yield compare("EIE (ISCA 2016)", "savings", name, quantity, known, mean, "printed")


def memories_and_nodes(seed: int, draws: int) -> Iterator[Row]:  # noqa: ARG001
    """DRAM beside another simulator and data sheets; EIE at 28 nm beside two scaling sets. Nothing is drawn."""
    yield from dram.rows()
    yield from scaling.rows()


PARTS = (
    partial(eie.rows, quantities=EIE),
    memories_and_nodes,
    chain,
    partial(scnn.rows, quantities=SCNN),
)
"""Each `rows(seed, draws)`; a part more is a line more."""
