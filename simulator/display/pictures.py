"""Pictures of results that were never written to a file."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.display.blocks import summarise
from simulator.plots.kinds import draw_files
from simulator.plots.style import figure_of, png
from simulator.results.files import StoredFile, kind_of_document
from workloads.errors import refuse

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from simulator.display.blocks import AnyResult


def stored(result: AnyResult) -> StoredFile:
    """A result as it would be read from the JSON that it is written to."""
    return as_read(summarise(result)[0], result.to_dict())


def as_read(name: str, content: object) -> StoredFile:
    """What a command prints, as it would be read from a file of this name."""
    document = json.loads(json.dumps(content, allow_nan=False))
    return StoredFile(Path(name), kind_of_document(document), document)


def plot(result: AnyResult, kind: str) -> Figure:
    """A picture of a result. InputError as in `draw`."""
    return draw(stored(result), kind)


def draw(file: StoredFile, kind: str) -> Figure:
    """A picture of a kind that `zeroskip plot` lists. InputError where there is none, or where the file lacks it."""
    if not isinstance(kind, str):
        refuse("kind", f"it is of type {type(kind).__name__}", "a text, the name of a kind")
    axes = draw_files([file], kind)
    figure = figure_of(axes[0] if isinstance(axes, list) else axes)
    figure._repr_png_ = partial(png, figure)  # type: ignore[attr-defined]  # a notebook shows it
    return figure
