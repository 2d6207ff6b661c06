"""A published projection compared with the sets' factors."""

from simulator.core.published import PublishedFigure, Standing, compare_figure
from simulator.pricing.scaling.sets import factors, reaching

EIE_TO_28_NM = {
    "energy": 2.36 / (0.59 * 4 * 1.5),  # Table V: 256 PEs at 1200 MHz in 28 nm draw 2.36 W, 64 at 800 in 45 nm 0.59 W
    "area": 63.8 / (40.8 * 4),  # Table V: 63.8 mm2, and 40.8 mm2
}
KNOWN = Standing("predicted", "the set's factor between the two nodes")
SAME = Standing("given", "the factor of the set's other devices, not averaged again")


def rows() -> list[PublishedFigure]:
    """EIE's own projection to 28 nm compared with the sets' factors."""
    found, seen = [], set()
    for quantity, published in EIE_TO_28_NM.items():
        for name, devices in reaching(45, 28):
            simulated = getattr(factors(name, devices, 45, 28), quantity)
            row = f"{name} {devices}"
            found.append(
                compare_figure(
                    "EIE (ISCA 2016)",
                    "Table V, 28 nm",
                    row,
                    f"{quantity}, 28 over 45 nm",
                    published,
                    simulated,
                    "derived",
                    SAME if (quantity, name, simulated) in seen else KNOWN,
                )
            )
            seen.add((quantity, name, simulated))
    return found
