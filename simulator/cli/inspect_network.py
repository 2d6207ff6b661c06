"""The command `inspect`: what a compressed network holds."""

from pathlib import Path
from typing import Annotated

import typer

from simulator.cli.console import JsonFlag, console, put_out


def inspect(
    network: Annotated[Path, typer.Argument(help="A .safetensors file that `zeroskip compress` wrote.")],
    as_json: JsonFlag = False,
) -> None:
    """Show what a compressed network holds: layers, densities, codebooks, how often each code occurs."""
    from simulator.cli.tables import compression as compression_tables
    from workloads.errors import refuse
    from workloads.sources.compressed.file import read_network

    if network.suffix.lower() in (".onnx", ".npz"):
        refuse(network, f"it is an {network.suffix} file", "a .safetensors file that `zeroskip compress` wrote")
    stored = read_network(network)
    put_out(
        as_json,
        False,
        lambda: compression_tables.describe(stored),
        None,
        lambda: compression_tables.print_network(console(), network, stored),
    )
