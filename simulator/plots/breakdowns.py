"""Stacked bars: energy by component, time by reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.plots import style
from simulator.plots.rows import bar_names, largest
from simulator.plots.words import label

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

MOST_BARS = 32
MICRO_PER_PICO = 1e-6


def energy(frame: pd.DataFrame, title: str) -> Axes:
    """Energy of each result by component, in µJ.

    frame: a row for each layer and machine, with columns `energy_pj.COMPONENT` and `energy_pj.total`.
    """
    found = {
        column: label(column.removeprefix("energy_pj."))
        for column in map(str, frame.columns)
        if column.startswith("energy_pj.")
    }
    parts = frame[list(found)].rename(columns=found).fillna(0) * MICRO_PER_PICO
    parts.index = bar_names(frame)
    return _stack(parts.drop(columns="total"), "energy of one inference (µJ)", title)


def latency(frame: pd.DataFrame, title: str) -> Axes:
    """Time of each result by reason, as a mean PE spends it, in µs.

    frame: columns `time_us`, `cycles_by_reason.REASON`, and `reason_units.PE`: the reasons of a PE's cycles, separated
    by `; `, with the machine's useful work first.
    """
    import pandas as pd

    found: list[pd.DataFrame] = []
    place: dict[str, int] = {}
    for reasons, rows in frame.groupby("reason_units.PE", sort=False):
        names = {f"cycles_by_reason.{name}": label(name) for name in str(reasons).split("; ")}
        place |= {name: number for number, name in enumerate(names.values()) if name not in place}
        spent = rows[list(names)].rename(columns=names).astype(float)
        found.append(spent.mul(rows["time_us"] / spent.sum(axis=1), axis=0))
    order = sorted(place, key=lambda name: place[name])
    parts = pd.concat(found).fillna(0).loc[frame.index][order]
    parts.index = bar_names(frame)
    return _stack(parts, "time of a mean PE (µs)", title)


def _stack(parts: pd.DataFrame, unit: str, title: str) -> Axes:
    """A bar for each row of `parts`, with a piece for each column; columns without a colour are one piece `other`."""
    parts, sentence = _fewer_bars(parts)
    pieces = _fewer_pieces(parts)
    axes = style.one(9, 1.6 + 0.3 * max(4, len(pieces)))
    left = pieces.iloc[:, 0] * 0
    for number, name in enumerate(pieces):
        colour = style.OTHER if name == "other" else style.colour(number)
        axes.barh(
            range(len(pieces)), pieces[name], 0.72, left, color=colour, edgecolor="white", linewidth=0.5, label=name
        )
        left = left + pieces[name]
    for place, whole in enumerate(left):
        axes.annotate(
            style.number(whole),
            (whole, place),
            (3, 0),
            textcoords="offset points",
            va="center",
            fontsize=style.SMALL,
        )
    axes.set_yticks(range(len(pieces)), [str(name) for name in pieces.index])
    axes.set_ylim(len(pieces) - 0.4, -0.6)
    axes.set_xlim(0, 1.1 * max(float(left.max()), 1e-12))
    axes.set_xlabel(unit)
    style.grid(axes, "x")
    style.name(axes, title)
    style.legend(axes, "outside right upper")
    style.note(axes, [sentence])
    return axes


def _fewer_bars(parts: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """At most MOST_BARS rows, the largest and a last one with the mean of the others; and a sentence about them."""
    import pandas as pd

    if len(parts) <= MOST_BARS:
        return parts, ""
    numbered = parts.reset_index(names="label")
    numbered["whole"] = parts.sum(axis=1).to_numpy()
    kept, _ = largest(numbered, "whole", MOST_BARS - 1)
    others = numbered.drop(kept.index)
    names = list(parts.columns)
    mean = pd.DataFrame([others[names].mean()], index=[f"mean of {len(others):,} others"])
    shown = pd.concat([kept.set_index("label")[names], mean])
    return shown, f"the {MOST_BARS - 1} largest of {len(parts):,} results, and the mean of the others"


def _fewer_pieces(parts: pd.DataFrame) -> pd.DataFrame:
    """The columns that are not all zero, in their order; where there are too few colours, some are added up as `other`.

    A column is ranked by its largest share of any bar, so that the main parts of small bars keep a colour too.
    """
    whole = parts.div(parts.sum(axis=1).replace(0, 1), axis=0).max()
    used = parts[[name for name in parts if float(whole.loc[str(name)]) > 0] or list(parts.columns[:1])]
    if used.shape[1] <= len(style.COLOURS):
        return used
    kept = set(whole.nlargest(len(style.COLOURS)).index)
    shown = used[[name for name in used if name in kept]].copy()
    shown["other"] = used[[name for name in used if name not in kept]].sum(axis=1)
    return shown
