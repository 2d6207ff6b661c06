"""Pictures of attention that skips blocks: what it gains, and which factor of lambda skips how many."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.plots import style
from simulator.plots.sweeps import draw_lines

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

MOST_FITS, MOST_CASES = 8, 4
POINTS = 50
"""Of a drawn formula."""


def skipping(frame: pd.DataFrame, title: str) -> list[Axes]:
    """Speed-up by share of skipped blocks, a panel for each case, with published points and 1 / (1 - share / 2).

    frame: columns `case`, `line`, `share`, `speedup`, `published` (may be empty). At most MOST_CASES panels are drawn.
    """
    import numpy as np

    cases = list(dict.fromkeys(frame["case"].astype(str)))
    shown = cases[:MOST_CASES]
    (grid,) = style.panels(1, len(shown), 4.6 * len(shown) + 0.6, 4, share=True)
    shares, sentences = np.linspace(0, 1, POINTS), list[str]()
    for axes, case in zip(grid, shown, strict=True):
        chosen = frame[frame["case"].astype(str) == case]
        lines = chosen.assign(series=chosen["line"].astype(str), x=100 * chosen["share"], y=chosen["speedup"])
        axes.plot(100 * shares, 1 / (1 - shares / 2), "--", color="0.5", linewidth=1)
        axes.annotate("1 / (1 - S / 2)", (62, 1 / 0.69), (-4, 6), textcoords="offset points", ha="right", fontsize=8)
        drawn, found = draw_lines(axes, lines.sort_values("x", kind="stable"))
        sentences += [f"{case}: {one}" for one in found if one]
        published = chosen[chosen["published"].notna()]
        if len(published):
            dots = 100 * published["share"], published["published"].astype(float)
            axes.plot(*dots, "o", color=style.COLOURS[5], mfc="none", markersize=9, label="published")
            axes.annotate("rings: published", (0.03, 0.94), xycoords="axes fraction", fontsize=9)
        axes.set_xlabel("blocks skipped (%)")
        style.name(axes, case, 10)
        style.grid(axes, "both")
        style.label_ends(axes, drawn)
    grid[0].set_ylabel("speed-up over no skipping")
    style.figure_of(grid[0]).suptitle(title, x=0.01, ha="left", fontsize=11)
    style.note(grid[0], [*sentences, f"{len(shown)} of {len(cases)} cases" if len(cases) > len(shown) else ""])
    return list(grid)


def calibration(frame: pd.DataFrame, title: str) -> Axes:
    """Share of skipped blocks by factor of lambda, a line for each length and size of tiles, with fitted curves.

    frame: columns `tile`, `keys`, `factor`, `share`, `a`, `b` (may be empty): factor = a x exp(b x share).
    """
    import numpy as np

    axes = style.one(7.5, 4.4)
    names = frame["tile"].astype(str) + ", " + frame["keys"].map("{:,.0f}".format) + " keys"
    lines = frame.assign(series=names, x=frame["factor"], y=100 * frame["share"])
    drawn, sentences = draw_lines(axes, lines.sort_values("x", kind="stable"))
    shares = np.linspace(0.1, 0.9, POINTS)
    fits = frame[["tile", "keys", "a", "b"]].dropna().drop_duplicates()
    low, high = float(frame["factor"].min()), float(frame["factor"].max())
    for _, one in fits.iloc[:MOST_FITS].iterrows():
        curve = float(one["a"]) * np.exp(float(one["b"]) * shares)
        near = (curve >= low / 10) & (curve <= 10 * high)
        axes.plot(curve[near], 100 * shares[near], "--", color="0.45", linewidth=0.9)
    style.logarithmic(axes, "x")
    axes.set_ylim(0, 100)
    axes.set_xlabel("factor = lambda x keys")
    axes.set_ylabel("blocks skipped (%)")
    style.name(axes, title)
    style.grid(axes, "both")
    style.label_ends(axes, drawn)
    style.note(axes, ["dashed: a exp(b S)" if len(fits) else "", *sentences])
    return axes
