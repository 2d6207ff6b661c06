"""The command `plot`: a picture of what `--json` printed."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from simulator.cli.parts import console
from workloads.errors import InputError

ENDINGS = (".png", ".svg", ".pdf")


class Kind(StrEnum):
    """Pictures by name."""

    SCHEDULE = "schedule"
    BALANCE = "balance"
    GRANULARITY = "granularity"
    WATERFALL = "waterfall"

    @property
    def needs(self) -> str:
        """What of a result the picture shows."""
        return {Kind.SCHEDULE: "schedule", Kind.WATERFALL: "steps"}.get(self, "points")

    @property
    def command(self) -> str:
        """What prints such a result."""
        others = {Kind.SCHEDULE: "run ese LAYER --json", Kind.WATERFALL: "ablate LAYER --json"}
        return others.get(self, f"study {self} --json")


def plot(
    result: Annotated[Path, typer.Argument(help="What `run`, `study` or `ablate` printed with `--json`.")],
    kind: Annotated[Kind, typer.Argument(help="schedule (ESE), balance, granularity (studies), waterfall (ablate).")],
    output: Annotated[Path, typer.Option("--output", "-o", help="A .png, .svg or .pdf file to write.")],
) -> None:
    """Draw a picture of a result."""
    import pandas as pd

    from simulator import plots

    if output.suffix not in ENDINGS:
        raise InputError(f"{output}: it ends with {output.suffix!r}; expected one of {', '.join(ENDINGS)}")
    told = _read(result)
    try:
        if kind is Kind.SCHEDULE:
            (table, *_) = [one for one in told["tables"] if one["title"].startswith("schedule")]
            title = f"{table['title']} on {told['config']}"
            axes = plots.schedule(pd.DataFrame(table["rows"], columns=table["columns"]), title)
        elif kind is Kind.GRANULARITY:
            axes, *_ = plots.granularity(pd.DataFrame(told["points"]), told["study"])
        elif kind is Kind.WATERFALL:
            title = f"{told['workload']} on {told['config']}"
            axes, *_ = plots.waterfall(pd.DataFrame(told["steps"]), title)
        else:
            axes = plots.balance(pd.DataFrame(told["points"]), told["study"])
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        raise InputError(f"{result}: it has no {kind.needs}; expected what `{kind.command}` printed") from None
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
