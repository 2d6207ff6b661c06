"""The command `check`: model and engine against each other, and both against the reference kernel."""

from typing import TYPE_CHECKING

import typer

from simulator.cli.console import console, load_config, progress
from simulator.cli.workload_options import MachineName, Settings, WorkloadName, takes_workload
from workloads.options import WorkloadOptions

if TYPE_CHECKING:
    from simulator.run.twins import Twins


@takes_workload
def check(machine: MachineName, workload: WorkloadName, options: WorkloadOptions, settings: Settings = None) -> None:
    """Run model and engine on each layer and show the first difference: trace, cycles, counts, output."""
    from simulator.run.twins import check_twins

    config = load_config(machine, settings)
    with progress(f"running engine and model of {config.machine} on {workload}") as say:
        found = []
        for twins in check_twins(config, workload, options):
            found.append(twins)
            say(f"{twins.layer}: {'different' if twins.difference else 'equal'}")
    for twins in found:
        _show(twins, len(found) > 1)
    if any(twins.difference for twins in found):
        raise typer.Exit(1)


def _show(twins: "Twins", named: bool) -> None:
    name = f"{twins.layer}: " if named else ""
    if twins.difference is not None:
        console().print(f"[red]different[/]  {name}{twins.difference} (model against engine)", highlight=False)
        return
    engine = twins.engine
    console().print(
        f"[green]equal[/]  {name}{engine.run.cycles:,} cycles, {len(engine.run.counts)} counts, "
        f"{engine.run.trace.size:,} letters of the trace and {engine.run.output.size:,} outputs "
        f"(model {twins.model.elapsed_s:.2f} s, engine {engine.elapsed_s:.4f} s)",
        highlight=False,
    )
