"""Figures on the page of number formats."""

import json
import math
from typing import Any

from docs.generate.markdown import code, table
from docs.measure.commands import answer
from docs.measure.frontend import ONE_THREAD
from docs.measure.record import Group, Made
from docs.measure.tables import FOLDER, study_table

FORMATS, QAD, AQN = (f"{ONE_THREAD} zeroskip study {name}" for name in ("formats", "qad", "aqn"))
KEPT = FOLDER / "figures.json"
NOISE = "N(0, 1)"
DRAWN = "drawn layers"
FEW = "0.3"
"""The lower density of the study."""
SHORT = ("codebook4", "ternary", "nvfp4", "mxfp4", "int4-g16", "int4-g128", "fp8", "int8")
"""Formats of the table at the top."""
BASE, WHOLE = "fp8", "linear16"
"""What ratios are over; a format in which nothing is lost."""


def _formats() -> Made:
    """A table for each real network and machine, and the noise of each format."""
    tables = {}
    parts = []
    for part in answer(FORMATS)["tables"]:
        if part["title"].startswith(NOISE):
            tables["formats.noise"] = study_table(part, right_from=2)
        elif not part["title"].startswith(DRAWN):
            parts.append(f"{part['title']}:\n\n{study_table(part, columns=_different(part))}")
    return Made({}, {**tables, "formats.tasks": "\n".join(parts)})


def _different(part: dict[str, Any]) -> list[str]:
    """The columns of a table, without those of a density that are equal to another density's in every row."""
    names: list[str] = part["columns"]
    columns = [[row[place] for row in part["rows"]] for place in range(len(names))]
    costs = [place for place, name in enumerate(names) if " at " in name]
    if all(any(columns[place] == columns[other] for other in costs if other != place) for place in costs):
        return [name for name in names if not name.endswith(f" at {FEW}")]
    return names


def _qad() -> Made:
    """Errors and divergence, and what training takes back."""
    found = answer(QAD)["tables"]
    return Made({}, {"formats.qad": "\n".join(f"{one['title']}:\n\n{study_table(one)}" for one in found)})


def _aqn() -> Made:
    """Entropy against the noise."""
    found = answer(AQN)["tables"]
    return Made({}, {"formats.aqn": "\n".join(f"{one['title']}:\n\n{study_table(one)}" for one in found)})


def _summary() -> Made:
    """A few rows of the tables that are kept; tokens are counted with their standard error."""
    tables = json.loads(KEPT.read_text("utf-8"))["formats"]["tables"]["formats.tasks"]
    found = {key: _rows(text) for key, text in _parts(tables)}
    eie, tensor = found["rxnmapper", "eie_64pe"], found["rxnmapper", "tensor"]
    rows = []
    for name in SHORT:
        one = eie[name]
        errors = [found[network, "tensor"][name]["error %"] for network in ("LeNet-300-100", "tiara-k4")]
        ratios = [
            f"{_number(machine[name][cost]) / _number(machine[BASE][cost]):.2f}"
            for machine, costs in ((eie, (f"cycles at {FEW}", f"nJ at {FEW}")), (tensor, ("cycles at 1", "nJ at 1")))
            for cost in costs
        ]
        rows.append((code(name), one["bits a weight"], one["tokens recovered"], one["KL"], *errors, *ratios))
    columns = (
        "format", "bits a weight", "tokens recovered", "KL", "LeNet, error %", "tiara, error %",
        f"EIE, cycles at {FEW}", f"EIE, nJ at {FEW}", "tensor, cycles", "tensor, nJ",
    )  # fmt: skip
    right, whole = (int(one) for one in eie[WHOLE]["tokens recovered"].split(" of "))
    figures = {
        "formats.exact": f"{right}",
        "formats.nvfp4": eie["nvfp4"]["tokens recovered"].partition(" ")[0],
        "formats.spread": f"{math.sqrt(right * (1 - right / whole)):.0f}",
    }
    return Made(figures, {"formats.summary": table(columns, rows, right=columns[1:])})


def _parts(text: str) -> list[tuple[tuple[str, str], str]]:
    """((network, machine), table) of titled tables."""
    found, key = [], ("", "")
    for part in text.split("\n\n"):
        if part.startswith("| "):
            found.append((key, part))
        else:
            network, _, machine = part.partition(": weights in each format, and on ")
            key = network.strip(), machine.partition(" ")[0]
    return found


def _rows(text: str) -> dict[str, dict[str, str]]:
    """Rows of a table in Markdown by their first cell, each by its columns."""
    lines = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in text.strip().splitlines()]
    return {row[0]: dict(zip(lines[0], row, strict=True)) for row in lines[2:]}


def _number(text: str) -> float:
    return float(text.replace(",", ""))


GROUPS = (
    Group("formats", (FORMATS,), _formats, 240),
    Group("formats-summary", ("python -m docs.generate",), _summary, 0),
    Group("qad", (QAD,), _qad, 300),
    Group("aqn", (AQN,), _aqn, 35),
)
