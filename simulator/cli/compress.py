"""The command `compress`: prune, share and encode the weights of a network."""

from pathlib import Path
from typing import Annotated

import typer

from simulator.cli.console import CsvFlag, JsonFlag, check_ending, console, one_format, put_out
from simulator.cli.progress import progress

Network = Annotated[
    str, typer.Argument(help="An .npz, .mtx, .smtx, .safetensors or .onnx file, or a name that `list` shows.")
]


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
    from simulator.cli.tables import compression as compression_tables
    from workloads.errors import InputError
    from workloads.model import read_matrices
    from workloads.pipeline import compress_matrices

    one_format(as_json, as_csv)
    if not 1 <= index_bits <= 8:
        raise InputError(f"index_bits is {index_bits}; expected an integer from 1 to 8")
    if output is not None:
        check_ending(output, ".safetensors")
    read = read_matrices(network)
    with progress(f"compressing {read.name}") as say:
        done = compress_matrices(read, density, bits, index_bits, lambda layer: say(f"compressing {layer}"))
    if output is not None:
        done.write(output, f"magnitude pruning to density {density}, k-means to {bits} bits, from {Path(network).name}")

    def show() -> None:
        compression_tables.print_storage(console(), done.rows, read.left_out, output)
        compression_tables.print_drawn(console(), [matrix.recipe for matrix in read.matrices], done.shared)

    put_out(as_json, as_csv, done.to_dict, done.to_frame, show)
    for sentence in done.left_out if as_csv else ():
        console(stderr=True).print(f"left out  {sentence}", markup=False, highlight=False, soft_wrap=True)
