"""Tables of the page on searches, out of what `python -m benchmarks.explore` wrote down."""

from typing import Any

from docs.generate.markdown import code, table
from docs.measure.record import Group, Made
from docs.measure.tables import kept
from simulator.results.text import short

COLUMNS = (
    "machine", "layer", "objectives", "points", "on the front", "trials", "search", "least", "random",
    "least of random", "98 % after",
)  # fmt: skip


def made() -> Made:
    """The cases of the page, those that the search was tuned on, reference points, and the hypervolume as it grew."""
    content = kept("explore.json")
    cases, tuning = content["cases"], content["tuning"]
    references = [
        (code(one["machine"]), code(one["workload"]), code(name), short(value))
        for one in cases
        for name, value in one["reference"].items()
    ]
    grown = [
        (code(one["machine"]), way, *(_percent(share) for share in one["shares"][way].values()))
        for one in cases
        for way in ("search", "random")
    ]
    steps = tuple(f"{count} trials" for count in cases[0]["shares"]["search"])
    names = ("machine", "layer", "objective", "reference")
    keys = [
        (code(one["machine"]), ", ".join(f"{code(name)} ({many})" for name, many in one["keys"].items()))
        for one in cases
    ]
    return Made(
        {},
        {
            "explore.cases": table(COLUMNS, map(_row, cases), right=COLUMNS[3:]),
            "explore.tuning": table(COLUMNS, map(_row, tuning), right=COLUMNS[3:]),
            "explore.keys": table(("machine", "keys, and how many values each"), keys),
            "explore.references": table(names, references, right=names[3:]),
            "explore.growth": table(("machine", "points are", *steps), grown, right=steps),
        },
    )


def _row(one: dict[str, Any]) -> tuple[object, ...]:
    last = str(one["trials"])
    shares = [
        _percent(value) for way in ("search", "random") for value in (one["shares"][way][last], one["least"][way])
    ]
    reached = sorted(one["reached"], key=lambda trial: trial or one["points"])
    middle = [trial or one["points"] for trial in reached][len(reached) // 2]
    figures = f"{one['points']:,}", one["front"], one["trials"], *shares, middle
    return code(one["machine"]), code(one["workload"]), ", ".join(map(code, one["objectives"])), *figures


def _percent(share: float) -> str:
    return f"{100 * share:.2f} %"


GROUPS = (Group("explore", ("python -m benchmarks.explore --json docs/validation/explore.json",), made, 0),)
