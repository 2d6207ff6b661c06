"""The page of a study: the table of a sweep, with a row for each point and a column for each axis and result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.html import pictures
from simulator.html.parts import Block, Facts, Page, Picture, Section, Sentences, make_grid, most_rows
from simulator.plots.words import label
from simulator.results.fit import FITS, with_fits
from simulator.results.text import counted
from workloads.errors import refuse

if TYPE_CHECKING:
    import pandas as pd

TIMES, ENERGIES = ("time_us", "cycles"), ("energy_uj", "energy_pj.total", "energy_pj")
RESULTS = ("cycles", "time_us", "theoretical_us", "energy_uj", "energy_pj.total", "energy_pj", "edp_uj_us", "power_mw")
"""Columns of results. The columns before the first of them are the sweep's axes."""
OUTSTANDING = "those with the least and the greatest results, and others evenly:"
MOST_PANELS, MOST_LEVELS, MOST_COLOURS = 4, 40, 6


def study_page(frame: pd.DataFrame, name: str) -> Page:
    """The page of a sweep's table: constant columns as a list, then pictures, then the rows. name: for the title.

    Columns that say what others say are left out. InputError where the table has no rows.
    """
    if frame.empty:
        refuse(name, "it has no points", "one or more")
    frame = with_fits(frame)
    outside = int((~frame[FITS]).sum())
    frame = frame[[column for column in frame if not _is_repeated(str(column), frame)]]
    varied = [column for column in frame if frame[column].nunique(dropna=False) > 1]
    same = [(label(str(column)), _value(frame[column].iloc[0]), "") for column in frame if column not in varied]
    axes = [column for column in varied if column in axes_of(frame)]
    lead = counted(len(frame), "point") + (f" over {', '.join(map(label, axes))}." if axes else ".")
    shown = outstanding(frame, most_rows(len(varied)))
    rows = [[_value(value) for value in row] for row in shown[varied].itertuples(index=False, name=None)]
    does = "does" if outside == 1 else "do"
    alarms = (f"{outside:,} of {counted(len(frame), 'point')} {does} not fit: see the column {FITS}",)
    table = make_grid("", [label(str(column)) for column in varied], rows)
    table = table._replace(left_out=len(frame) - len(rows), shown=OUTSTANDING)
    sections = [
        Section("The same in all points", (Facts(tuple(same)),)) if same else None,
        Section("Pictures", tuple(drawn)) if (drawn := _pictures(frame, axes)) else None,
        Section("Points", (*([Sentences(alarms, alarming=True)] if outside else []), table)),
    ]
    return Page(f"Study {name}", lead, tuple(one for one in sections if one is not None))


def outstanding(frame: pd.DataFrame, most: int) -> pd.DataFrame:
    """The rows of a table that a page shows, in their order: those with the least and the greatest result, and others.

    Half of them, in equal parts, have the least and the greatest values of each column of RESULTS; the others are
    evenly spaced.
    """
    if len(frame) <= most:
        return frame
    places = {column: frame[column].reset_index(drop=True) for column in RESULTS if column in frame}
    numbers = [column for column in places.values() if column.dtype.kind in "iuf"]
    part = most // max(1, 4 * len(numbers))  # a quarter of the rows at each end, in all
    chosen = dict.fromkeys(index for column in numbers for index in column.nsmallest(part).index)
    chosen |= dict.fromkeys(index for column in numbers for index in column.nlargest(part).index)
    others = [place for place in range(len(frame)) if place not in chosen]
    step = len(others) / (most - len(chosen))
    kept = [*chosen, *(others[int(step * number)] for number in range(most - len(chosen)))]
    return frame.iloc[sorted(kept)]


def _is_repeated(column: str, frame: pd.DataFrame) -> bool:
    """Whether a column repeats another one, explains a machine's reasons, or has no error."""
    kind, _, name = column.partition(".")
    return (kind == "arch" and name in frame) or kind == "reason_units" or _is_nothing(column, frame)


def _is_nothing(column: str, frame: pd.DataFrame) -> bool:
    """Whether a column is that of errors, and there is none."""
    return column == "error" and bool(frame[column].isna().all())


def axes_of(frame: pd.DataFrame) -> list[str]:
    """The names of the axes: all columns before the first result."""
    columns = [str(column) for column in frame]
    first = min((columns.index(name) for name in RESULTS if name in columns), default=0)
    return columns[:first]


def _pictures(frame: pd.DataFrame, axes: list[str]) -> list[Block]:
    """Energy over time, and time by each axis, as far as the table has these columns."""
    time, energy = (_first(frame, names) for names in (TIMES, ENERGIES))
    blocks: list[Block] = []
    results = [name for name in (time, energy) if name]
    known = _positive(frame[list(dict.fromkeys([*axes, *results, FITS]))], *results)
    if time and energy and len(known) > 1:
        colour = next((name for name in axes if 1 < frame[name].nunique() <= MOST_COLOURS), None)
        drawing = pictures.to_svg(pictures.trade(known, time, energy, colour), "trade")
        blocks.append(
            Picture(
                drawing,
                "Energy over time of each point; none beats those on the line in both; hollow points do not fit.",
            )
        )
    steps = [name for name in axes if _is_ladder(frame, name)][:MOST_PANELS]
    if time and steps and len(known) > 1:
        drawing = pictures.to_svg(pictures.by_axes(known, steps, time), "axes")
        blocks.append(Picture(drawing, f"{label(time)} by each axis: a dot is a point, the line runs through medians."))
    return blocks


def _is_ladder(frame: pd.DataFrame, name: str) -> bool:
    """Whether an axis holds numbers, and few enough different ones for a drawing."""
    return frame[name].dtype.kind in "iuf" and not frame[name].hasnans and frame[name].nunique() <= MOST_LEVELS


def _positive(frame: pd.DataFrame, *names: str) -> pd.DataFrame:
    """The rows whose columns `names` are positive, for logarithmic axes; failed points have no results."""
    return frame[(frame[list(names)] > 0).all(axis=1)]


def _first(frame: pd.DataFrame, names: tuple[str, ...]) -> str | None:
    return next((name for name in names if name in frame and frame[name].dtype.kind in "iuf"), None)


def _value(value: object) -> object:
    """A cell as a plain Python value, None where it is missing."""
    plain = value.item() if hasattr(value, "item") else value
    return None if plain is None or plain != plain else plain
