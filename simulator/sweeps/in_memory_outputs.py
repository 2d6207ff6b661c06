"""What a sweep in memory can become: a picture, a file, its Pareto front. Stores have the same."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from simulator.display.files import write_as
from simulator.display.pictures import draw
from simulator.results.conditions import check_column
from simulator.results.files import StoredFile
from simulator.results.fit import FITS
from simulator.results.pareto_points import Objectives, find_front
from simulator.results.store_rows import as_results
from workloads.errors import refuse

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike

    import pandas as pd
    from matplotlib.figure import Figure

    from simulator.sweeps.in_memory import Sweep

SWEEP = "sweep"


def stored(sweep: Sweep) -> StoredFile:
    """The points as they would be read from a store: what varies comes first, `machine` is the kind of machine."""
    frame = sweep.to_frame()
    first = [name for name in sweep.varied if name not in ("machine", "workload")]
    frame = frame[list(dict.fromkeys((*first, *frame.columns)))].assign(machine=list(sweep.machines))
    return StoredFile(Path(SWEEP), "rows", as_results(frame))


def plot(sweep: Sweep, kind: str) -> Figure:
    """See `Sweep.plot`. InputError where there is no such kind, or rows lack its columns."""
    return draw(stored(sweep), kind)


def save(sweep: Sweep, path: str | PathLike[str]) -> None:
    """Write the points to a file: rows as JSON or CSV, or the page that `report` makes of a store.

    InputError as in `display.files.write_as`.
    """
    write_as(path, lambda: list(sweep.rows), sweep.to_frame, lambda: stored(sweep))


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
