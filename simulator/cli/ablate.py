"""The command `ablate`: what each idea of a machine saves on a layer."""

import json
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simulator.cli.options import ActiveOption, DensityOption, LayerName, ScaleOption, SeedOption
from simulator.cli.parts import CsvFlag, JsonFlag, console, one_format, progress

if TYPE_CHECKING:
    from simulator.studies.steps import Ablation

STUDY = "simulator.studies.ablation"
"""By name, as it knows the machines."""


def ablate(
    workload: LayerName,
    machine: Annotated[
        str | None, typer.Option(help="eie, scnn, ese or a configuration of one of them; else by the layer's kind.")
    ] = None,
    seed: SeedOption = 0,
    scale: ScaleOption = 1.0,
    density: DensityOption = None,
    activation_density: ActiveOption = None,
    as_json: JsonFlag = False,
    as_csv: CsvFlag = False,
) -> None:
    """Simulate a layer without a machine's ideas, then with one after the other: time, energy, factors."""
    one_format(as_json, as_csv)
    ablation = import_module(STUDY)
    drawn: dict[str, Any] = {"seed": seed, "scale": scale, "density": density, "activation_density": activation_density}
    with progress(f"simulating the steps of {workload}") as say:
        found = ablation.ablate(workload, machine, lambda step: say(f"{workload}: {step} is done"), **drawn)
    if as_json:
        print(json.dumps(found.to_dict(), indent=2, allow_nan=False))
    elif as_csv:
        print(found.to_frame().to_csv(index=False), end="")
    else:
        print_ablation(found)


def print_ablation(found: "Ablation") -> None:
    """Print a line for each step, then what prices them."""
    from rich.markup import escape

    from simulator.cli.tables import make_table

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
        told = f"{step.stored}" + (f", over {found.steps[step.over].name}" if step.over is not None else "")
        shown.print(f" [bold]{escape(step.name)}[/]  {escape(told)}; {escape(step.pricing)}", highlight=False)
    for note in found.notes:
        shown.print(f" [yellow]note[/]  {escape(note)}", highlight=False)


def _factor(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 1000 else f"{value:.4g}"
