"""The command `report`: a page of what `--json` or a study's table told."""

from pathlib import Path
from typing import Annotated

import typer

from simulator.cli.parts import console
from workloads.errors import InputError


def report(
    source: Annotated[Path, typer.Argument(help="JSON of `run` or `compare`; or a store (.db), or its .csv.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The .html file to write.")],
) -> None:
    """Write one page of HTML that needs nothing else: tables to sort and filter, pictures, sources of numbers."""
    from simulator import html as page

    if output.suffix != ".html":
        raise InputError(f"{output}: it ends with {output.suffix!r}; expected a name that ends with .html")
    output.write_text(page.build(source), "utf-8", newline="\n")
    console().print(f" written to {output}", highlight=False)
