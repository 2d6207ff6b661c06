"""The command `run`: a layer or a network on a machine."""

from typing import TYPE_CHECKING

import typer

from simulator.cli.console import CsvFlag, JsonFlag, console, load_config, one_format, put_out
from simulator.cli.pricing import ErtOption, repricing
from simulator.cli.progress import progress
from simulator.cli.workload_options import (
    EngineOption,
    FormatOption,
    MachineName,
    Settings,
    WorkloadName,
    takes_workload,
)
from workloads.options import WorkloadOptions

if TYPE_CHECKING:
    from simulator.results.model_result import ModelResult


@takes_workload
def run(
    machine: MachineName,
    workload: WorkloadName,
    options: WorkloadOptions,
    settings: Settings = None,
    form: FormatOption = None,
    engine: EngineOption = "numba",
    ert: ErtOption = None,
    as_json: JsonFlag = False,
    as_csv: CsvFlag = False,
) -> None:
    """Simulate a layer or a network: cycles, energy, and whether the output is right to the last bit."""
    from simulator.run.executor import Execution
    from simulator.run.executor import run as execute

    one_format(as_json, as_csv)
    config, reprice = load_config(machine, settings, engine, form), repricing(ert)
    with progress(f"running {workload} on {config.name}") as watch:
        how = Execution(engine, watch.step, reprice)
        (result,) = execute([config], workload, options, how)
    put_out(as_json, as_csv, result.to_dict, result.to_frame, lambda: _show(result), lambda: result.to_dict()["notes"])
    if not result.total().output_matches_reference:
        raise typer.Exit(1)


def _show(result: "ModelResult") -> None:
    """Tables of the only layer, or of all."""
    if result.single is not None:
        from simulator.cli.tables.result import print_result

        print_result(console(), result.single)
    else:
        from simulator.cli.tables.model import print_model

        print_model(console(), result)
