"""Figures on EdgeDRNN's page."""

from docs.generate.markdown import table
from docs.measure.commands import answer
from docs.measure.numbers import plain
from docs.measure.record import Group, Made
from docs.measure.tables import Validation, study_table

STUDY = "zeroskip study thresholds"
THRESHOLDS = 0, 8, 32, 64, 128
LARGE = tuple(
    f"zeroskip run edgedrnn edgedrnn-768 --set input_threshold={one} --set state_threshold={one}" for one in THRESHOLDS
)
SPARSE = "zeroskip run edgedrnn_spartus edgedrnn-768 --density 0.0625 --set input_threshold=0 --set state_threshold=0"
SPARTUS = {
    "dense columns": f"{SPARSE} --set sparse_columns=0",
    "sparse columns, pruned by magnitude": f"{SPARSE} --prune plain",
    "sparse columns, balanced": SPARSE,
}


def validation() -> Made:
    """Out of the rows of `validate edgedrnn`."""
    rows = Validation("edgedrnn").rows
    shown = [
        (one.table, one.row, one.quantity.replace("_", " "), _number(one.published), _number(one.simulated),
         one.figure_class or "")
        for one in rows
    ]  # fmt: skip
    columns = ("figure", "of", "quantity", "RTL", "simulated", "class")
    return Made({}, {"edgedrnn.figures": table(columns, shown, right=("RTL", "simulated"))})


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.1f}".removesuffix(".0")


def runs() -> Made:
    """The largest network of the paper at several thresholds, and with Spartus' columns."""
    steps, found = 20, [answer(command) for command in LARGE]
    lines = [
        (str(threshold), f"{100 * (1 - one['unchanged']):.1f}", f"{one['cycles'] // steps:,}",
         f"{one['time_us'] / steps:,.0f}", f"{one['energy_pj']['total'] / 1e6 / steps:,.1f}",
         f"{one['dram_bytes'] / steps / 1e6:,.2f}")
        for threshold, one in zip(THRESHOLDS, found, strict=True)
    ]  # fmt: skip
    columns = ("threshold", "sent %", "cycles a step", "us a step", "uJ a step", "DRAM MB a step")
    sparse = {name: answer(command) for name, command in SPARTUS.items()}
    rows = [
        (name, f"{one['cycles']:,}", f"{100 * one['load_balance']:.0f}", f"{one['padding_entries']:,}",
         f"{one['dram_bytes']:,}")
        for name, one in sparse.items()
    ]  # fmt: skip
    heads = ("columns", "cycles", "PEs busy %", "padding", "DRAM bytes")
    share = max(one["energy_pj"]["dram"] / one["energy_pj"]["total"] for one in found)
    return Made(
        {"edgedrnn.dram-share": plain(100 * share)},
        {
            "edgedrnn.large": table(columns, lines, right=columns),
            "edgedrnn.spartus": table(heads, rows, right=heads[1:]),
        },
    )


def trained() -> Made:
    """The study of a pretrained network."""
    (found,) = answer(STUDY)["tables"]
    return Made({}, {"edgedrnn.trained": study_table(found, 0)})


GROUPS = (
    Group("edgedrnn", ("zeroskip validate edgedrnn --csv > docs/validation/edgedrnn.csv",), validation, 0),
    Group("edgedrnn-runs", (*LARGE, *SPARTUS.values()), runs, 30),
    Group("edgedrnn-trained", (STUDY,), trained, 40),
)
