"""The command `report`: a page of HTML of a result or a sweep."""

from pathlib import Path
from typing import Annotated

import typer

from simulator.cli.console import check_output, write
from simulator.cli.environment import load_plain_matplotlib


def report(
    source: Annotated[
        Path,
        typer.Argument(
            help="JSON of `run`, `compare`, `why`, `explore`, `system` or `camera`; or a store (.db), or its .csv."
        ),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="The .html file to write.")],
) -> None:
    """Write one page of HTML that needs nothing else: tables to sort and filter, pictures, sources of numbers."""
    from simulator import html

    check_output(output, ".html")
    load_plain_matplotlib()
    write({output: html.build(source)})
