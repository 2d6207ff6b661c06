"""Stacked bars: energy by component, time by reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulator.plots import style
from simulator.plots.colours import hatches, of_names
from simulator.plots.rows import bar_names, largest
from simulator.plots.words import label

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

MOST_BARS = 32
MICRO_PER_PICO = 1e-6
APART = 1000
"""Bars that differ by more are drawn on a logarithmic axis."""


def energy(frame: pd.DataFrame, title: str) -> Axes | list[Axes]:
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
    return stack(parts.drop(columns="total"), "energy of one inference (µJ)", title)


def latency(frame: pd.DataFrame, title: str) -> Axes | list[Axes]:
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
    return stack(parts, "time of a mean PE (µs)", title)


def stack(parts: pd.DataFrame, unit: str, title: str) -> Axes | list[Axes]:
    """A bar for each row of `parts`, with a piece for each column; columns without a colour are one piece `other`.

    Where bars differ by more than APART times: whole bars on a logarithmic axis, and next to them each bar's shares.
    """
    parts, sentence = _fewer_bars(parts)
    pieces = _fewer_pieces(parts)
    whole = pieces.sum(axis=1)
    if float(whole.max()) <= APART * float(whole[whole > 0].min() if (whole > 0).any() else 1):
        axes = style.one(9, 1.6 + 0.3 * max(4, len(pieces)))
        _draw_pieces(axes, pieces)
        _name_bars(axes, pieces, whole)
        axes.set_xlim(0, 1.1 * max(float(whole.max()), 1e-12))
        axes.set_xlabel(unit)
        return _finish([axes], pieces, sentence, title)[0]
    (pair,) = style.panels(1, 2, 11, 1.6 + 0.3 * max(4, len(pieces)))
    left, right = pair
    low, high = float(whole[whole > 0].min()), float(whole.max())
    left.barh(range(len(pieces)), whole, 0.72, color="0.55")
    left.set_xlim(low / 3, high * 8)
    style.logarithmic(left, "x")
    left.set_xlabel(f"{unit}, logarithmic")
    _name_bars(left, pieces, whole)
    _draw_pieces(right, (100 * pieces).div(whole.replace(0, 1), axis=0))
    right.set_xlim(0, 100)
    right.set_xlabel("share of it (%)")
    right.set_yticks([])
    return _finish(pair, pieces, sentence, title)


def _draw_pieces(axes: Axes, pieces: pd.DataFrame) -> None:
    """Stacked bars, a row each; names of one colour, as of several machines, differ in their hatch."""
    left = pieces.iloc[:, 0] * 0
    colours = of_names([str(name) for name in pieces if name != "other"])
    colours |= {"other": style.OTHER} if "other" in pieces else {}
    hatch, place = hatches(colours), range(len(pieces))
    for name, colour in colours.items():
        look: dict[str, Any] = {"color": colour, "edgecolor": "white", "linewidth": 0.5, "hatch": hatch[name]}
        axes.barh(place, pieces[name], 0.72, left, label=name, **look)
        left = left + pieces[name]


def _name_bars(axes: Axes, pieces: pd.DataFrame, whole: pd.Series) -> None:
    """Names on the left, and what each bar is in all at its end."""
    for place, value in enumerate(whole):
        text = style.number(value)
        axes.annotate(text, (value, place), (3, 0), textcoords="offset points", va="center", fontsize=style.SMALL)
    axes.set_yticks(range(len(pieces)), [str(name) for name in pieces.index])


def _finish(drawn: list[Axes], pieces: pd.DataFrame, sentence: str, title: str) -> list[Axes]:
    for axes in drawn:
        axes.set_ylim(len(pieces) - 0.4, -0.6)
        style.grid(axes, "x")
    style.name(drawn[0], title)
    style.legend(drawn[-1], "outside right upper")
    style.note(drawn[0], [sentence])
    return drawn


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
