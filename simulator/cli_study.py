"""The command `study`: compression with training, measured on real data, beside the papers' figures."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from simulator.cli_parts import JsonFlag, console, progress


class Study(StrEnum):
    """The studies by name."""

    DEEP_COMPRESSION = "deep-compression"
    TTQ = "ttq"
    DSD = "dsd"


def study(
    name: Annotated[Study, typer.Argument(help="Which study.")],
    seed: Annotated[int, typer.Option(min=0, help="Seed of weights and order of examples.")] = 0,
    seeds: Annotated[int, typer.Option(min=1, help="dsd: so many seeds, from `--seed` on.")] = 5,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="deep-compression: where to write the compressed network.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Train LeNet-300-100 on MNIST in numpy, compress it, and measure error and size (minutes)."""
    with progress("fetching MNIST") as say:
        from workloads.mnist import load_mnist

        data, test = load_mnist()
        told: dict[str, Any]
        if name is Study.DEEP_COMPRESSION:
            from workloads.studies import deep_compression

            outcome = deep_compression.run(data, test, seed, say)
            told = deep_compression.tell(outcome)
            if output is not None:
                deep_compression.write(outcome, output, seed, test)
        elif name is Study.TTQ:
            from workloads.studies import ttq

            told = ttq.tell(ttq.run(data, test, seed, say))
        else:
            from workloads.studies import dsd

            told = dsd.tell([dsd.run(data, test, one, say) for one in range(seed, seed + seeds)])
    if as_json:
        print(json.dumps(told, indent=2))
    else:
        from simulator import frontend_tables

        frontend_tables.print_study(console(), told)
