"""A search: how its front grew, and the front itself."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from simulator.plots import style
from simulator.plots.words import label
from simulator.results.search_frames import OBJECTIVE
from simulator.results.text import counted

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

MOST_PAIRS = 3
MOST_POINTS = 2000
"""Of a line, and of the trials on the front and of the others in a panel."""
TRIED = "0.7"
"""The grey of trials that are not on the front."""
WIDE = 20
"""Ratio of values from which on an axis is logarithmic."""


def exploration(frame: pd.DataFrame, title: str) -> list[Axes]:
    """The hypervolume over the trials, and a panel for each pair of objectives with the trials and the front.

    frame: columns `trial`, `hypervolume`, `front`, `takes_part`, and objectives after OBJECTIVE. Trials that take no
    part are not in the panels of pairs. With more trials than MOST_POINTS, evenly chosen ones are drawn.
    """
    names = [str(name) for name in frame if str(name).startswith(OBJECTIVE)]
    pairs = list(combinations(names, 2))[:MOST_PAIRS]
    rows, columns = (2, 2) if len(pairs) > 1 else (1, 1 + len(pairs))
    grid = style.panels(rows, columns, 5.4 * columns, 3.9 * rows)
    first, *others = [axes for line in grid for axes in line]
    _draw_growth(first, frame)
    style.name(first, title)
    kept = frame[frame["takes_part"].astype(bool)]
    for axes, (across, up) in zip(others, pairs, strict=True):
        _draw_pair(axes, kept, across, up)
    out = len(frame) - len(kept)
    notes = [f"orange: {counted(int(kept['front'].sum()), 'trial')} on the front of all objectives"]
    notes += [f"{counted(out, 'trial')} left out"] if out else []
    notes += [f"up to {MOST_POINTS:,} of {len(frame):,} trials are drawn"] if len(frame) > MOST_POINTS else []
    style.note(first, notes)
    return [first, *others]


def without_points(frame: pd.DataFrame) -> str:
    """Why there is nothing to draw: no trial takes part. An empty text where one does."""
    return "" if frame["takes_part"].any() else "none of its trials takes part, as all are refused or beyond limits"


def _draw_growth(axes: Axes, frame: pd.DataFrame) -> None:
    ordered = _thin(frame.sort_values("trial"))
    shares = 100 * ordered["hypervolume"]
    axes.plot(ordered["trial"], shares, drawstyle="steps-post", color=style.COLOURS[0])
    axes.set_xlabel("trials")
    axes.set_ylabel("hypervolume of the front (% of the last)")
    axes.set_ylim(0, 105)
    style.grid(axes, "both")


def _draw_pair(axes: Axes, frame: pd.DataFrame, across: str, up: str) -> None:
    best = frame["front"].astype(bool)
    for rows, colour, size in ((frame[~best], TRIED, 3.0), (frame[best], style.COLOURS[1], 5.0)):
        shown = _thin(rows)
        axes.plot(shown[across], shown[up], "o", color=colour, markersize=size)
    for which, name in (("x", across), ("y", up)):
        low, high = float(frame[name].min()), float(frame[name].max())
        if high > WIDE * low > 0:
            style.logarithmic(axes, which)
        axes.set(**{f"{which}label": label(name.removeprefix(OBJECTIVE))})
    style.grid(axes, "both")


def _thin(frame: pd.DataFrame) -> pd.DataFrame:
    """At most MOST_POINTS rows, evenly chosen."""
    return frame.iloc[:: max(1, -(-len(frame) // MOST_POINTS))]
