"""The command `check`: model and engine against each other, and both against the reference kernel."""

from typing import TYPE_CHECKING, Annotated

import typer

from simulator.cli.console import CsvFlag, JsonFlag, console, load_config, one_format, put_out
from simulator.cli.progress import progress
from simulator.cli.workload_options import FormatOption, MachineName, Settings, WorkloadName, takes_workload
from workloads.options import WorkloadOptions

if TYPE_CHECKING:
    from simulator.run.twins import Checked, Twins

CircuitFlag = Annotated[
    bool, typer.Option("--circuit", help="Simulate the machine's circuit, too (slow; pip install 'zeroskip\\[rtl]').")
]


@takes_workload
def check(
    machine: MachineName,
    workload: WorkloadName,
    options: WorkloadOptions,
    settings: Settings = None,
    form: FormatOption = None,
    circuit: CircuitFlag = False,
    as_json: JsonFlag = False,
    as_csv: CsvFlag = False,
) -> None:
    """Run model and engine on each layer and show the first difference: trace, cycles, counts, output."""
    from simulator.run.twins import check_source

    one_format(as_json, as_csv)
    config = load_config(machine, settings, form=form)
    with progress(f"running engine and model of {config.machine} on {workload}") as watch:
        found = check_source(config, workload, options, watch.step, circuit)
    put_out(as_json, as_csv, found.to_dict, found.to_frame, lambda: _show_all(found), found.notes)
    if not found.equal:
        raise typer.Exit(1)


def _show_all(found: "Checked") -> None:
    """A line for each layer, then notes; why a layer did not run is in its line."""
    for twins in found.rows:
        _show(twins, found.source.network)
    for note in found._replace(rows=tuple(row for row in found.rows if row.reason is None)).notes():
        console().print(f" note  {note}", highlight=False, markup=False)


def _show(twins: "Twins", named: bool) -> None:
    from rich.markup import escape

    from simulator.results.text import counted

    name = f"{escape(twins.layer)}: " if named else ""
    if twins.engine is None or twins.model is None:
        console().print(f"[yellow]not run[/]  {name}{escape(twins.reason or '')}", highlight=False)
        return
    if twins.difference is not None:
        console().print(f"[red]different[/]  {name}{escape(twins.difference)}", highlight=False)
        return
    engine = twins.engine
    circuit = "" if twins.circuit_s is None else f", circuit {twins.circuit_s:.1f} s"
    console().print(
        f"[green]equal[/]  {name}{counted(engine.run.cycles, 'cycle')}, {counted(len(engine.run.counts), 'count')}, "
        f"{counted(engine.run.trace.size, 'letter')} of the trace and {counted(engine.run.output.size, 'output')} "
        f"(model {twins.model.elapsed_s:.2f} s, engine {engine.elapsed_s:.4f} s{circuit})",
        highlight=False,
    )
