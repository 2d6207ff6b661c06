"""Figures on the page of number formats."""

from docs.measure.commands import answer
from docs.measure.frontend import ONE_THREAD
from docs.measure.record import Group, Made
from docs.measure.tables import study_table

FORMATS, QAD, AQN = (f"{ONE_THREAD} zeroskip study {name}" for name in ("formats", "qad", "aqn"))
NOISE = "N(0, 1)"
DRAWN = "drawn layers"


def _formats() -> Made:
    """A table for each real network and machine, and the noise of each format."""
    tables = {}
    parts = []
    for part in answer(FORMATS)["tables"]:
        if part["title"].startswith(NOISE):
            tables["formats.noise"] = study_table(part, right_from=2)
        elif not part["title"].startswith(DRAWN):
            parts.append(f"{part['title']}:\n\n{study_table(part)}")
    return Made({}, {**tables, "formats.tasks": "\n".join(parts)})


def _qad() -> Made:
    """Errors and divergence, and what training takes back."""
    found = answer(QAD)["tables"]
    return Made({}, {"formats.qad": "\n".join(f"{one['title']}:\n\n{study_table(one)}" for one in found)})


def _aqn() -> Made:
    """Entropy against the noise."""
    found = answer(AQN)["tables"]
    return Made({}, {"formats.aqn": "\n".join(f"{one['title']}:\n\n{study_table(one)}" for one in found)})


GROUPS = (
    Group("formats", (FORMATS,), _formats, 240),
    Group("qad", (QAD,), _qad, 300),
    Group("aqn", (AQN,), _aqn, 35),
)
