"""The command `export`: a result in the formats of other tools."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.cli.console import console, write
from simulator.cli.pricing import ErtOption, ResultName, complain, read_priced

if TYPE_CHECKING:
    from simulator.results.stored_energy import Stored


def export(
    result: ResultName,
    accelergy: Annotated[
        Path | None, typer.Option(help="Write action counts and prices (ERT) as YAML into this directory.")
    ] = None,
    scalesim: Annotated[
        Path | None, typer.Option(help="Write COMPUTE_, ACCESS_ and ENERGY_REPORT.csv into this directory.")
    ] = None,
    ert: ErtOption = None,
) -> None:
    """Write a result in the formats of other tools; files of the same names in the directory are replaced."""
    from simulator.export.accelergy import accelergy_files
    from simulator.export.scalesim import scalesim_files
    from workloads.errors import InputError
    from workloads.whole_files import make_folder

    writers: list[tuple[Path, Callable[[Stored], dict[str, str]]]] = []
    if accelergy is not None:
        writers.append((accelergy, accelergy_files))
    if scalesim is not None:
        writers.append((scalesim, scalesim_files))
    if not writers:
        raise InputError("no format is asked for; expected --accelergy DIR or --scalesim DIR")
    stored, wrong = read_priced(result, ert)
    complain(wrong)
    texts = {folder / name: text for folder, make in writers for name, text in make(stored).items()}
    for folder in dict.fromkeys(path.parent for path in texts):
        make_folder(folder)
    write(texts)
    for layer, reason in stored.left_out.items():
        console().print(f" left out {layer}: {reason}", highlight=False, markup=False)
