"""Tables on the page of language models."""

from docs.generate.markdown import table
from docs.measure.commands import answer
from docs.measure.record import Group, Made

STUDY = "zeroskip study decode"
NAMES = ("parameters", "roofline", "ratios", "cards", "drafts", "video")
"""Of the tables of the study, in its order."""


def made() -> Made:
    """All tables of the study."""
    found = answer(STUDY)["tables"]
    tables = {
        f"language.{name}": table(one["columns"], one["rows"], right=one["columns"][1:])
        for name, one in zip(NAMES, found, strict=True)
    }
    return Made({}, tables)


GROUPS = (Group("language", (STUDY,), made, 70),)
