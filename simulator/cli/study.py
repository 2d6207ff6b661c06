"""The command `study`: tables of figures, by name."""

from pathlib import Path
from typing import Annotated

import typer

from simulator.cli.console import JsonFlag, check_output, console, put_out
from simulator.cli.progress import progress
from workloads.study import MOST_SEEDS


def study(
    name: Annotated[str | None, typer.Argument(help="Which study; without one, they are listed.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of weights and order of examples.")] = 0,
    seeds: Annotated[
        int | None,
        typer.Option(min=1, max=MOST_SEEDS, help="dgc, dsd, qad, tbik: this many seeds, from `--seed` on (5)."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="deep-compression: where to write the compressed network.")
    ] = None,
    source: Annotated[
        Path | None, typer.Option(help="frame-differences: a clip, as frames (.npy, .npz) or as a video.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Run a study: what it reproduces, as tables. Without a name: the studies that there are."""
    from simulator.cli.tables.compression import print_study
    from simulator.cli.tables.list import print_studies
    from simulator.studies import find_study, studies
    from workloads.errors import InputError
    from workloads.options import WorkloadOptions

    if name is None:
        print_studies(console(), studies().values())
        return
    WorkloadOptions(seed=seed + (seeds or 1) - 1).check()
    found, given = find_study(name), {"seeds": seeds, "output": output, "source": source}
    chosen = {key: value for key, value in given.items() if value is not None}
    for key in chosen:
        if key not in found.options:
            raise InputError(f"study {name}: --{key} is given; expected none, as it takes no such option")
    if output is not None:
        check_output(output, ".safetensors")
    with progress(f"running {name}") as say:
        content = found.run(seed, say, **chosen)
    put_out(as_json, False, lambda: content, None, lambda: print_study(console(), content))
