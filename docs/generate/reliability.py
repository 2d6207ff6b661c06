"""The page on reliability, from what the fuzzers, the differential and fault runs and mutation testing wrote down."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from docs.generate.markdown import MADE, code, table
from simulator.core.registry import machines

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

A row adds up the runs of one reader, one for each seed. *Accepted* inputs were read, *refused* ones were answered with
a sentence. *Peak* is the most memory of the process, *slowest* the longest time of one input. {runs}

"""
DIFFERENTIAL = """
## Engine, model, kernel, and computations that know none of them

Random machines on random layers: the compiled engine and the SimPy model must agree in cycles, counts, reasons, trace
and output bits; the output with the reference kernel; the kernel with numpy and scipy; encodings are decoded again.

```sh
{command}
```

Each machine gets the same processor time, divided among its kinds of layers. *Left out* are cases that were drawn but
not compared: the machine refuses the layer, or the run is too long for the model (`--reasons` prints why). {absent}

"""
FAULTS = """
## Kills, full disks, locks, environments

```sh
{command}
```

A try counts as *failed* where something was lost or wrong. *Answer*: the program must end with one sentence (*a
sentence*), or go on, or recover, without one (*works*).

"""
SAME = """
## The same answer everywhere

The same runs on all machines, a layer of each kind; results are compared byte by byte, without times. A *difference* is
a run whose result is not that of the first row. `--python OTHER/bin/python` adds the Python of another environment:
here one with the newest packages and one with the lowest versions that are allowed.

```sh
{command}
```

"""
MUTANTS = """
## Faults put into the sources

A seeded sample of small faults (another operator, another constant, a statement left out). The sources are divided into
parts, such as a machine or the hardware that machines share; the sample takes the parts in turn, and within a part its
files in turn. Each fault is tried alone, against the tests of its part: first those that take 2 s or less, and where
they pass, all. *Killed* means that a test failed. *Late* means that the tests ran into the time limit, which counts as
killed. *Survived* means that no test saw the fault; a reason is given where it changes nothing that can be observed.
Where a fault survived that a test could see, a test was written, and the fault tried again.

```sh
{command}
```

"""
SAMPLE = 400
PYTHON = ".venv/bin/python -m"
TEXTS = {"fuzz": FUZZ, "differential": DIFFERENTIAL, "faults": FAULTS, "environments": SAME, "mutants": MUTANTS}
WHOLE = 500
"""Seconds of processor time from which a run of a reader was meant to last as long as the command says."""
WORDS = ("reader", "engine", "machine", "kind", "fault", "answer", "environment", "seed", "seeds", "part")
"""Columns of text, or of numbers that are not compared."""


def pages(folder: Path) -> dict[str, str]:
    """`reliability.md`."""
    text = HEAD
    for name, about in TEXTS.items():
        file = folder / "validation" / f"{name}.json"
        rows = json.loads(file.read_text("utf-8")) if file.exists() else []
        text += about.format(**_facts(name, rows))
        text += _section(name, rows, folder) if rows else "Not run yet.\n"
    return {"reliability.md": MADE + text}


def _section(name: str, rows: list[dict[str, Any]], folder: Path) -> str:
    if name == "mutants":
        return _mutants(rows, folder)
    if name == "fuzz":
        return _rows(by_reader(rows))
    return _rows([_fault(row) for row in rows] if name == "faults" else [_without(row, "passed") for row in rows])


def _facts(name: str, rows: list[dict[str, Any]]) -> dict[str, str]:
    """The command that made the rows, and what else their section says of them."""
    output = f"--json docs/validation/{name}.json"
    if name == "fuzz":
        return {"command": _fuzz_commands(rows, output), "runs": _fuzz_runs(rows)}
    if name == "differential":
        seeds: dict[int, list[dict[str, Any]]] = {}
        for row in rows:
            seeds.setdefault(row["seed"], []).append(row)
        lines = []
        for seed, found in seeds.items():
            given = " ".join(f"--machine {one}" for one in dict.fromkeys(row["machine"] for row in found))
            seconds = sum(row["cpu_s"] for row in found) // 100 * 100  # the last case ends later
            lines.append(f"{PYTHON} tests.differential {given} --seconds {seconds:.0f} --seed {seed} {output}")
        chosen = {row["machine"] for row in rows}
        absent = ", ".join(f"`{one}`" for one in machines() if one not in chosen)
        return {"command": "\n".join(lines), "absent": f"Not in this run: {absent}." if absent else ""}
    if name == "mutants":
        sampled = f"{PYTHON} tests.mutation --sample {SAMPLE} --seed 1"
        return {"command": f"{sampled} --most-seconds 2\n{sampled} --again"}
    return {"command": f"{PYTHON} tests.faults{'.environments' if name == 'environments' else ''} {output}"}


def _fuzz_commands(rows: list[dict[str, Any]], output: str) -> str:
    """Of the runs that lasted as long as they were asked to; the shape of the command where there are none."""
    whole = [row for row in rows if row["cpu_s"] >= WHOLE]
    seeds: dict[int, list[str]] = {}
    for row in whole:
        seeds.setdefault(row["seed"], []).append(row["reader"])
    lines = [
        f"{PYTHON} tests.fuzz {' '.join(readers)} --seconds 600 --seed {seed} {output}"
        for seed, readers in seeds.items()
    ]
    return "\n".join(lines or [f"{PYTHON} tests.fuzz --seconds 600 --seed 5 {output}"])


def _fuzz_runs(rows: list[dict[str, Any]]) -> str:
    """How long the others were, by seed; and the engine, where it is one."""
    short: dict[int, list[float]] = {}
    for row in rows:
        if row["cpu_s"] < WHOLE:
            short.setdefault(row["seed"], []).append(row["cpu_s"])
    parts = [f"with seed {seed}, {min(times):.0f} to {max(times):.0f} s" for seed, times in sorted(short.items())]
    text = f"Runs that are not in the command were shorter: {'; '.join(parts)}, of processor time." if parts else ""
    engines = {row["engine"] for row in rows}
    return f"{text} All were made by the fuzzer of the tests (`--engine own`)." if engines == {"own"} else text


def _fault(row: dict[str, Any]) -> dict[str, Any]:
    """A fault without what follows from its other columns."""
    answer = "a sentence" if row["sentence"] else "works"
    return {"fault": row["fault"], "tries": row["tries"], "failed": row["lost"], "answer": answer}


def _without(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key not in names}


def by_reader(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Runs with several seeds as one row: sums, and the largest of what are limits."""
    runs: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        runs.setdefault((row["reader"], row["engine"]), []).append(row)
    return [
        {
            "reader": found[0]["reader"],
            **({} if len({row["engine"] for row in rows}) == 1 else {"engine": found[0]["engine"]}),
            "seeds": ", ".join(str(row["seed"]) for row in found),
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
    """How much of the sample was tried; how many faults of each part were killed; and the survivors."""
    file = folder / "validation" / "equivalent_mutants.json"
    known = json.loads(file.read_text("utf-8")) if file.exists() else {}
    parts = dict.fromkeys(one["room"] for one in outcomes)
    lines = []
    for part in (*parts, "all"):
        found = [one for one in outcomes if part in (one["room"], "all")]
        counts = Counter(_outcome(one, known) for one in found)
        dead, alive = counts["killed"] + counts["late"], counts["survived"]
        share = f"{100 * dead / (dead + alive):.1f} %" if dead + alive else "-"
        cells = (counts["killed"], counts["late"], counts["without effect"], alive, share)
        lines.append((part, len(found), *cells))
    names = ("part", "tried", "killed", "late", "survived, without effect", "survived, others", "killed of the others")
    tried = len(outcomes)
    text = f"{tried} faults of the sample of {SAMPLE} were tried so far: **the sample is not complete.**\n\n"
    text = (text if tried < SAMPLE else f"All {SAMPLE} faults of the sample were tried.\n\n") + table(
        names, lines, names[1:]
    )
    alive = [one for one in outcomes if one["outcome"] == "survived"]
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
