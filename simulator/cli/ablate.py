"""The command `ablate`: what each idea of a machine saves on a layer."""

from typing import TYPE_CHECKING, Annotated

import typer

from simulator.cli.console import CsvFlag, JsonFlag, console, one_format, progress, put_out
from simulator.cli.workload_options import WorkloadName, takes_workload
from workloads.options import WorkloadOptions

if TYPE_CHECKING:
    from simulator.core.savings import Ablation


@takes_workload
def ablate(
    workload: WorkloadName,
    options: WorkloadOptions,
    machine: Annotated[
        str | None, typer.Option(help="eie, scnn, ese or a configuration of one of them; else by the layer's kind.")
    ] = None,
    as_json: JsonFlag = False,
    as_csv: CsvFlag = False,
) -> None:
    """Simulate a layer without a machine's ideas, then with one after the other: time, energy, factors."""
    from simulator.studies.ablation import ablate as run_steps

    one_format(as_json, as_csv)
    with progress(f"simulating the steps of {workload}") as say:
        found = run_steps(workload, machine, lambda step: say(f"{workload}: {step} is done"), **options.given())
    put_out(as_json, as_csv, found.to_dict, found.to_frame, lambda: print_ablation(found))


def print_ablation(found: "Ablation") -> None:
    """Print a line for each step, then what prices them."""
    from rich.markup import escape

    from simulator.cli.tables.result import make_table

    shown = console()
    counted = found.product.counted_factor is not None
    table = make_table(escape(f"{found.workload} on {found.config}, step by step"), "name")
    for head in ("time us", "x", "fetch uJ", "x", "all uJ", "x", *(["as paper x", "paper x"] * counted)):
        table.add_column(head, justify="right")
    for step, factors in zip(found.steps, found.factors, strict=True):
        speedup, _, weight, energy = map(_factor, factors or (None,) * 4)
        cells = [f"{step.time_us:,.5g}", speedup, f"{step.weight_pj / 1e6:,.5g}", weight]
        cells += [f"{step.energy_pj / 1e6:,.5g}", energy]
        paper = [_factor(factors and factors.counted_factor), _factor(step.published)] * counted
        table.add_row(escape(step.name), *cells, *paper)
    table.add_section()
    speedup, ours, weight, energy = map(_factor, found.product)
    table.add_row("first / last", "", speedup, "", weight, "", energy, *([ours, _factor(found.published)] * counted))
    shown.print(table)
    for step in found.steps:
        stored = f"{step.stored}" + (f", over {found.steps[step.over].name}" if step.over is not None else "")
        shown.print(f" [bold]{escape(step.name)}[/]  {escape(stored)}; {escape(step.pricing)}", highlight=False)
    for note in found.notes:
        shown.print(f" [yellow]note[/]  {escape(note)}", highlight=False)


def _factor(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 1000 else f"{value:.4g}"
