"""The command `trace`: the timeline of a run for the public viewer."""

import json
from pathlib import Path
from typing import Annotated

import typer

from simulator.cli.console import check_ending, console, load_config, progress
from simulator.cli.workload_options import MachineName, Settings, WorkloadName, takes_workload
from workloads.options import WorkloadOptions


@takes_workload
def trace(
    machine: MachineName,
    workload: WorkloadName,
    output: Annotated[Path, typer.Option("--output", "-o", help="A .json file to write.")],
    options: WorkloadOptions,
    window: Annotated[
        str | None, typer.Option(metavar="FIRST:LAST", help="Only these cycles, LAST not included; default: the run.")
    ] = None,
    events: Annotated[
        int, typer.Option(min=1, help="Most spans and counter values; where there are more, cycles share bins.")
    ] = 100_000,
    settings: Settings = None,
) -> None:
    """Write what each unit did when: open the file in ui.perfetto.dev, or draw it with `plot`."""
    from simulator import timeline
    from simulator.run.executor import load_one

    check_ending(output, ".json")
    chosen_window = None if window is None else _parse_window(window)
    config = load_config(machine, settings)
    with progress(f"simulating {workload} on {config.name}"):
        chosen = load_one(config, workload, options)
        recorded = timeline.record(config, chosen, window=chosen_window, most_events=events)
        document = timeline.to_dict(recorded)
    lines = ",\n".join(json.dumps(event, separators=(",", ":")) for event in document.pop("traceEvents"))
    facts = json.dumps(document, indent=1, allow_nan=False).removeprefix("{")
    output.write_text(f'{{"traceEvents":[\n{lines}\n],{facts}\n', "utf-8")
    console().print(
        f" {len(recorded.tracks):,} tracks and {recorded.events:,} events written to {output}: {recorded.note()}",
        highlight=False,
        markup=False,
    )


def _parse_window(text: str) -> tuple[int, int]:
    """`FIRST:LAST` -> both. InputError where it is none."""
    from workloads.errors import InputError

    first, _, last = text.partition(":")
    try:
        return int(first), int(last)
    except ValueError:
        raise InputError(f"--window is {text!r}; expected FIRST:LAST, cycles") from None
