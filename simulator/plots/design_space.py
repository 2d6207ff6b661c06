"""A network on several machines: time against energy, layer by layer and in total."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.plots import style
from simulator.plots.colours import of_machines
from simulator.plots.rows import energy_of, layer_of, machine_of
from simulator.results.fit import with_fits

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

MOST_POINTS = 2000
MARKERS = "osD^vP*X<>hp"
"""Of the machines, so that they differ without colours, too."""


def design_space(frame: pd.DataFrame, title: str) -> list[Axes]:
    """Two panels: each layer on each machine, and the sums over all layers that a machine ran.

    frame: columns `time_us`, and `energy_pj.total` or `energy_uj`. A layer is named at the machine with the least
    product of both. Sums over fewer layers than the network has are hollow and say so; results that do not fit their
    machine count.
    """
    frame = with_fits(frame)
    energy = energy_of(frame)
    rows = frame.assign(energy=energy, layer_name=layer_of(frame), machine_name=machine_of(frame))
    totals = rows.groupby("machine_name", sort=False).agg(
        time=("time_us", "sum"), energy=("energy", "sum"), layers=("layer_name", "nunique")
    )
    whole = rows["layer_name"].nunique()
    ((left, right),) = style.panels(1, 2, 11, 4.8)
    look = dict(zip(map(str, totals.index), MARKERS * (1 + len(totals) // len(MARKERS)), strict=False))
    colours = of_machines(list(look))
    shown = rows.iloc[:: max(1, -(-len(rows) // MOST_POINTS))]
    for name, points in shown.groupby("machine_name", sort=False):
        machine = str(name)
        _mark(left, points["time_us"], points["energy"], look[machine], colours[machine], 4.5, machine)
    for machine, (_, total) in zip(look, totals.iterrows(), strict=True):
        complete = bool(total["layers"] == whole)
        _mark(right, total["time"], total["energy"], look[machine], colours[machine], 8, machine, complete)
    for axes, what in ((left, "a layer"), (right, "all layers")):
        for axis in ("x", "y"):
            axes.margins(0.15)
            style.logarithmic(axes, axis)
        axes.set_xlabel(f"time of {what} (µs)")
        axes.set_ylabel(f"energy of {what} (µJ)")
        style.grid(axes, "both")
    best = rows.loc[(rows["time_us"] * rows["energy"]).groupby(rows["layer_name"]).idxmin()]
    style.name_points(left, list(zip(best["time_us"], best["energy"], _short(best["layer_name"]), strict=True)))
    some = totals[totals["layers"] < whole]
    labels = [f"{count} of {whole} layers" for count in some["layers"]]
    style.name_points(right, list(zip(some["time"], some["energy"], labels, strict=True)))
    style.name(left, title)
    style.legend(right, "outside right upper")
    misfits = int((~rows["fits"]).sum())
    thinned = f"{len(shown):,} of {len(rows):,} results" if len(shown) < len(rows) else ""
    named = "a layer is named at its least product of time and energy, where there is room"
    style.note(left, [named, thinned, style.misfits(misfits)])
    return [left, right]


def _mark(
    axes: Axes, x: pd.Series, y: pd.Series, marker: str, colour: str, size: float, name: str, filled: bool = True
) -> None:
    face = colour if filled else "white"
    axes.plot(x, y, marker, color=colour, markerfacecolor=face, markersize=size, label=name, alpha=0.85)


def _short(names: pd.Series) -> list[str]:
    """Names without the words that all begin with: `conv1` of `alexnet-conv1`."""
    words = [str(name).split("-") for name in names]
    return ["-".join(one[_shared(words) :]) for one in words]


def _shared(words: list[list[str]]) -> int:
    """Words at the begin that are the same in all, but the last one of each."""
    most = min(map(len, words), default=1) - 1 if len(words) > 1 else 0
    return next((count for count in range(most) if len({one[count] for one in words}) > 1), most)
