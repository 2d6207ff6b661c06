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
    from collections.abc import Callable

    import pandas as pd

    from simulator.display.blocks import AnyResult
    from simulator.results.files import StoredFile

ENDINGS = (".json", ".csv", ".html")


def save(result: AnyResult, path: str | PathLike[str]) -> None:
    """Write a result: what `--json` or `--csv` prints, or the page that `report` makes. InputError as in `write_as`."""
    write_as(path, result.to_dict, result.to_frame, lambda: stored(result))


def write_as(
    path: str | PathLike[str],
    document: Callable[[], object],
    frame: Callable[[], pd.DataFrame],
    page: Callable[[], StoredFile],
) -> None:
    """Write a file, whole or not at all: by its ending the document as JSON, the frame as CSV, or a page as `report`.

    InputError where the path ends with none of ENDINGS, or where it cannot be written.
    """
    expected = f"a name that ends with {' or '.join(ENDINGS)}"
    file = Path(path_text("path", path, expected))
    if file.suffix not in ENDINGS:
        raise InputError(f"{file}: it ends with {file.suffix!r}; expected {expected}")
    if file.suffix == ".json":
        content = json.dumps(document(), indent=2, allow_nan=False) + "\n"
    elif file.suffix == ".csv":
        content = str(frame().to_csv(index=False))
    else:
        from simulator.html import page_of

        content = page_of(page()._replace(path=file))
    write_whole(file, content)
