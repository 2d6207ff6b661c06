"""The page on reliability, from what the fuzzers, the differential and fault runs and mutation testing wrote down."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from docs.generate.markdown import MADE, code, table

HEAD = """# Reliability

What was tried to break zeroskip, how often, and what happened. Each table is made from a file that the command above
it wrote; short runs of all but mutation testing are part of the tests.

"""
FUZZ = """## Hostile files and texts

The promise: whatever a file or an option holds, the program works, or says in one sentence what is wrong, where, and
what is expected, with exit code 2. Each reader gets changed copies of small valid inputs (bytes, structure, extreme
numbers) in a process that may use 2.5 GB; an input that takes more than 10 s, more memory, or ends in
another exception is a failure. `tests/fuzz/corpus/` keeps inputs that once failed; every run of the tests tries them.

```sh
{command}
```

"""
DIFFERENTIAL = """
## Engine, model, kernel, and computations that know none of them

Random machines on random layers: the compiled engine and the SimPy model must agree in cycles, counts, reasons, trace
and output bits; the output with the reference kernel; the kernel with numpy and scipy; encodings are decoded again.

```sh
{command}
```

"""
FAULTS = """
## Kills, full disks, locks, environments

```sh
{command}
```

"""
SAME = """
## The same answer everywhere

The same runs on all machines; results are compared byte by byte, without times.

```sh
{command}
```

"""
MUTANTS = """
## Faults put into the sources

A seeded sample of small faults (another operator, another constant, a statement left out), in turn from every room and
every file of it, each against the tests of its room. *Late* means that tests ran into the time limit, which counts
as killed. Survivors are listed with the reason, if they change nothing that can be observed.

```sh
{command}
```

"""
COMMANDS = {
    "fuzz": ".venv/bin/python -m tests.fuzz --seconds 600 --seed 5 --json docs/validation/fuzz.json",
    "differential": (
        ".venv/bin/python -m tests.differential --seconds 600 --seed 5 --json docs/validation/differential.json"
    ),
    "faults": ".venv/bin/python -m tests.faults --json docs/validation/faults.json",
    "environments": ".venv/bin/python -m tests.faults.environments --json docs/validation/environments.json",
    "mutants": ".venv/bin/python -m tests.mutation --sample 400 --seed 1",
}
TEXTS = {"fuzz": FUZZ, "differential": DIFFERENTIAL, "faults": FAULTS, "environments": SAME, "mutants": MUTANTS}
WORDS = ("reader", "engine", "machine", "kind", "fault", "sentence", "environment", "passed", "seed", "room")
"""Columns of text, or of numbers that are not compared."""


def pages(folder: Path) -> dict[str, str]:
    """`reliability.md`."""
    text = HEAD
    for name, about in TEXTS.items():
        text += about.format(command=COMMANDS[name])
        file = folder / "validation" / f"{name}.json"
        if not file.exists():
            text += "Not run as a whole yet.\n"
            continue
        rows = json.loads(file.read_text("utf-8"))
        text += _mutants(rows, folder) if name == "mutants" else _rows(by_reader(rows) if name == "fuzz" else rows)
    return {"reliability.md": MADE + text}


def by_reader(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Runs with several seeds as one row: sums, and the largest of what are limits."""
    runs: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        runs.setdefault((row["reader"], row["engine"]), []).append(row)
    return [
        {
            **found[0],
            "seed": ", ".join(str(row["seed"]) for row in found),
            **{key: sum(row[key] for row in found) for key in ("inputs", "accepted", "refused", "cpu_s", "failures")},
            **{key: max(row[key] for row in found) for key in ("peak_mb", "slowest_s")},
        }
        for found in runs.values()
    ]


def _rows(rows: list[dict[str, Any]]) -> str:
    """A line for each row, a column for each key."""
    names = list(dict.fromkeys(key for row in rows for key in row))
    cells = [[_cell(row.get(name)) for name in names] for row in rows]
    return table(
        [name.replace("_", " ") for name in names],
        cells,
        [name.replace("_", " ") for name in names if name not in WORDS],
    )


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:,}" if isinstance(value, int) else f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}"
    return "-" if value in (None, "", []) else str(value)


def _mutants(outcomes: list[dict[str, Any]], folder: Path) -> str:
    """How many mutants of each room were killed, and the survivors."""
    file = folder / "validation" / "equivalent_mutants.json"
    known = json.loads(file.read_text("utf-8")) if file.exists() else {}
    rooms = dict.fromkeys(one["room"] for one in outcomes)
    lines = []
    for room in (*rooms, "all"):
        found = [one for one in outcomes if room in (one["room"], "all")]
        counts = Counter("equivalent" if one["id"] in known else one["outcome"] for one in found)
        alive, equal = counts["survived"], counts["equivalent"]
        killed = len(found) - alive - equal
        lines.append(
            (
                room,
                len(found),
                counts["killed"],
                counts["late"],
                equal,
                alive,
                f"{100 * killed / max(1, killed + alive):.1f} %",
            )
        )
    names = ("room", "mutants", "killed", "late", "equivalent", "survived", "killed of the others")
    text = table(names, lines, names[1:])
    alive = [one for one in outcomes if one["outcome"] == "survived"]
    cells = [
        (
            f"{one['path']}:{one['line']}",
            code(one["before"]),
            code(one["after"]),
            known.get(one["id"], "not seen by a test"),
        )
        for one in alive
    ]
    return text + "\nSurvivors:\n\n" + table(("place", "before", "after", "why"), cells) if alive else text
