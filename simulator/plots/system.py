"""Steps of several chips: where their time goes, and a Gantt picture of their units."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.plots import style
from simulator.plots.breakdowns import stack
from simulator.plots.colours import DRAM, IDLE, QUEUES, SUMS, WORK
from simulator.results.system_result import PARTS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

REASONS = {"compute": WORK, "add": SUMS, "send": DRAM, "receive wait": QUEUES, "idle": IDLE}
"""The colour of each reason of a unit's time."""
NAMES = {"compute_us": "compute", "add_us": "add", "send_us": "send", "wait_us": "waiting", "idle_us": "idle"}
MOST_UNITS, MOST_BARS, FINE = 32, 4000, 400
"""Units and bars that are drawn; from how many layers on these have no edges."""


def parts(frame: pd.DataFrame, title: str) -> Axes | list[Axes]:
    """Time of a mean chip, a bar for each number of chips and way to exchange, by what it goes to.

    frame: columns chips, exchange, overlap and those of PARTS, in us.
    """
    pieces = frame[list(PARTS)].astype(float).rename(columns=NAMES)
    several = frame["exchange"].nunique() > 1
    pieces.index = [
        f"{row.chips:,} chip{'s' * (row.chips != 1)}" + (f", {row.exchange}" if several and row.chips != 1 else "")
        + (", overlapped" if row.overlap else "")
        for row in frame.itertuples()
    ]  # fmt: skip
    return stack(pieces, "time of a step (µs), as a mean chip spends it", title)


def gantt(frame: pd.DataFrame, title: str) -> Axes:
    """A line for each unit, with a bar for each thing it does.

    frame: columns unit, name, reason, begin_us, us. Of more than MOST_UNITS units or MOST_BARS bars, the first are
    drawn: all units over the same time.
    """
    units = list(dict.fromkeys(frame["unit"]))[:MOST_UNITS]
    shown = frame[frame["unit"].isin(units)]
    end = _last(shown, len(units))
    shown = shown[shown["begin_us"] < end]
    axes = style.one(11, 1.6 + 0.32 * max(4, len(units)))
    lines = shown["unit"].map({unit: line for line, unit in enumerate(units)})
    known, layers = list(REASONS), int((shown["reason"] == "compute").sum())
    for reason in sorted(set(shown["reason"]), key=lambda one: known.index(one) if one in known else len(known)):
        rows = shown["reason"] == reason
        bars, edge = shown[rows], 0.5 * (reason == "compute" and layers < FINE)
        axes.barh(
            lines[rows], bars["us"].clip(upper=end - bars["begin_us"]), 0.72, bars["begin_us"],
            color=REASONS.get(str(reason), IDLE), edgecolor="white", linewidth=edge, label=str(reason),
        )  # fmt: skip
    axes.set_yticks(range(len(units)), units)
    axes.set_ylim(len(units) - 0.4, -0.6)
    axes.set_xlim(0, max(end, 1e-12))
    axes.set_xlabel("time (µs)")
    style.name(axes, title)
    style.legend(axes, "outside right upper")
    whole = float((frame["begin_us"] + frame["us"]).max())
    cut = f"the first {style.number(end)} of {style.number(whole)} µs" if end < whole else ""
    count = frame["unit"].nunique()
    drawn = f"{len(shown):,} of {len(frame):,} bars" if len(shown) < len(frame) else ""
    style.note(axes, [drawn, cut, f"the first {len(units)} of {count:,} units" if count > len(units) else ""])
    return axes


def _last(shown: pd.DataFrame, units: int) -> float:
    """The end of the time that is drawn: of all bars, or of as many as fit."""
    ends = shown["begin_us"] + shown["us"]
    if len(shown) <= MOST_BARS:
        return float(ends.max())
    return float(ends.sort_values().iloc[max(MOST_BARS - units, units)])
