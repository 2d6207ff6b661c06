"""The command `compress`: prune, share and encode the weights of a network."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.cli.console import CsvFlag, JsonFlag, check_output, console, one_format, put_out
from simulator.cli.progress import progress

if TYPE_CHECKING:
    from workloads.options import WorkloadOptions
    from workloads.pipeline import CompressedNetwork

Network = Annotated[
    str, typer.Argument(help="An .npz, .mtx, .smtx, .safetensors or .onnx file, or a name that `list` shows.")
]


def compress(
    network: Network,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Where to write the compressed network: .safetensors, or .onnx of one."),
    ] = None,
    density: Annotated[
        float | None, typer.Option(help="Keep this share of each layer's weights, by magnitude.")
    ] = None,
    bits: Annotated[int | None, typer.Option(help="Bits of a code of a codebook, 1 to 8 (4).")] = None,
    form: Annotated[
        str, typer.Option("--format", help="Number format of the weights: codebook, nvfp4, ... (`list` shows them).")
    ] = "codebook",
    index_bits: Annotated[int, typer.Option(help="Bits of a count of zeros, 1 to 8.")] = 4,
    activation: Annotated[
        str | None, typer.Option("--input", help="An .npz file with inputs of an ONNX network, on which it is tried.")
    ] = None,
    input_shape: Annotated[
        str | None, typer.Option(help="Shape of an input that is drawn: 1,3,224,224 or x=1,3,224,224;state=2,1,64.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of a drawn input.")] = 0,
    as_json: JsonFlag = False,
    as_csv: CsvFlag = False,
) -> None:
    """Prune, share and encode the weights of a network; print what each stage takes, and what it costs the output."""
    from simulator.cli.tables import compression as compression_tables
    from workloads.compression.shared import CODEBOOK
    from workloads.errors import InputError
    from workloads.file_names import name_text
    from workloads.model import read_matrices
    from workloads.number_formats import find_format
    from workloads.options import WorkloadOptions
    from workloads.pipeline import compress_matrices
    from workloads.regular_files import check_no_input

    one_format(as_json, as_csv)
    if bits is not None and form != CODEBOOK:
        raise InputError(f"bits is {bits} and format is {form}; expected one of them, as {form} has bits of its own")
    if form != CODEBOOK:
        find_format(form)
    if not 1 <= index_bits <= 8:
        raise InputError(f"index_bits is {index_bits}; expected an integer from 1 to 8")
    if output is not None:
        check_output(output, ".safetensors", ".onnx")
    bits = 4 if bits is None else bits
    options = WorkloadOptions(activation=activation, input_shape=input_shape, seed=seed).check()
    read = read_matrices(network)
    check_no_input(output)
    with progress(f"compressing {read.name}") as say:
        done = compress_matrices(read, density, bits, index_bits, lambda layer: say(f"compressing {layer}"), form)
        done, tried = _try_out(done, network, options, output)
    notes = (*read.notes, *tried)
    if output is not None and output.suffix == ".safetensors":
        pruning = "no pruning" if density is None else f"magnitude pruning to density {density}"
        codes = f"k-means to {bits} bits" if form == CODEBOOK else f"weights in {form}"
        done.write(output, f"{pruning}, {codes}, from {name_text(Path(network))}")

    def show() -> None:
        compression_tables.print_storage(console(), done.rows, read.left_out, output)
        compression_tables.print_drawn(console(), [matrix.recipe for matrix in read.matrices], done.shared)
        compression_tables.print_distance(console(), done.distance, notes)

    put_out(as_json, as_csv, lambda: {**done.to_dict(), "notes": list(notes)}, done.to_frame, show)
    for sentence in done.left_out if as_csv else ():
        console(stderr=True).print(f"left out  {sentence}", markup=False, highlight=False, soft_wrap=True)
    for sentence in notes if as_csv else ():
        console(stderr=True).print(f"note  {sentence}", markup=False, highlight=False, soft_wrap=True)


def _try_out(
    done: "CompressedNetwork", network: str, options: "WorkloadOptions", output: Path | None
) -> "tuple[CompressedNetwork, tuple[str, ...]]":
    """Run the network with and without its compressed weights, where it can be run; write it, if an .onnx is wanted.

    InputError where an input is given that does not fit, or an .onnx is wanted of what is none.
    """
    from workloads.errors import InputError, refuse
    from workloads.model import open_float_network

    wanted = output is not None and output.suffix == ".onnx"
    asked = options.activation is not None or options.input_shape is not None
    try:
        whole = open_float_network(network, options)
        if whole is None:
            if wanted or asked:
                refuse(network, "it cannot be run in floating point", "an ONNX model, or no --input and -o FILE.onnx")
            return done, ()
        done = done.with_inputs(whole.inputs)
        arrays = done.float_arrays()
        found = done._replace(distance=whole.output_distance(arrays))
    except InputError as error:
        if wanted or asked:
            raise
        return done, (f"what compression changes in the network's output is not known: {error}",)
    if wanted and output is not None:
        whole.write(output, arrays)
    return found, whole.notes
