"""Figures on SIGMA's page."""

from typing import Any

from docs.generate.markdown import table
from docs.measure.commands import answer
from docs.measure.numbers import plain, short, signed
from docs.measure.record import Group, Made
from docs.measure.tables import Validation, mean_error, study_table

STUDY = "zeroskip study sigma"
NETWORK = "zeroskip run sigma alexnet"
WITH_DRAM = f"{NETWORK} --set wait_for_dram=1"
KEPT_ACTIVATIONS = f"{NETWORK} --set stationary_activations=1"
OURS, DENSE, CYCLES = "SIGMA", "TPU", "cycles"


def validation() -> Made:
    """Out of the rows of `validate sigma`."""
    found = Validation("sigma")
    rows = []
    for one in found.find(OURS, CYCLES):
        dense = found.one(DENSE, CYCLES, one.row)
        cells = [short(one.published, 0), short(one.simulated, 1), short(one.deviation, 1)]
        assert one.error_percent is not None
        cells += [signed(one.error_percent, 2), short(dense.published, 0), short(dense.simulated, 0)]
        rows.append((one.row, *cells))
    columns = ("M x N x K", "published", "simulated", "deviation", "error %", "TPU, published", "TPU, formula")
    errors = found.errors(OURS, CYCLES)
    figures = {"sigma.off": plain(mean_error(errors), 2), "sigma.most-off": plain(max(map(abs, errors)), 1)}
    return Made(figures, {"sigma.published": table(columns, rows, right=columns[1:])})


def study() -> Made:
    """The study of the same name."""
    products, worth, densities = answer(STUDY)["tables"]
    shown = ["M x N x K", "least", "greatest", "folds", "columns", "loads", "utilisation %", "dense / SIGMA"]
    return Made(
        {},
        {
            "sigma.products": study_table(products, 1, shown),
            "sigma.worth": study_table(worth),
            "sigma.densities": study_table(densities),
        },
    )


def network() -> Made:
    """AlexNet, without and with DRAM's time, and with the other operand stationary."""
    runs = [answer(command)["layers"] for command in (NETWORK, WITH_DRAM, KEPT_ACTIVATIONS)]
    rows = [_row(layers) for layers in zip(*([one for one in run if one["cycles"]] for run in runs), strict=True)]
    columns = ("layer", "weights %", "inputs %", "cycles", "with DRAM", "stationary activations", "energy uJ")
    return Made({}, {"sigma.network": table(columns, rows, right=columns[1:])})


def _row(layers: tuple[dict[str, Any], ...]) -> tuple[str, ...]:
    first = layers[0]
    shares = (plain(100 * first[f"{what}_density"], 1) for what in ("weight", "activation"))
    name = first["layer"].removeprefix("alexnet-")
    return name, *shares, *(plain(one["cycles"]) for one in layers), plain(first["energy_uj"], 1)


GROUPS = (
    Group("sigma", ("zeroskip validate sigma --csv > docs/validation/sigma.csv",), validation, 0),
    Group("sigma-study", (STUDY,), study, 10),
    Group("sigma-network", (NETWORK, WITH_DRAM, KEPT_ACTIVATIONS), network, 40),
)
