"""The command `why`: where the cycles of a layer or a network come from, what decides its end, what would change it."""

from typing import Annotated

import typer

from simulator.cli.console import CsvFlag, JsonFlag, console, load_config, one_format, put_out
from simulator.cli.progress import progress
from simulator.cli.workload_options import FormatOption, MachineName, Settings, WorkloadName, takes_workload
from workloads.options import WorkloadOptions


@takes_workload
def why(
    machine: MachineName,
    workload: WorkloadName,
    options: WorkloadOptions,
    settings: Settings = None,
    form: FormatOption = None,
    per_layer: Annotated[bool, typer.Option("--per-layer", help="Also the stack of each layer of a network.")] = False,
    no_what_if: Annotated[
        bool, typer.Option("--no-what-if", help="Leave out the changes, which take a run each.")
    ] = False,
    as_json: JsonFlag = False,
    as_csv: CsvFlag = False,
) -> None:
    """Where the cycles come from: a stack of exact simulations, the critical path, and what single changes bring."""
    from simulator.cli.tables.why import print_why
    from simulator.run.executor import naming_file
    from simulator.run.why import Watched, explain

    one_format(as_json, as_csv)
    config = load_config(machine, settings, form=form)
    task = f"explaining {workload} on {config.name}"

    def announce(sentence: str) -> None:
        console(stderr=True).print(f" {sentence}", highlight=False, markup=False)

    with progress(task) as watch, naming_file(workload, options.layer):
        watched = Watched(watch.step, watch, announce)
        found = explain(config, workload, options, not no_what_if, watched)
    put_out(
        as_json, as_csv, found.to_dict, found.to_frame, lambda: print_why(found, per_layer), lambda: found.sentences
    )
