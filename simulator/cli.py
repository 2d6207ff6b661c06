"""The command line. Everything heavy is imported where it is used, so that help answers at once."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from simulator.config import Config
    from workloads.catalogue import Workload

app = typer.Typer(
    name="zeroskip",
    help="A cycle-level simulator of accelerators that skip zeros.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Machine = Annotated[str, typer.Argument(help="A machine (eie), a shipped configuration (eie_64pe) or a .yaml file.")]
Layer = Annotated[str, typer.Argument(help="A zoo layer, an .npz file, or a .yaml file of recipes (FILE:LAYER).")]
Set = Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change a number; repeatable.")]
Seed = Annotated[int, typer.Option(help="Seed of drawn layers.")]
Scale = Annotated[float, typer.Option(help="Both sides of the matrix times this, above 0 and at most 1.")]
Density = Annotated[float | None, typer.Option(help="Keep this share of the weights, by magnitude.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Csv = Annotated[bool, typer.Option("--csv", help="Print CSV.")]


@app.command("list")
def list_() -> None:
    """List machines, configurations and workloads."""
    from simulator import tables
    from simulator.config import load_arch, shipped
    from simulator.registry import accelerators
    from workloads.catalogue import zoo

    tables.print_catalogue(_console(), accelerators(), [load_arch(name) for name in shipped()], zoo())


@app.command()
def run(
    machine: Machine,
    workload: Layer,
    settings: Set = None,
    seed: Seed = 0,
    scale: Scale = 1.0,
    density: Density = None,
    engine: Annotated[str, typer.Option(help="numba (compiled) or simpy (the readable model).")] = "numba",
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Simulate a layer: cycles, energy, and whether the output is right to the last bit."""
    from simulator.simulation import simulate
    from simulator.validate import check_output

    _one_format(as_json, as_csv)
    config, layer = _load(machine, workload, settings, seed, scale, density)
    with _progress(f"simulating {layer.name} on {config.name}"):
        result = check_output(simulate(config, layer, engine=engine))
    if as_json:
        print(json.dumps(result.to_dict(), indent=2))
    elif as_csv:
        print(result.to_frame().to_csv(index=False), end="")
    else:
        from simulator import tables

        tables.print_result(_console(), result)
    if not result.output_matches_reference:
        raise typer.Exit(1)


@app.command()
def check(
    machine: Machine,
    workload: Layer,
    settings: Set = None,
    seed: Seed = 0,
    scale: Scale = 1.0,
    density: Density = None,
) -> None:
    """Run the model and the engine on a layer and show the first difference: trace, cycles, counts, output."""
    from simulator.accelerator import first_difference
    from simulator.simulation import simulate
    from simulator.validate import check_output

    config, layer = _load(machine, workload, settings, seed, scale, density)
    with _progress(f"running engine and model of {config.machine} on {layer.name}"):
        engine = check_output(simulate(config, layer, engine="numba", trace_cycles=sys.maxsize))
        model = check_output(simulate(config, layer, engine="simpy", trace_cycles=sys.maxsize))
    difference = first_difference(model.run, engine.run)
    if difference is None and not engine.output_matches_reference:
        difference = "output: model and engine agree, but not with the reference kernel"
    if difference is not None:
        _console().print(f"[red]different[/]  {difference} (model against engine)", highlight=False)
        raise typer.Exit(1)
    _console().print(
        f"[green]equal[/]  {engine.run.cycles:,} cycles, {len(engine.run.counts)} counts, "
        f"{engine.run.trace.size:,} letters of the trace and {engine.run.output.size:,} outputs "
        f"(model {model.elapsed_s:.2f} s, engine {engine.elapsed_s:.4f} s)",
        highlight=False,
    )


@app.command()
def validate(
    machine: Annotated[str, typer.Argument(help="A machine.")],
    seed: Seed = 0,
    draws: Annotated[int, typer.Option(min=1, help="Layers are drawn this often; figures are means.")] = 3,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Put the published figures of a machine's paper beside the simulated ones."""
    from simulator import tables
    from simulator.registry import find

    _one_format(as_json, as_csv)
    with _progress(f"simulating the tables of {machine}") as say:
        rows = []
        for row in find(machine).part("validation").rows(seed, draws):
            rows.append(row)
            say(f"simulating the tables of {machine}: {row.row}, {row.table}")
    if as_json:
        print(json.dumps([row._asdict() for row in rows], indent=2))
    elif as_csv:
        import pandas as pd

        print(pd.DataFrame(rows).to_csv(index=False), end="")
    else:
        tables.print_validation(_console(), rows)


def main() -> None:
    """Run the command line: a sentence and exit code 2 for what the user can mend."""
    from workloads.errors import InputError

    try:
        app()
    except InputError as error:
        print(f"zeroskip: {error}", file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)


def _load(
    machine: str, workload: str, settings: list[str] | None, seed: int, scale: float, density: float | None
) -> "tuple[Config, Workload]":
    from simulator.config import load_arch, parse_changes
    from workloads.catalogue import load_workload

    config = load_arch(machine, **parse_changes(settings or []))
    with _progress(f"drawing and compressing {workload}"):
        return config, load_workload(workload, seed=seed, scale=scale, density=density)


def _one_format(as_json: bool, as_csv: bool) -> None:
    from workloads.errors import InputError

    if as_json and as_csv:
        raise InputError("both --json and --csv are given; expected one of them")


def _console(stderr: bool = False) -> "Console":
    from rich.console import Console

    return Console(stderr=stderr)


@contextmanager
def _progress(text: str) -> Iterator[Callable[[str], None]]:
    """A spinner on a terminal's standard error while something takes its time; elsewhere nothing."""
    console = _console(stderr=True)
    with console.status(text) as status:
        yield status.update


if __name__ == "__main__":
    main()
