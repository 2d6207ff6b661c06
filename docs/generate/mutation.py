"""The part of the page on reliability about faults that are put into the sources."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from docs.generate.markdown import code, table

MUTANTS = """
## Faults put into the sources

A seeded sample of small faults (another operator, another constant, a statement left out). The sources are divided into
parts, such as a machine or the hardware that machines share; the sample takes the parts in turn, and within a part its
files in turn. Each fault is tried alone, against the tests of its part: first those that take 2 s or less, and where
they pass, all. *Killed* means that a test failed. *Late* means that the tests ran into the time limit, which counts as
killed. *Survived* means that no test saw the fault; a reason is given where it changes nothing that can be observed.

Where a fault survived that a test could see, a test was written, and the fault tried again. *Killed at the second try*
counts, among the killed, those that survived at first: by the tests that take longer, or by a test that was written for
them. The share in the last column holds for the tests as they are now, that *at the first try* for the tests as they
were, as far as first tries were written down: for the first half of the sample, some were not.

```sh
{command}
```

"""
SAMPLE = 400


def outcomes(tried: list[dict[str, Any]], folder: Path) -> str:
    """How much of the sample was tried; how many faults of each part were killed; and the survivors."""
    file = folder / "validation" / "equivalent_mutants.json"
    known = json.loads(file.read_text("utf-8")) if file.exists() else {}
    parts = dict.fromkeys(one["room"] for one in tried)
    lines = []
    for part in (*parts, "all"):
        found = [one for one in tried if part in (one["room"], "all")]
        counts = Counter(_outcome(one, known) for one in found)
        dead, alive = counts["killed"] + counts["late"], counts["survived"]
        share = f"{100 * dead / (dead + alive):.1f} %" if dead + alive else "-"
        again = sum(one.get("again", False) and one["outcome"] != "survived" for one in found)
        first = f"{100 * (dead - again) / (dead + alive):.1f} %" if dead + alive else "-"
        cells = (counts["killed"], counts["late"], again, counts["without effect"], alive, first, share)
        lines.append((part, len(found), *cells))
    names = (
        "part", "tried", "killed", "late", "killed at the second try", "survived, without effect", "survived, others",
        "killed of those with effect, at the first try", "in all",
    )  # fmt: skip
    text = f"{len(tried)} faults of the sample of {SAMPLE} were tried so far: **the sample is not complete.**\n\n"
    text = (text if len(tried) < SAMPLE else f"All {SAMPLE} faults of the sample were tried.\n\n") + table(
        names, lines, names[1:]
    )
    alive = [one for one in tried if one["outcome"] == "survived"]
    cells = [
        (
            f"{one['path']}:{one['line']}",
            *(code(" ".join(one[key].split())) for key in ("before", "after")),
            known.get(one["id"], "not seen by a test"),
        )
        for one in alive
    ]
    return text + "\nSurvivors:\n\n" + table(("place", "before", "after", "why"), cells) if alive else text


def _outcome(one: dict[str, Any], known: dict[str, str]) -> str:
    """killed, late, survived, or without effect: a survivor for which there is a reason."""
    return "without effect" if one["outcome"] == "survived" and one["id"] in known else str(one["outcome"])
