"""A step of a workload on several chips, as the command `system` runs and prints it."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import typer

from simulator.cli.console import check_output, console, put_out
from simulator.cli.progress import progress
from workloads.division import TENSOR
from workloads.errors import refuse
from workloads.options import WorkloadOptions

if TYPE_CHECKING:
    from simulator.results.system_result import SystemResult
    from simulator.system.step import StepRun


class StepAsked(NamedTuple):
    """What was typed."""

    system: str
    workload: str
    train: bool
    chips: str | None
    split: str
    overlap: bool
    collective: str
    share: float
    machine: str | None
    form: str | None
    settings: list[str]
    engine: str
    trace: Path | None


def show(asked: StepAsked, options: WorkloadOptions, as_json: bool, as_csv: bool) -> None:
    """Run the step and print it. InputError where something does not fit, Exit where an output differs."""
    from simulator.config.load import parse_changes
    from simulator.system.api import ask, run_step

    if asked.trace is not None:
        check_output(asked.trace, ".json")
    if asked.train and asked.split != TENSOR:
        refuse(f"--split {asked.split:.40}", "it is given with --train-step", "none, as each chip has all weights")
    settings = parse_changes(asked.settings)
    checked = ask(
        asked.system, asked.train, _counts(asked.chips), asked.split, asked.overlap, asked.collective, asked.machine,
        asked.form, asked.share, asked.engine, settings,
    )  # fmt: skip
    with progress(f"running {asked.workload} on {checked.system.name}") as watch:
        result, step = run_step(checked, asked.workload, options, watch.step)
    if asked.trace is not None:
        _write_trace(asked.trace, result, step, quiet=as_json or as_csv)
    put_out(as_json, as_csv, result.to_dict, result.to_frame, lambda: _print(result), result.notes)
    if not result.output_matches_reference:
        raise typer.Exit(1)


def _counts(text: str | None) -> list[int]:
    """`1,2,4` -> numbers. InputError where one is none."""
    if text is None:
        return []
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isascii() and part.isdigit() and len(part) < 10 for part in parts):
        refuse(f"--chips {text!r:.60}", "it is no list of numbers", "1,2,4,8")
    return [int(part) for part in parts]


def _write_trace(path: Path, result: "SystemResult", step: "StepRun", quiet: bool) -> None:
    from simulator.cli.interruption import whole_step
    from simulator.system.trace import to_document
    from workloads.whole_files import write_whole

    document = to_document(result.system, result.workload, step)
    lines = ",\n".join(json.dumps(event, separators=(",", ":")) for event in document.pop("traceEvents"))
    facts = json.dumps(document, indent=1, allow_nan=False).removeprefix("{")
    with whole_step(path):
        write_whole(path, f'{{"traceEvents":[\n{lines}\n],{facts}\n')
    note = f" timeline of {step.network.chips} chips written to {path}: {document['otherData']['note']}"
    console(stderr=quiet).print(note, highlight=False, markup=False)


def _print(result: "SystemResult") -> None:
    from simulator.cli.tables.system import print_system

    print_system(console(), result)
