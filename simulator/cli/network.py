"""Whole networks, and the command `compare`: one workload on several machines."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simulator.cli.parts import CsvFlag, JsonFlag, console, one_format, progress

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulator.config.load import Config
    from simulator.results.result import Result


def compare(
    workload: Annotated[str, typer.Argument(help="A zoo network (alexnet), a zoo layer, or a file.")],
    machines: Annotated[str, typer.Option(help="Machines, configurations or .yaml files: eie,scnn,own.yaml.")],
    layer: Annotated[list[str] | None, typer.Option(help="Only this layer of a network or file; repeatable.")] = None,
    baseline: Annotated[
        str | None, typer.Option(help="Which machine ratios refer to (dcnn where it is present, else the last).")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of drawn layers.")] = 0,
    scale: Annotated[float, typer.Option(help="Both sides of drawn layers times this.")] = 1.0,
    density: Annotated[float | None, typer.Option(help="Keep this share of the weights, by magnitude.")] = None,
    activation_density: Annotated[float | None, typer.Option(help="Share of non-zero inputs of drawn layers.")] = None,
    granularity: Annotated[int, typer.Option(help="Prune convolutions in weights (0), rows, kernels, filters.")] = 0,
    as_json: JsonFlag = False,
    as_csv: CsvFlag = False,
) -> None:
    """Run a workload on several machines: time, energy, EDP and DRAM traffic, by layer and in total."""
    from simulator.results.result import versions
    from simulator.run import compare as side_by_side
    from simulator.run.network import run_parts
    from simulator.run.parts import drawn_parts, single_parts
    from workloads.sources.zoo.networks import zoo_networks

    one_format(as_json, as_csv)
    configs = side_by_side.load_machines(machines)
    chosen_baseline = side_by_side.choose_baseline(configs, baseline)
    chosen: dict[str, Any] = {"seed": seed, "scale": scale, "density": density, "granularity": granularity}
    chosen["activation_density"] = activation_density
    split = drawn_parts if workload in zoo_networks() else single_parts
    parts = split(workload, layer or (), **chosen)
    with progress(f"comparing on {machines}") as say:
        results = run_parts(workload, list(configs.values()), parts, say=lambda name: say(f"{name} on {machines}"))
    comparison = side_by_side.compare(workload, chosen_baseline, list(configs), results)
    if as_json:
        told = {**comparison.to_dict(), "options": chosen, "versions": versions()}
        print(json.dumps(told, indent=2, allow_nan=False))
    elif as_csv:
        print(comparison.to_frame().to_csv(index=False), end="")
    else:
        from simulator.cli import network_tables

        network_tables.print_comparison(console(), comparison)
    if not all(result.total().output_matches_reference for result in results):
        raise typer.Exit(1)


def run_zoo_network(
    config: "Config",
    name: str,
    computed: bool,
    engine: str,
    price: "Callable[[Result], Result]",
    chosen: dict[str, Any],
    single: dict[str, Any],
    as_json: bool,
    as_csv: bool,
) -> bool:
    """Where `name` is a network of the zoo: run all its layers, print what they cost, and return True.

    chosen: options of drawn layers. price: puts other prices into a layer's result. single: options that are for
    single layers only, refused where they are given.
    """
    from simulator.results.result import versions
    from simulator.run.network import run_parts
    from workloads.errors import refuse
    from workloads.sources.zoo.networks import zoo_networks

    if name not in zoo_networks():
        if computed:
            refuse(name, "--computed is given", f"a whole network of the zoo: {', '.join(zoo_networks())}")
        return False
    for option, value in single.items():
        if value:
            refuse(name, f"--{option} is given, and a network runs whole", "it with a single layer")
    with progress(f"running the layers of {name}") as say:
        parts = _computed(config, name, chosen) if computed else _drawn(name, chosen)
        (result,) = run_parts(
            name, [config], parts, engine=engine, price=price, say=lambda one: say(f"{one} on {config.name}")
        )
    if as_json:
        told = {**result.to_dict(), "computed": computed, "options": chosen, "versions": versions()}
        print(json.dumps(told, indent=2, allow_nan=False))
    elif as_csv:
        print(result.to_frame().to_csv(index=False), end="")
    else:
        from simulator.cli import network_tables

        network_tables.print_network(console(), result, "computed" if computed else "drawn")
    if not result.total().output_matches_reference:
        raise typer.Exit(1)
    return True


def find_layer(workload: str, layer: str | None) -> tuple[str, str | None]:
    """A layer of a network of the zoo by the layer's own name; any other workload as it is."""
    from simulator.run.parts import choose_layers
    from workloads.errors import refuse
    from workloads.sources.zoo.networks import layer_names, zoo_networks

    if workload not in zoo_networks():
        return workload, layer
    if layer is None:
        refuse(workload, "no layer is chosen", f"--layer with one of {', '.join(layer_names(workload))}")
    return choose_layers(workload, [layer])[0], None


def _drawn(name: str, chosen: dict[str, Any]) -> Any:
    from simulator.run.parts import drawn_parts

    return drawn_parts(name, **chosen)


def _computed(config: "Config", name: str, chosen: dict[str, Any]) -> Any:
    """A network whose inputs are computed: nothing but the seed and the granularity can be chosen."""
    from simulator.core.registry import find
    from simulator.run.parts import computed_parts
    from workloads.errors import refuse

    plain = {"scale": 1.0, "density": None, "activation_density": None}
    for key, value in plain.items():
        if chosen[key] != value:
            refuse(name, f"{key} is {chosen[key]} with --computed", "--seed and --granularity only")
    if chosen["seed"] < 0:
        refuse(name, f"seed is {chosen['seed']}", "0 or more")
    bits = find(config.machine).part("arch").options(config.arch).get("weight_bits", 4)
    return computed_parts(name, seed=chosen["seed"], granularity=chosen["granularity"], weight_bits=bits)
