"""What a report can be made of: the JSON of a command, or the table of a study."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workloads.errors import InputError
from workloads.yaml_files import read_text

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from simulator.html.parts import Page

MARKS = {
    "comparison": ("machines", "baseline", "layers"),
    "network": ("layers", "total", "config"),
    "layer": ("cycles", "counts", "energy_pj", "arch"),
}
"""The keys by which one knows what a command printed, the first that fits."""
EXPECTED = "what `run --json` or `compare --json` printed, or the table that `results STORE --csv` printed"


def read_json(path: Path) -> tuple[str, dict[str, Any]]:
    """The kind of a command's JSON (a key of MARKS), and its content."""
    text = read_text(path, EXPECTED)
    try:
        told = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: it is no JSON ({error}); expected {EXPECTED}") from None
    if isinstance(told, dict):
        for kind, keys in MARKS.items():
            if all(key in told for key in keys):
                return kind, told
    raise InputError(f"{path}: it is JSON, but of no layer, network or comparison; expected {EXPECTED}")


def read_table(path: Path) -> pd.DataFrame:
    """A study: a row for each point, a column for each axis and each result."""
    import pandas as pd

    if path.suffix == ".db":
        from simulator.sweeps.results import open_store

        frame = open_store(path).frame()
        if frame.empty:
            raise InputError(f"{path}: no point is in the store; expected some")
        return frame
    read_text(path, EXPECTED)
    try:
        frame = pd.read_csv(path)
    except (ValueError, pd.errors.ParserError) as error:
        raise InputError(f"{path}: it is no table ({str(error).strip()}); expected {EXPECTED}") from None
    if frame.empty:
        raise InputError(f"{path}: it has no rows; expected {EXPECTED}")
    return frame


def _refuse_constant(name: str) -> None:
    raise ValueError(f"it holds {name}")


def tell(path: Path, teller: Callable[[dict[str, Any]], Page], told: dict[str, Any]) -> Page:
    """The page that a teller makes of a file's content, which a person may have edited."""
    try:
        return teller(told)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError, ZeroDivisionError) as error:
        found = f"{type(error).__name__}: {error}"
        raise InputError(f"{path}: something is missing or of a strange kind ({found}); expected {EXPECTED}") from None
