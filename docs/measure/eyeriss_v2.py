"""Figures on Eyeriss v2's page."""

from docs.generate.markdown import table
from docs.measure.commands import answer
from docs.measure.numbers import plain, short
from docs.measure.record import Group, Made
from docs.measure.tables import Validation

RATES, EFFICIENCY, RATE, PER_JOULE = "Table VI", "Table VI", "inferences_per_s", "inferences_per_j"
DENSE, SPARSE = "zeroskip run eyeriss_v2 alexnet --density 1", "zeroskip run eyeriss_v2 alexnet"
PREFETCH = f"{DENSE} --set prefetch=1"
PE = "zeroskip validate eyeriss_v2 --data eyeriss_v2_masks.npz --csv > docs/validation/eyeriss_v2_pe.csv"
ONE, TWO = "one PE, one multiply a cycle", "one PE, two multiplies a cycle"


def rates() -> Made:
    """Out of the rows of `validate eyeriss_v2`."""
    chip, rows = Validation("eyeriss_v2"), []
    for rate in chip.find(RATES, RATE):
        efficiency = chip.one(EFFICIENCY, PER_JOULE, rate.row)
        power = [1000 * one / other for one, other in zip(_both(rate), _both(efficiency), strict=True)]
        cells = [short(one, 1) for one in (*_both(rate), *_both(efficiency))]
        rows.append((rate.row, *cells, *(short(one, 0) for one in power)))
    names = "inferences/s", "inferences/J", "mW"
    columns = "network", *(f"{name}, {who}" for name in names for who in ("chip", "here"))
    off = {"alexnet": "AlexNet", "sparse": "sparse AlexNet"}
    figures = {
        f"eyeriss_v2.{name}-off": plain(-chip.error(RATES, RATE, row), 1 if name == "alexnet" else 0)
        for name, row in off.items()
    }
    return Made(figures, {"eyeriss_v2.rates": table(columns, rows, right=columns[1:])})


def _both(row) -> tuple[float, float]:  # type: ignore[no-untyped-def]
    return row.published, row.simulated


def one_pe() -> Made:
    """Out of the rows on the masks."""
    found, rows = Validation("eyeriss_v2_pe"), []
    for row in found.find(ONE, "cycles"):
        empty, two = found.one(ONE, "empty_columns", row.row), found.one(TWO, "cycles", row.row)
        cells = [short(one, 0) or "-" for each in (row, two, empty) for one in (each.published, each.simulated)]
        rows.append((row.row, *cells))
    names = "cycles", "cycles, SIMD 2", "empty columns met"
    columns = "layer", *(f"{name}, {who}" for name in names for who in ("known", "here"))
    return Made({}, {"eyeriss_v2.pe": table(columns, rows, right=columns[1:])})


def alexnet() -> Made:
    """AlexNet's layers, dense and pruned."""
    both, rows = [answer(command) for command in (DENSE, SPARSE)], []
    for pair in zip(*(found["layers"] for found in both), strict=True):
        used = [plain(100 * one["theoretical_cycles"] / one["cycles"]) for one in pair]
        cells = [cell for one, share in zip(pair, used, strict=True) for cell in (plain(one["cycles"]), share)]
        rows.append((pair[0]["layer"].removeprefix("alexnet-"), *cells))
    columns = "layer", "cycles, dense", "utilisation %", "cycles, sparse", "utilisation %, sparse"
    first, whole = both[1]["layers"][0]["cycles"], sum(one["cycles"] for one in both[1]["layers"])
    cycles = sum(one["cycles"] for one in answer(PREFETCH)["layers"])
    published = Validation("eyeriss_v2").one(RATES, RATE, "AlexNet").published
    assert published is not None
    figures = {
        "eyeriss_v2.conv1-share": plain(100 * first / whole),
        "eyeriss_v2.alexnet-prefetch-off": plain(100 * (1 - 2e8 / cycles / published)),
    }
    return Made(figures, {"eyeriss_v2.alexnet": table(columns, rows, right=columns[1:])})


GROUPS = (
    Group("eyeriss_v2", ("zeroskip validate eyeriss_v2 --csv > docs/validation/eyeriss_v2.csv",), rates, 0),
    Group("eyeriss_v2-pe", (PE,), one_pe, 0),
    Group("eyeriss_v2-alexnet", (DENSE, SPARSE, PREFETCH), alexnet, 20),
)
