"""Figures on Cambricon's page."""

from docs.generate.markdown import table
from docs.measure.commands import answer
from docs.measure.numbers import plain, short
from docs.measure.record import Group, Made
from docs.measure.tables import Validation, study_table

S, X, SPEEDUP = "Cambricon-S, Fig 21", "Cambricon-X, Fig 19", "speed_up_over_dense"
CURVES = (
    (S, "S inputs in conv"), (S, "S weights in conv"), (S, "S weights in FC"),
    (X, "X weights in conv"), (X, "X weights in FC"),
)  # fmt: skip
ABOVE = ("S weights in conv, kept_percent=5", "S weights in FC, kept_percent=5")
"""Points that do not count: at or above a selector's 16 times."""
STUDY = "zeroskip study selectors"


def validation() -> Made:
    """Out of the rows of `validate cambricon`."""
    found = Validation("cambricon")
    compared = [one for name in (S, X) for one in found.find(name, SPEEDUP) if one.row not in ABOVE]
    errors = [abs(one.error_percent) for one in compared if one.error_percent is not None]
    spread = [100 * (one.deviation or 0) / one.simulated for one in compared if one.published is not None]
    figures = {
        "cambricon.most-off": plain(max(errors), 1),
        "cambricon.spread": plain(max(spread), 1),
        "cambricon.inputs-5": short(found.one(S, SPEEDUP, "S inputs in conv, kept_percent=5").simulated),
        "cambricon.conv-5": plain(found.one(S, SPEEDUP, ABOVE[0]).simulated, 1),
        "cambricon.fc-5": plain(found.one(S, SPEEDUP, ABOVE[1]).simulated, 1),
        "cambricon.power-s": plain(found.one("Power at 1 GHz", "power_mw", "cambricon_s").simulated),
        "cambricon.power-x": plain(found.one("Power at 1 GHz", "power_mw", "cambricon_x").simulated),
    }
    return Made(figures, {"cambricon.curves": _curves(found)})


def _curves(found: Validation) -> str:
    points = [one.row.partition("=")[2] for one in found.find(S, SPEEDUP, CURVES[0][1])]
    rows = []
    for where, curve in CURVES:
        ones = found.find(where, SPEEDUP, curve)
        rows.append((f"{curve}, published", *(short(one.published) for one in ones)))
        rows.append((f"{curve}, simulated", *(short(one.simulated) for one in ones)))
    columns = ("kept", *(f"{point} %" for point in points))
    return table(columns, rows, right=columns[1:])


def layers() -> Made:
    """The study's second table."""
    return Made({}, {"cambricon.layers": study_table(answer(STUDY)["tables"][1], 2)})


GROUPS = (
    Group("cambricon", ("zeroskip validate cambricon --csv > docs/validation/cambricon.csv",), validation, 0),
    Group("cambricon-layers", (STUDY,), layers, 60),
)
