"""The page on reliability, from what the fuzzers, the differential and fault runs and mutation testing wrote down."""

import ast
import json
from pathlib import Path
from typing import Any

from docs.generate.markdown import MADE, table
from docs.generate.mutation import MUTANTS, SAMPLE, outcomes
from simulator.core.registry import machines
from workloads.clips import video
from workloads.sources.onnx import running

HEAD = """# Reliability

What was tried to break zeroskip, how often, and what happened. Each table is made from a file in `docs/validation` that
the command above the table wrote, some rows in several runs; short runs of all but mutation testing are part of the
tests. The files are of different versions of the sources: `git log docs/validation/NAME.json` says when each was
written. All runs were made on one kind of computer, with Linux, two cores of x86-64 and 24 GiB of memory.

A trial of a few seconds needs another file, `--json /tmp/trial.json`: a run with the same seed replaces the row that is
there. [Contributing](../CONTRIBUTING.md#what-tries-to-break-it) says how to add a reader, a machine or a fault.

"""
FUZZ = """## Hostile files and texts

The promise: whatever a file or an option holds, the program works, or says in one sentence what is wrong, where, and
what is expected, with exit code 2. Each reader gets changed copies of small valid inputs (bytes, structure, extreme
numbers). An input fails if it takes more than 10 s of processor time, or 2 GiB of memory more than the process had
before, or ends in another exception than such a sentence. `tests/fuzz/corpus/` keeps inputs that once failed; every run
of the tests tries them.

```sh
{command}
```

A row adds up the runs of one reader, one for each seed. *Accepted* inputs were read, *refused* ones were answered with
a sentence. *Peak* is the most memory of the process, *slowest* the longest time of one input. Both leave out
the process that decodes videos and runs ONNX networks, which has limits of its own: {limits}; large files have more.
{runs}

"""
DIFFERENTIAL = """
## Engine, model, kernel and independent computations

Random machines on random layers: the compiled engine and the SimPy model must agree in cycles, counts, reasons, trace
and output bits; the output with the reference kernel; the kernel with numpy and scipy; encodings are decoded again.

```sh
{command}
```

The machines of a command get the same processor time, divided among their kinds of layers. *Left out* are cases that
were drawn but not compared: the machine refuses the layer, or the run is too long for the model (`--reasons` prints
why). {absent}

"""
FAULTS = """
## Kills, full disks and locks

```sh
{command}
```

A try counts as *failed* where something was lost or wrong. *Answer*: the program must end with one sentence (*a
sentence*), or continue or recover, without a message (*works*).

"""
SAME = """
## The same answer in several environments

The same runs on all machines, a layer of each kind; results are compared byte by byte, without times. A *difference* is
a run whose result is not that of the first row. All rows are of one computer. `--python OTHER/bin/python` adds the
Python of another environment: here Python 3.13 with the newest packages, and with the lowest versions that are allowed;
the other rows are of Python 3.11.

```sh
{command}
```

"""
PYTHON = ".venv/bin/python -m"
TEXTS = {"fuzz": FUZZ, "differential": DIFFERENTIAL, "faults": FAULTS, "environments": SAME, "mutants": MUTANTS}
WHOLE = 500
"""Seconds of processor time from which a run of a reader was meant to last as long as the command says."""
WORDS = ("reader", "reads", "engine", "machine", "kind", "fault", "answer", "environment", "seed", "seeds", "part")
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
        return outcomes(rows, folder)
    if name == "fuzz":
        return _rows(
            [{"reader": row["reader"], "reads": _read_by(row["reader"], folder), **row} for row in by_reader(rows)]
        )
    if name == "differential":
        order = list(machines())
        rows = sorted(rows, key=lambda row: (order.index(row["machine"]), row["kind"]))
    return _rows([_fault(row) for row in rows] if name == "faults" else [_without(row, "passed") for row in rows])


def _read_by(reader: str, folder: Path) -> str:
    """What a reader of the fuzzers reads: the first line of its file."""
    text = (folder.parent / "tests" / "fuzz" / "readers" / f"{reader}.py").read_text("utf-8")
    return str(ast.get_docstring(ast.parse(text))).partition("\n")[0].removesuffix(".")


def _facts(name: str, rows: list[dict[str, Any]]) -> dict[str, str]:
    """The command that made the rows, and what else their section says of them."""
    output = f"--json docs/validation/{name}.json"
    if name == "fuzz":
        return {"command": _fuzz_commands(rows, output), "runs": _fuzz_runs(rows), "limits": _limits()}
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


def _limits() -> str:
    """Of the process that runs libraries of others, for small files."""
    videos = f"for videos {video.MOST_BYTES / (1 << 30):g} GiB and {video.LEAST_SECONDS:g} s of processor time"
    return f"{videos}, for ONNX {running.LEAST_BYTES / (1 << 30):g} GiB and {running.LEAST_SECONDS:g} s"


def _fuzz_runs(rows: list[dict[str, Any]]) -> str:
    """How long the others were; and the engine, where it is one."""
    short: dict[int, list[float]] = {}
    for row in rows:
        if row["cpu_s"] < WHOLE:
            short.setdefault(row["seed"], []).append(row["cpu_s"])
    seeds = " and ".join(", ".join(map(str, sorted(short))).rsplit(", ", 1))
    times = [one for found in short.values() for one in found]
    text = (
        f"Runs with seed {seeds} were shorter: {min(times):.0f} to {max(times):.0f} s of processor time each."
        if times else ""
    )  # fmt: skip
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
