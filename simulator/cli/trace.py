"""The command `trace`: the timeline of a run for the public viewer."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.cli.console import check_output, console, load_config
from simulator.cli.interruption import whole_step
from simulator.cli.progress import progress
from simulator.cli.workload_options import FormatOption, MachineName, Settings, WorkloadName, takes_workload
from workloads.options import WorkloadOptions
from workloads.whole_files import write_whole

if TYPE_CHECKING:
    from simulator.config.load import Config
    from simulator.run.steps import StepProgress
    from workloads.document_types import Document
    from workloads.workload import Model


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
    form: FormatOption = None,
) -> None:
    """Write what each unit did when: open the file in ui.perfetto.dev, or draw it with `plot`."""
    from simulator.run.executor import naming_file, open_for

    check_output(output, ".json")
    chosen_window = None if window is None else _parse_window(window)
    config = load_config(machine, settings, form=form)
    with progress(f"simulating {workload} on {config.name}") as watch, naming_file(workload, options.layer):
        model = open_for(config, workload, options)
        document, about = _record(config, model, chosen_window, events, watch.step)
    lines = ",\n".join(json.dumps(event, separators=(",", ":")) for event in document.pop("traceEvents"))
    facts = json.dumps(document, indent=1, allow_nan=False).removeprefix("{")
    with whole_step(output):
        write_whole(output, f'{{"traceEvents":[\n{lines}\n],{facts}\n')
    other = document["otherData"]
    console().print(f" {about} written to {output}: {other['note']}", highlight=False, markup=False)
    for note in other["notes"]:
        console().print(f" note  {note}", highlight=False, markup=False)


def _record(
    config: "Config", model: "Model", window: tuple[int, int] | None, events: int, progress: "StepProgress"
) -> "tuple[Document, str]":
    """The document of a layer's timeline or of a network's, and how large it is."""
    from simulator import timeline
    from simulator.run.executor import load_for
    from workloads.model import only_layer

    if model.network:
        network = timeline.record_network(config, model, window=window, most_events=events, progress=progress)
        tracks, found = len(network.recorded[0][1].tracks), network.events
        return timeline.network_to_dict(network), f"{tracks:,} tracks and {found:,} events"
    workload = load_for(config, only_layer(model))
    recorded = timeline.record(config, workload, window=window, most_events=events)
    return timeline.to_dict(recorded), f"{len(recorded.tracks):,} tracks and {recorded.events:,} events"


def _parse_window(text: str) -> tuple[int, int]:
    """`FIRST:LAST` -> both. InputError where it is none."""
    from workloads.errors import InputError

    first, _, last = text.partition(":")
    try:
        return int(first), int(last)
    except ValueError:
        raise InputError(f"--window is {text!r}; expected FIRST:LAST, cycles") from None
