"""The command `plot`: a picture of what `--json` printed."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from simulator.cli_parts import console
from workloads.errors import InputError

ENDINGS = (".png", ".svg", ".pdf")


class Kind(StrEnum):
    """Pictures by name."""

    SCHEDULE = "schedule"
    BALANCE = "balance"


def plot(
    result: Annotated[Path, typer.Argument(help="What `run --json` or `study --json` printed.")],
    kind: Annotated[Kind, typer.Argument(help="schedule (of ESE) or balance (study balance).")],
    output: Annotated[Path, typer.Option("--output", "-o", help="A .png, .svg or .pdf file to write.")],
) -> None:
    """Draw a picture of a result."""
    import pandas as pd

    from simulator import plots

    if output.suffix not in ENDINGS:
        raise InputError(f"{output}: it ends with {output.suffix!r}; expected one of {', '.join(ENDINGS)}")
    told = _read(result)
    if kind is Kind.SCHEDULE:
        table = _schedule(result, told)
        title = f"{table['title']} on {told['config']}"
        axes = plots.schedule(pd.DataFrame(table["rows"], columns=table["columns"]), title)
    else:
        if "points" not in told:
            raise InputError(f"{result}: it has no points; expected what `study balance --json` printed")
        axes = plots.balance(pd.DataFrame(told["points"]), told["study"])
    axes.figure.savefig(output, dpi=150)  # type: ignore[union-attr]
    console().print(f" written to {output}", highlight=False)


def _read(path: Path) -> dict[str, Any]:
    try:
        told = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: it cannot be read ({error}); expected the JSON that a command printed") from None
    if not isinstance(told, dict):
        raise InputError(f"{path}: it holds a {type(told).__name__}; expected the JSON that a command printed")
    return told


def _schedule(path: Path, told: dict[str, Any]) -> dict[str, Any]:
    """The first schedule among a result's tables."""
    for table in told.get("tables", []):
        if str(table.get("title", "")).startswith("schedule"):
            return dict(table)
    raise InputError(f"{path}: it has no schedule; expected what `run ese LAYER --json` printed")
