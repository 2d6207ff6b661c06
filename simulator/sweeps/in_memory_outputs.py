"""What a sweep in memory can become: a picture, a file, its Pareto front. Stores have the same."""

from __future__ import annotations

import json
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.results.conditions import check_column
from simulator.results.files import StoredFile
from simulator.results.fit import FITS
from simulator.results.pareto_points import Objectives, find_front
from simulator.results.store_rows import as_results
from workloads.errors import InputError, refuse
from workloads.path_texts import path_text
from workloads.whole_files import write_whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from matplotlib.figure import Figure

    from simulator.sweeps.in_memory import Sweep

SWEEP = "sweep"
ENDINGS = (".json", ".csv", ".html")


def stored(sweep: Sweep) -> StoredFile:
    """The points as they would be read from a store: what varies comes first, `machine` is the kind of machine."""
    frame = sweep.to_frame()
    first = [name for name in sweep.varied if name not in ("machine", "workload")]
    frame = frame[list(dict.fromkeys((*first, *frame.columns)))].assign(machine=list(sweep.machines))
    return StoredFile(Path(SWEEP), "rows", as_results(frame))


def plot(sweep: Sweep, kind: str) -> Figure:
    """See `Sweep.plot`. InputError where there is no such kind, or rows lack its columns."""
    from simulator.plots.kinds import draw_files
    from simulator.plots.style import figure_of

    if not isinstance(kind, str):
        refuse("kind", f"it is of type {type(kind).__name__}", "a text, the name of a kind")
    axes = draw_files([stored(sweep)], kind)
    return figure_of(axes[0] if isinstance(axes, list) else axes)


def save(sweep: Sweep, path: str | PathLike[str]) -> None:
    """Write the points to a file, whole or not at all: rows as JSON or CSV, or the page that `report` makes of a store.

    InputError where the path ends with none of ENDINGS, or where it cannot be written.
    """
    expected = f"a name that ends with {' or '.join(ENDINGS)}"
    file = Path(path_text("path", path, expected))
    if file.suffix not in ENDINGS:
        raise InputError(f"{file}: it ends with {file.suffix!r}; expected {expected}")
    write_whole(file, _content(sweep, file))


def _content(sweep: Sweep, file: Path) -> str:
    if file.suffix == ".json":
        return json.dumps(list(sweep.rows), indent=2, allow_nan=False) + "\n"
    if file.suffix == ".csv":
        return str(sweep.to_frame().to_csv(index=False))
    from simulator.html import page_of

    return page_of(stored(sweep)._replace(path=file))


def pareto(
    sweep: Sweep, minimise: Sequence[str], maximise: Sequence[str], by: Sequence[str], every: bool
) -> pd.DataFrame:
    """See `Sweep.pareto`. InputError where there is no objective or no such column."""
    frame = sweep.to_frame()
    columns = [str(name) for name in frame]
    if not minimise and not maximise:
        refuse("pareto", "no objective is given", "columns to minimise or to maximise")
    for name in (*minimise, *maximise, *by):
        check_column(SWEEP, name, columns)
    rows = [{FITS: None, **row, "id": str(place)} for place, row in enumerate(sweep.rows)]
    found = find_front(SWEEP, rows, Objectives(tuple(minimise), tuple(maximise)), by, every)
    return frame.iloc[[int(one) for one in found.ids]].reset_index(drop=True)
