"""The energy that each step of a design saves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.plots import style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

MOST_STEPS = 24
LOGARITHMIC = 20
"""Above this ratio of the most to the least energy, the axis is logarithmic, so that small steps are visible."""


def waterfall(frame: pd.DataFrame, title: str) -> Axes:
    """A bar for each step, from the energy before it to the energy after it; alternatives are whole bars.

    frame: a row for each step in order, with `step`, `energy_uj` after it, and `factor` by which energy fell (missing
    for the first); maybe `over`, the step to which the factor refers, else it is the one before. A step over another
    one than the one before, or that the next one is not over, is an alternative. Of more than MOST_STEPS steps, the
    last are drawn as one.
    """
    frame, sentence = _fewer(frame)
    energies = frame["energy_uj"].astype(float).to_numpy()
    axes = style.one(8, 1.5 + 0.42 * len(frame))
    if energies.max() > LOGARITHMIC * energies.min() > 0:
        axes.set_xlim(energies.min() / 2, energies.max() * 2.5)
        style.logarithmic(axes, "x")
    else:
        axes.set_xlim(0, energies.max() * 1.2)
    floor = axes.get_xlim()[0]
    bases = _bases(frame)
    built_on = [base == line for line, base in enumerate([*bases[1:], len(bases) - 1])]
    whole = [base is None or base != line - 1 or not built_on[line] for line, base in enumerate(bases)]
    for line, after in enumerate(energies):
        base = bases[line]
        before = floor if whole[line] else energies[line - 1]
        left, right = sorted((before, after))
        colour = style.COLOURS[0 if base is None else 2 if after <= energies[base] else 5]
        axes.barh(line, right - left, 0.66, left, color=colour)
        if not whole[line]:
            axes.plot([before, before], [line - 1 + 0.33, line - 0.33], color="0.5", linewidth=0.8)
        text = _describe(frame.iloc[line], line)
        axes.annotate(text, (right, line), (5, 0), textcoords="offset points", va="center", fontsize=9)
    axes.set_yticks(range(len(frame)), frame["step"].astype(str))
    axes.set_ylim(len(frame) - 0.5, -0.5)
    axes.set_xlabel("energy of one inference (µJ)" + (", logarithmic" if axes.get_xscale() == "log" else ""))
    style.grid(axes, "x")
    style.name(axes, title)
    style.note(axes, [sentence, "bars from the left edge: alternatives, no steps" if sum(whole) > 1 else ""])
    return axes


def _bases(frame: pd.DataFrame) -> list[int | None]:
    """For each step the one to which its factor refers; None for the first."""
    names = frame["step"].astype(str).tolist()
    over = frame["over"].tolist() if "over" in frame else [None] * len(names)
    known = [names.index(one) if one in names else place - 1 for place, one in enumerate(over)]
    return [base if 0 <= base < place else None for place, base in enumerate(known)]


def _describe(row: pd.Series, line: int) -> str:
    """The energy after a step, and the factor by which the step reduced it."""
    energy = f"{style.number(row['energy_uj'])} µJ"
    factor = row["factor"]
    if line == 0 or factor is None or not factor > 0:  # NaN, too
        return energy
    return (
        f"{energy}  ({style.number(factor)} times less)" if factor >= 1 else f"{energy}  ({1 / factor:.3g} times more)"
    )


def _fewer(frame: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """At most MOST_STEPS steps, where the last one may combine several; and a sentence about them."""
    import pandas as pd

    if len(frame) <= MOST_STEPS:
        return frame, ""
    kept, rest = frame.iloc[: MOST_STEPS - 1], frame.iloc[MOST_STEPS - 1 :]
    last = {
        "step": f"{len(rest):,} further steps",
        "energy_uj": rest["energy_uj"].iloc[-1],
        "factor": kept["energy_uj"].iloc[-1] / rest["energy_uj"].iloc[-1],
    }
    return pd.concat([kept, pd.DataFrame([last])], ignore_index=True), f"{len(rest):,} of {len(frame):,} steps as one"
