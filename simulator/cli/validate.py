"""The command `validate`: published figures and the simulated ones."""

from pathlib import Path
from typing import Annotated

import typer

from simulator.cli.console import CsvFlag, JsonFlag, console, one_format, put_out
from simulator.cli.progress import progress
from simulator.results.text import counted
from workloads.errors import refuse


def validate(
    machine: Annotated[str, typer.Argument(help="A machine; or `energy`, over the machines; `dram`; `scaling`.")],
    seed: Annotated[int | None, typer.Option(help="Seed of the first draw of layers. Default: 0.")] = None,
    draws: Annotated[
        int | None,
        typer.Option(min=1, max=30, help="Layers are drawn this often; figures are means. Default: the machine's."),
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="Real data to compare with others' simulators: EIE's FC8, Eyeriss v2's masks.")
    ] = None,
    rows: Annotated[bool, typer.Option("--rows", help="Print every row before the summary.")] = False,
    as_json: JsonFlag = False,
    as_csv: CsvFlag = False,
) -> None:
    """Simulate the published figures of a machine's paper, or those of energy, DRAM or scaling, and compare."""
    import pandas as pd

    from simulator.cli.tables.validation import print_validation
    from simulator.studies.validation import published_figures

    one_format(as_json, as_csv)
    if rows and (as_json or as_csv):
        refuse("--rows", "it is given with --json or --csv", "none of them, or --rows alone: they print every row")
    _check_draws(machine, seed, draws, data)
    found = []
    with progress(f"simulating the tables of {machine}") as say:
        for row in published_figures(machine, seed or 0, draws, data):
            found.append(row)
            say(f"simulating the tables of {machine}: {counted(len(found), 'figure')}, last {row.row}, {row.table}")
    put_out(
        as_json,
        as_csv,
        lambda: [row._asdict() for row in found],
        lambda: pd.DataFrame(found).astype({"draws": "Int64"}),
        lambda: print_validation(console(), found, rows),
    )


def _check_draws(machine: str, seed: int | None, draws: int | None, data: Path | None) -> None:
    """InputError where draws are asked for and nothing is drawn."""
    from simulator.studies.validation import NOT_DRAWN

    if data is None and machine not in NOT_DRAWN:
        return
    for name, value in (("--seed", seed), ("--draws", draws)):
        if value is not None:
            what = "real data" if data is not None else machine
            refuse(name, f"it is {value} with {what}", "none, as nothing is drawn")
