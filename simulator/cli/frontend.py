"""The commands of the frontend: compress a network, look into one."""

import json
from pathlib import Path
from typing import Annotated

import typer

from simulator.cli.parts import CsvFlag, JsonFlag, check_output_name, console, one_format, progress

Network = Annotated[str, typer.Argument(help="An .npz, .mtx, .safetensors or .onnx file, or a name that `list` shows.")]


def compress(
    network: Network,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to write the compressed network.")
    ] = None,
    density: Annotated[
        float | None, typer.Option(help="Keep this share of each layer's weights, by magnitude.")
    ] = None,
    bits: Annotated[int, typer.Option(help="Bits of a weight's code, 1 to 8.")] = 4,
    index_bits: Annotated[int, typer.Option(help="Bits of a count of zeros, 1 to 8.")] = 4,
    as_json: JsonFlag = False,
    as_csv: CsvFlag = False,
) -> None:
    """Prune, share and encode the weights of a network; print what each stage takes."""
    from workloads.compression.storage import account, total
    from workloads.errors import InputError
    from workloads.kinds.fully_connected.compress import share_weights
    from workloads.sources.compressed.file import write_network
    from workloads.sources.matrices import read_any

    one_format(as_json, as_csv)
    if not 1 <= index_bits <= 8:
        raise InputError(f"index_bits is {index_bits}; expected an integer from 1 to 8")
    if output is not None:
        check_output_name(output)
    read = read_any(Path(network))
    shared, parts, shapes = [], [], []
    with progress(f"compressing {read.name}") as say:
        for layer, shape, recipe in read.matrices:
            say(f"compressing {layer.name}")
            shapes.append(shape)
            own = recipe.weight_density.value if recipe is not None and density is None else density
            shared.append(share_weights(layer, own, bits))
            parts.append(account(shared[-1], bits, index_bits))
    if output is not None:
        method = f"magnitude pruning to density {density}, k-means to {bits} bits, from {Path(network).name}"
        write_network(output, shared, [index_bits] * len(shared), method, shapes)
    rows = [*parts, total(parts)]
    if as_json:
        told = [{**row._asdict(), "rate": row.rate} for row in rows]
        print(json.dumps({"layers": told, "skipped": list(read.skipped)}, indent=2))
    elif as_csv:
        import pandas as pd

        print(pd.DataFrame(rows).assign(rate=[row.rate for row in rows]).to_csv(index=False), end="")
    else:
        from simulator.cli import frontend_tables

        frontend_tables.print_storage(console(), rows, read.skipped, output)
        frontend_tables.print_drawn(console(), [matrix.recipe for matrix in read.matrices], shared)


def inspect(
    network: Annotated[Path, typer.Argument(help="A .safetensors file that `zeroskip compress` wrote.")],
    as_json: JsonFlag = False,
) -> None:
    """Show what a compressed network holds: layers, densities, codebooks, how often each code occurs."""
    from simulator.cli import frontend_tables
    from workloads.sources.compressed.file import read_network

    stored = read_network(network)
    if as_json:
        print(json.dumps(frontend_tables.describe(stored), indent=2))
    else:
        frontend_tables.print_network(console(), network, stored)
