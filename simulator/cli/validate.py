"""The command `validate`: published figures and the simulated ones."""

from typing import Annotated

import typer

from simulator.cli.console import CsvFlag, JsonFlag, console, one_format, put_out
from simulator.cli.progress import progress

ENERGY = "energy"
"""In place of a machine: the published figures of energy, over all machines."""


def validate(
    machine: Annotated[str, typer.Argument(help="A machine; or `energy`, over the machines.")],
    seed: Annotated[int, typer.Option(help="Seed of drawn layers.")] = 0,
    draws: Annotated[
        int | None, typer.Option(min=1, help="Layers are drawn this often; figures are means. Default: the machine's.")
    ] = None,
    as_json: JsonFlag = False,
    as_csv: CsvFlag = False,
) -> None:
    """Simulate the published figures of a machine's paper, or those of energy, and compare."""
    import pandas as pd

    from simulator.cli.tables.validation import print_validation
    from simulator.core.registry import find_paper
    from simulator.studies import energy_figures

    one_format(as_json, as_csv)
    if machine == ENERGY:
        figures, default = energy_figures.rows, energy_figures.DRAWS
    else:
        paper = find_paper(machine)
        figures, default = paper.figures, paper.draws
    with progress(f"simulating the tables of {machine}") as say:
        rows = []
        for row in figures(seed, draws or default):
            rows.append(row)
            say(f"simulating the tables of {machine}: {row.row}, {row.table}")
    put_out(
        as_json,
        as_csv,
        lambda: [row._asdict() for row in rows],
        lambda: pd.DataFrame(rows),
        lambda: print_validation(console(), rows),
    )
