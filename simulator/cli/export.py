"""The commands `explain` and `export`: where a result's joules come from, and the result in other tools' formats."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simulator.cli.parts import CsvFlag, JsonFlag, console, one_format

if TYPE_CHECKING:
    from simulator.results.files import Stored
    from simulator.results.result import Result

ResultName = Annotated[str, typer.Argument(help="What `run --json` printed: a file, or - for standard input.")]
ErtOption = Annotated[
    Path | None, typer.Option("--ert", help="Price the events by this energy reference table (Accelergy's YAML, pJ).")
]


def explain(result: ResultName, ert: ErtOption = None, as_json: JsonFlag = False, as_csv: CsvFlag = False) -> None:
    """Show for each joule of a result its event, count, price and the price's source; exit code 1 if sums are off."""
    one_format(as_json, as_csv)
    stored, wrong = _read(result, ert)
    if as_json:
        print(json.dumps(_tell(stored, wrong), indent=2, allow_nan=False))
    elif as_csv:
        _print_csv(stored)
    else:
        from simulator.cli import energy_tables

        energy_tables.print_energy(console(), stored)
    _complain(wrong)


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
    """Write a result in the formats of other tools; what stands in the directory under the same names is replaced."""
    from simulator.export.accelergy import accelergy_files
    from simulator.export.scalesim import scalesim_files
    from workloads.errors import InputError

    writers: list[tuple[Path, Callable[[Stored], dict[str, str]]]] = []
    if accelergy is not None:
        writers.append((accelergy, accelergy_files))
    if scalesim is not None:
        writers.append((scalesim, scalesim_files))
    if not writers:
        raise InputError("no format is asked for; expected --accelergy DIR or --scalesim DIR")
    stored, wrong = _read(result, ert)
    _complain(wrong)
    for folder, make in writers:
        for name, text in make(stored).items():
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, "utf-8", newline="\n")
            console().print(f" written to {folder / name}", highlight=False, markup=False)
    for layer, reason in stored.left_out.items():
        console().print(f" left out {layer}: {reason}", highlight=False, markup=False)


def pricing(ert: Path | None) -> "Callable[[Result], Result]":
    """What puts a table's prices into a result; without a table, the result as it is."""
    if ert is None:
        return lambda result: result
    from simulator.export.ert import price_with, read_ert

    table = read_ert(ert)
    return lambda result: price_with(result, table)


def _read(result: str, ert: Path | None) -> "tuple[Stored, list[str]]":
    """The result, at other prices if a table is given, and what is wrong with its own sums."""
    from simulator.export.ert import price_stored, read_ert
    from simulator.results.audit import disagreements
    from simulator.results.files import read_result

    table = None if ert is None else read_ert(ert)
    stored = read_result(result)
    return (stored if table is None else price_stored(stored, table)), disagreements(stored)


def _complain(wrong: list[str]) -> None:
    for sentence in wrong:
        console(stderr=True).print(f" does not add up: {sentence}", style="red", highlight=False, markup=False)
    if wrong:
        raise typer.Exit(1)


def _tell(stored: "Stored", wrong: list[str]) -> dict[str, Any]:
    """The lines and their sums, as JSON can hold them."""
    from simulator.pricing.energy import by_component
    from simulator.results.audit import SUMMATION, network_energy

    layers = [
        {
            "layer": layer.name,
            "energy_lines": [line._asdict() for line in layer.lines],
            "energy_pj": by_component(layer.lines),
        }
        for layer in stored.layers
    ]
    told = {"machine": stored.machine, "config": stored.config, "workload": stored.workload, "layers": layers}
    return {**told, "energy_pj": network_energy(stored), "summation": SUMMATION, "disagreements": wrong}


def _print_csv(stored: "Stored") -> None:
    """A row for each line."""
    import pandas as pd

    rows = [{"layer": layer.name, **line._asdict()} for layer in stored.layers for line in layer.lines]
    print(pd.DataFrame(rows).to_csv(index=False), end="")
