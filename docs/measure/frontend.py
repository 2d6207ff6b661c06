"""Figures on the page of the frontend: what compression costs."""

from docs.measure.commands import answer
from docs.measure.record import Group, Made
from docs.measure.tables import study_table

ONE_THREAD = "OPENBLAS_NUM_THREADS=1"
"""Training depends on the order of additions, and so on the number of threads."""
STUDIES = {
    "deep-compression": (f"{ONE_THREAD} zeroskip study deep-compression", (0, 1), 90),
    "ttq": (f"{ONE_THREAD} zeroskip study ttq", (0, 1), 120),
    "dsd": (f"{ONE_THREAD} zeroskip study dsd", (0, 1), 300),
    "real": ("zeroskip study real", (0,), 40),
}
"""Command, numbers of the tables that are shown, and seconds."""


def _group(name: str) -> Group:
    command, places, seconds = STUDIES[name]

    def make() -> Made:
        found = answer(command)["tables"]
        text = "\n".join(f"{found[place]['title']}:\n\n{study_table(found[place])}" for place in places)
        return Made({}, {f"frontend.{name}": text})

    return Group(f"frontend-{name}", (command,), make, seconds)


GROUPS = tuple(_group(name) for name in STUDIES)
