"""Published steps from one node to another, and what the sets of factors say."""

from collections.abc import Iterator

from simulator.core.published import PublishedFigure, Standing, compare_figure
from simulator.core.registry import machines
from simulator.pricing.scaling.sets import factors, reaching

OPERATIONS_PJ = {
    "int add 8": (0.03, 0.007),
    "int add 32": (0.1, 0.03),
    "int mult 8": (0.2, 0.07),
    "int mult 32": (3.1, 1.48),
    "fp16 add": (0.4, 0.16),
    "fp16 mult": (1.1, 0.34),
    "fp32 add": (0.9, 0.38),
    "fp32 mult": (3.7, 1.31),
}
"""At 45 nm (Horowitz, ISSCC 2014) and 7 nm (Jouppi et al., TPUv4i, ISCA 2021)."""
FROM_NM, TO_NM = 45, 7
STEP = Standing("predicted", "the set's factor between the two nodes; operations are not among its data")


def rows() -> Iterator[PublishedFigure]:
    """The machines' own projections, and the energies of operations at two nodes."""
    for machine in machines().values():
        paper = machine.paper()
        if paper is not None:
            yield from paper.more_energy()
    for operation, (before, after) in OPERATIONS_PJ.items():
        for name, devices in reaching(FROM_NM, TO_NM):
            yield compare_figure(
                "TPUv4i (ISCA 2021)",
                f"operations, {name} {devices}",
                operation,
                f"energy, {TO_NM} over {FROM_NM} nm",
                after / before,
                factors(name, devices, FROM_NM, TO_NM).energy,
                "printed",
                STEP,
            )
