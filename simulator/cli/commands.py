"""The command line. Everything heavy is imported where it is used, so that help answers at once."""

import json
import os
import sys
from importlib import import_module
from io import TextIOWrapper
from typing import Annotated, Any, NoReturn

import typer

from simulator.cli import ablate, export, frontend, network, plot, report, requests, results, study, sweep, trace
from simulator.cli.export import ErtOption
from simulator.cli.loading import load_config, load_layer
from simulator.cli.options import (
    ActiveOption,
    ComputedFlag,
    DensityOption,
    EngineOption,
    GranularityOption,
    InputOption,
    LayerName,
    MachineName,
    PickOption,
    PruneOption,
    SampleOption,
    ScaleOption,
    SeedOption,
    Settings,
    StepsOption,
)
from simulator.cli.parts import CsvFlag, JsonFlag, console, one_format, progress

STUDIES = {"energy": "simulator.studies.energy_figures"}
"""Where the published figures stand that are not of one machine."""

app = typer.Typer(
    name="zeroskip",
    help="A cycle-level simulator of accelerators that skip zeros.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(frontend.compress)
app.command()(frontend.inspect)
app.command()(network.compare)
app.command()(study.study)
app.command()(ablate.ablate)
app.command()(sweep.sweep)
app.command()(results.results)
app.command()(results.pareto)
app.command()(plot.plot)
app.command()(trace.trace)
app.command()(requests.requests)
app.command()(report.report)
app.command()(export.explain)
app.command()(export.export)


@app.command("list")
def list_() -> None:
    """List machines, configurations and workloads."""
    from simulator.cli import network_tables, tables
    from simulator.config.load import load_arch, shipped
    from simulator.core.registry import accelerators
    from workloads.catalogue import trained
    from workloads.sources.pretrained.networks import REAL
    from workloads.sources.zoo.networks import zoo_networks
    from workloads.sources.zoo.recipes import zoo

    layers = {name: layer for name, (_, layer) in trained().items()}
    tables.print_catalogue(console(), accelerators(), [load_arch(name) for name in shipped()], zoo(), layers, REAL)
    network_tables.print_networks(console(), zoo_networks())


@app.command()
def run(
    machine: MachineName,
    workload: LayerName,
    settings: Settings = None,
    seed: SeedOption = 0,
    scale: ScaleOption = 1.0,
    density: DensityOption = None,
    activation_density: ActiveOption = None,
    granularity: GranularityOption = 0,
    layer: PickOption = None,
    activation: InputOption = None,
    sample: SampleOption = 0,
    steps: StepsOption = None,
    prune: PruneOption = None,
    computed: ComputedFlag = False,
    engine: EngineOption = "numba",
    ert: ErtOption = None,
    as_json: JsonFlag = False,
    as_csv: CsvFlag = False,
) -> None:
    """Simulate a layer or a network: cycles, energy, and whether the output is right to the last bit."""
    from simulator.run.simulate import simulate
    from simulator.run.verify import check_output

    one_format(as_json, as_csv)
    config, price = load_config(machine, settings, engine), export.pricing(ert)
    drawn: dict[str, Any] = {"seed": seed, "scale": scale, "activation_density": activation_density, "steps": steps}
    given: dict[str, Any] = {"layer": layer, "activation": activation, "sample": sample}
    pruned: dict[str, Any] = {"density": density, "granularity": granularity, "prune": prune}
    if layer is None or computed:
        options = {**drawn, "density": density, "granularity": granularity}
        single = {"layer": layer, "steps": options.pop("steps"), "input": activation, "sample": sample, "prune": prune}
        if network.run_zoo_network(config, workload, computed, engine, price, options, single, as_json, as_csv):
            return
    plain = engine == "numba" and scale == 1 and not as_csv and not granularity
    plain = plain and activation is None and activation_density is None and ert is None
    if layer is None and study.run_network(config, workload, density, sample, as_json, plain):
        return
    chosen = load_layer(config, workload, **drawn, **given, **pruned)
    with progress(f"simulating {chosen.name} on {config.name}"):
        result = price(check_output(simulate(config, chosen, engine=engine)))
    if as_json:
        print(json.dumps(result.to_dict(), indent=2, allow_nan=False))
    elif as_csv:
        print(result.to_frame().to_csv(index=False), end="")
    else:
        from simulator.cli import tables

        tables.print_result(console(), result)
    if not result.output_matches_reference:
        raise typer.Exit(1)


@app.command()
def check(
    machine: MachineName,
    workload: LayerName,
    settings: Settings = None,
    seed: SeedOption = 0,
    scale: ScaleOption = 1.0,
    density: DensityOption = None,
    activation_density: ActiveOption = None,
    granularity: GranularityOption = 0,
    layer: PickOption = None,
    activation: InputOption = None,
    sample: SampleOption = 0,
    steps: StepsOption = None,
    prune: PruneOption = None,
) -> None:
    """Run model and engine on a layer and show the first difference: trace, cycles, counts, output."""
    from simulator.core.run import first_difference
    from simulator.run.simulate import simulate
    from simulator.run.verify import check_output

    config = load_config(machine, settings, "numba")
    drawn: dict[str, Any] = {"seed": seed, "scale": scale, "activation_density": activation_density, "steps": steps}
    given: dict[str, Any] = {"layer": layer, "activation": activation, "sample": sample}
    pruned: dict[str, Any] = {"density": density, "granularity": granularity, "prune": prune}
    chosen = load_layer(config, workload, **drawn, **given, **pruned)
    with progress(f"running engine and model of {config.machine} on {chosen.name}"):
        engine = check_output(simulate(config, chosen, engine="numba", trace_cycles=sys.maxsize))
        model = check_output(simulate(config, chosen, engine="simpy", trace_cycles=sys.maxsize))
    difference = first_difference(model.run, engine.run)
    if difference is None and not engine.output_matches_reference:
        difference = "output: model and engine agree, but not with the reference kernel"
    if difference is not None:
        console().print(f"[red]different[/]  {difference} (model against engine)", highlight=False)
        raise typer.Exit(1)
    console().print(
        f"[green]equal[/]  {engine.run.cycles:,} cycles, {len(engine.run.counts)} counts, "
        f"{engine.run.trace.size:,} letters of the trace and {engine.run.output.size:,} outputs "
        f"(model {model.elapsed_s:.2f} s, engine {engine.elapsed_s:.4f} s)",
        highlight=False,
    )


@app.command()
def validate(
    machine: Annotated[str, typer.Argument(help="A machine; or `energy`, over the machines.")],
    seed: SeedOption = 0,
    draws: Annotated[
        int | None, typer.Option(min=1, help="Layers are drawn this often; figures are means. Default: the machine's.")
    ] = None,
    as_json: JsonFlag = False,
    as_csv: CsvFlag = False,
) -> None:
    """Put the published figures of a machine's paper, or those of energy, beside the simulated ones."""
    from simulator.cli import tables
    from simulator.core.registry import find

    one_format(as_json, as_csv)
    published = import_module(STUDIES[machine]) if machine in STUDIES else find(machine).published()
    with progress(f"simulating the tables of {machine}") as say:
        rows = []
        for row in published.rows(seed, draws or published.DRAWS):
            rows.append(row)
            say(f"simulating the tables of {machine}: {row.row}, {row.table}")
    if as_json:
        print(json.dumps([row._asdict() for row in rows], indent=2, allow_nan=False))
    elif as_csv:
        import pandas as pd

        print(pd.DataFrame(rows).to_csv(index=False), end="")
    else:
        tables.print_validation(console(), rows)


def main() -> None:
    """Run the command line: a sentence and exit code 2 for what the user can mend."""
    from workloads.errors import InputError

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
        sys.stdout.flush()
    except InputError as error:
        _fail(str(error), 2)
    except MemoryError as error:
        _fail(f"there is not enough memory ({error}); expected a smaller layer or fewer PEs", 2)
    except OSError as error:
        # the interpreter must not try to flush again what could not be written
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):  # whoever read the output has enough of it
            sys.exit(1)
        _fail(f"the system refused to read or write ({error}); expected a file or a device that it allows", 2)


def _fail(sentence: str, code: int) -> NoReturn:
    print(f"zeroskip: {sentence}", file=sys.stderr)
    sys.exit(code)
