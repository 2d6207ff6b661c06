"""Results written to files."""

from __future__ import annotations

import json
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.display.pictures import stored
from workloads.errors import InputError
from workloads.path_texts import path_text
from workloads.whole_files import write_whole

if TYPE_CHECKING:
    from simulator.display.blocks import AnyResult

ENDINGS = (".json", ".csv", ".html")


def save(result: AnyResult, path: str | PathLike[str]) -> None:
    """Write a result, whole or not at all: what `--json` or `--csv` prints, or the page that `report` makes.

    InputError where the path ends with none of ENDINGS, or where it cannot be written.
    """
    expected = f"a name that ends with {' or '.join(ENDINGS)}"
    file = Path(path_text("path", path, expected))
    if file.suffix not in ENDINGS:
        raise InputError(f"{file}: it ends with {file.suffix!r}; expected {expected}")
    write_whole(file, _content(result, file))


def _content(result: AnyResult, file: Path) -> str:
    if file.suffix == ".json":
        return json.dumps(result.to_dict(), indent=2, allow_nan=False) + "\n"
    if file.suffix == ".csv":
        text: str = result.to_frame().to_csv(index=False)
        return text
    from simulator.html import page_of

    return page_of(stored(result)._replace(path=file))
