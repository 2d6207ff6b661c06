"""Figures on EIE's page."""

from docs.generate.markdown import table
from docs.measure.commands import answer
from docs.measure.numbers import plain, short, signed
from docs.measure.record import Group, Made
from docs.measure.tables import Validation
from simulator.core.published import PublishedFigure

SAVINGS = "zeroskip ablate alexnet-fc7"
SAVINGS_OF_MEANS = "zeroskip ablate alexnet-fc7-table3"
PARTS = {
    "memory": "memory",
    "clock": "clock network",
    "register": "register",
    "combinational": "combinational",
    "act_queue": "Act queue",
    "pointer_read": "PtrRead",
    "spmat_read": "SpmatRead",
    "arithmetic": "ArithmUnit",
    "act_read_write": "ActRW",
}
TYPES, MODULES = "Table II types, real FC8", "Table II modules, real FC8"
PAPER = "as the paper accounts"


def validation() -> Made:
    """Out of the rows of `validate eie`."""
    eie = Validation("eie")
    first = [one for one in eie.find("Fig 8", "load_balance_percent") if one.row.endswith("queue_depth=1")]
    depth = [-one.error_percent for one in first if one.error_percent is not None and one.row[:11] != "alexnet-fc8"]
    reads = eie.errors("Fig 9", "spmat_row_reads_thousand")
    energies = [one for one in eie.find("Fig 9", "spmat_read_energy_nj") if not one.row.startswith("alexnet-fc6")]
    figures = {
        "eie.memories-error": plain(max(map(abs, eie.errors(f"Memories, {PAPER}", "sram_power_mw", "all"))), 1),
        "eie.nt-wd-theoretical": signed(eie.error("Table IV", "theoretical_us", "nt-wd"), 1),
        "eie.nt-lstm-theoretical": signed(eie.error("Table IV", "theoretical_us", "nt-lstm"), 1),
        "eie.fc6-actual": signed(eie.error("Table IV", "actual_us", "alexnet-fc6"), 1),
        "eie.fc7-actual": signed(eie.error("Table IV", "actual_us", "alexnet-fc7"), 1),
        "eie.depth1-least": plain(min(depth)),
        "eie.depth1-most": plain(max(depth)),
        "eie.fc7-power": signed(eie.error("Table V", "power_w", "alexnet-fc7")),
        "eie.power-28nm": signed(eie.error("Table V, 28 nm", "power_w", "256 PEs simulated")),
        "eie.fig9-reads-least": signed(min(reads)),
        "eie.fig9-reads-most": signed(max(reads)),
        "eie.fig9-others": plain(max(abs(one.error_percent or 0.0) for one in energies)),
    }
    for pes, layer in ((256, "fc6"), (128, "fc6"), (256, "fc7")):
        error = eie.error("Fig 13", "load_balance_percent", f"alexnet-{layer}, pes={pes}")
        figures[f"eie.{layer}-{pes}"] = signed(error)
    return Made(figures, {"eie.modules": _modules(eie), "eie.table-v": _table_v(eie)})


def _modules(eie: Validation) -> str:
    rows = []
    for row in (*eie.find(TYPES, "pe_power_mw"), *eie.find(MODULES, "pe_power_mw")):
        if row.row in PARTS:
            error = "fitted" if row.figure_class == "calibrated" else f"{signed(row.error_percent or 0.0)} %"
            rows.append((PARTS[row.row], short(row.published, 3), short(row.simulated, 3), error))
    columns = ("one PE on the real FC8's counts, mW", "Table II", "simulated", "error")
    return table(columns, rows, right=columns[1:])


def _table_v(eie: Validation) -> str:
    rows = []
    for table_name, row, what in (
        ("Table V", "alexnet-fc7", ""),
        ("Table V, 28 nm", "256 PEs simulated", "28 nm, 256 PEs: "),
    ):
        for quantity, name, digits in (
            ("frames_per_s", "frames/s", 0),
            ("power_w", "power, W", 3),
            ("frames_per_j", "frames/J", 0),
        ):
            events = eie.one(table_name, quantity, row)
            paper = eie.one(f"{table_name}, {PAPER}", quantity, row) if quantity != "frames_per_s" else None
            published = f"{events.published:,.6g}"
            cells = [_with_error(one, digits) if one else "the same" for one in (events, paper)]
            rows.append((what + name, published, *cells))
    columns = ("AlexNet FC7, mean of 10 draws", "paper", "by events (`eie_64pe`)", "one power (`eie_paper_power`)")
    return table(columns, rows, right=columns[1:])


def _with_error(row: PublishedFigure, digits: int) -> str:
    assert row.error_percent is not None
    return f"{plain(row.simulated, digits)} ({signed(row.error_percent, 1)} %)"


def savings() -> Made:
    """Each idea of the machine on its own."""
    steps, of_means = answer(SAVINGS)["steps"], answer(SAVINGS_OF_MEANS)["steps"]
    columns = (
        "step", "weights are", "all energy, uJ", "factor", "fetch of weights", "as the paper counts", "paper",
    )  # fmt: skip
    rows = []
    for step in steps:
        factors = [short(step[key], 1) for key in ("energy_factor", "weight_factor", "counted_factor")]
        published = "" if step["published"] is None else f"{step['published']:.0f}"
        rows.append((step["name"], step["stored"], short(step["energy_pj"] / 1e6, 1), *factors, published))
    whole = [_product(steps, key) for key in ("energy_factor", "weight_factor", "counted_factor", "published")]
    rows.append(("all together", "", "", *(plain(one) for one in whole)))
    figures = {
        "eie.savings-off": plain(_largest(steps)),
        "eie.savings-off-table3": plain(_largest(of_means)),
    }
    return Made(figures, {"eie.savings": table(columns, rows, right=columns[2:])})


def _product(steps: list[dict[str, float | None]], key: str) -> float:
    found = 1.0
    for step in steps:
        found *= step[key] or 1.0
    return found


def _largest(steps: list[dict[str, float | None]]) -> float:
    """The greatest difference of a factor, counted as the paper does, from the published one, in per cent."""
    pairs = [(step["counted_factor"], step["published"]) for step in steps]
    return max(100 * abs(found / published - 1) for found, published in pairs if found and published)


GROUPS = (
    Group("eie", ("zeroskip validate eie --csv > docs/validation/eie.csv",), validation, 0),
    Group("eie-savings", (SAVINGS, SAVINGS_OF_MEANS), savings, 8),
)
