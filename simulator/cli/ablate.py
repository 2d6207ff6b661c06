"""The command `ablate`: what each idea of a machine saves on a layer, or on each layer of a network."""

from typing import TYPE_CHECKING, Annotated

import typer

from simulator.cli.console import CsvFlag, JsonFlag, console, one_format, put_out
from simulator.cli.progress import progress
from simulator.cli.workload_options import WorkloadName, takes_workload
from workloads.options import WorkloadOptions

if TYPE_CHECKING:
    from simulator.core.savings import Ablation
    from simulator.studies.ablation import NetworkAblation


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
    """Simulate layers without a machine's ideas, then with one after the other: time, energy, factors."""
    from simulator.studies.ablation import NetworkAblation, ablate_source

    one_format(as_json, as_csv)
    with progress(f"simulating the steps of {workload}") as watch:
        found = ablate_source(
            workload, machine, lambda step: watch(f"{workload}: {step} is done"), watch.step, **options.given()
        )

    def show() -> None:
        if isinstance(found, NetworkAblation):
            print_layers(found)
        print_ablation(found.total if isinstance(found, NetworkAblation) else found)
        for note in found.notes:
            console().print(f" note  {note}", highlight=False, markup=False)

    put_out(as_json, as_csv, found.to_dict, found.to_frame, show, lambda: found.notes)


def print_layers(found: "NetworkAblation") -> None:
    """Print a line for each layer: the product of its factors; a layer that did not run has none."""
    from rich.markup import escape

    from simulator.cli.tables.result import make_table

    table = make_table(escape(f"{found.workload} on {found.total.config}, first step / last"), "layer")
    counted = found.product.counted_factor is not None
    for head in ("first us", "last us", "x", "x fetch", "x energy", *(["x as paper"] * counted)):
        table.add_column(head, justify="right")
    ran = {one.workload: one for one in found.layers}
    for row in found.rows:
        one = ran.get(row.layer)
        table.add_row(escape(row.layer), *(["-"] * (5 + counted) if one is None else _product(one, counted)))
    table.add_section()
    table.add_row(f"{len(ran)} of {len(found.rows)} layers", *_product(found.total, counted), style="bold")
    console().print(table)


def _product(one: "Ablation", counted: bool) -> list[str]:
    speedup, ours, weight, energy = map(_factor, one.product)
    times = (f"{step.time_us:,.5g}" for step in (one.steps[0], one.steps[-1]))
    return [*times, speedup, weight, energy, *([ours] * counted)]


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


def _factor(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 1000 else f"{value:.4g}"
