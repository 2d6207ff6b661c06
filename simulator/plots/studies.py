"""Pictures of studies: ESE's load balance, SCNN's granularity of pruning, noise on a network's normalisations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.plots import style
from simulator.plots.sweeps import draw_lines

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

MOST_BARS = 200
"""Points up to which errors are drawn."""
PRUNINGS = {"balanced_speedup": "balanced pruning", "plain_speedup": "plain pruning"}
"""Column -> its name in the picture."""
MEASURES = (
    ("relative_merged_references", "memory references, merged"),
    ("relative_cycles", "cycles"),
    ("relative_storage_bits", "storage with indices"),
)
"""Columns of a study of granularity, and their names in the picture."""


def balance(frame: pd.DataFrame, title: str) -> Axes:
    """Speed-up over the dense layer by number of PEs, with and without load-balance-aware pruning.

    frame: columns `pes`, `balanced_speedup`, `plain_speedup`.
    """
    import pandas as pd

    lines = pd.concat([frame.assign(series=name, x=frame["pes"], y=frame[key]) for key, name in PRUNINGS.items()])
    axes = style.one(7, 4.2)
    drawn, sentences = draw_lines(axes, lines.sort_values("x", kind="stable"))
    axes.set_xscale("log", base=2)
    axes.xaxis.set_major_formatter("{x:g}")
    ticks = sorted(frame["pes"].unique())
    if len(ticks) <= 12:
        axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set_ylim(bottom=0)
    axes.set_xlabel("PEs of a channel")
    axes.set_ylabel("speed-up over dense on the same machine")
    style.name(axes, title)
    style.grid(axes, "y")
    style.label_ends(axes, drawn)
    style.note(axes, sentences)
    return axes


def granularity(frame: pd.DataFrame, title: str) -> list[Axes]:
    """Memory references, cycles and storage by granularity of pruning, relative to pruning single weights.

    frame: columns `network`, `densities`, `granularity` and those of MEASURES. Panels: a column for each network, a row
    for each value of `densities`, in the frame's order. A bar is the mean of its results, and is labelled with its
    value.
    """
    keys, columns = ["network", "densities", "granularity"], [column for column, _ in MEASURES]
    means = frame.groupby(keys, sort=False, as_index=False)[columns].mean()
    networks, kinds = means["network"].unique(), means["densities"].unique()
    grid = style.panels(len(kinds), len(networks), 5.6 * len(networks), 3.2 * len(kinds) + 0.5, share=True)
    for line, kind in zip(grid, kinds, strict=True):
        for axes, network in zip(line, networks, strict=True):
            chosen = (means["network"] == network) & (means["densities"] == kind)
            _group_bars(axes, means[chosen])
            for place in range(int(chosen.sum()), means["granularity"].nunique()):
                axes.text(place, 0.04, "not known", ha="center", fontsize=style.SMALL, color="0.35")
            style.name(axes, f"{network}, {kind}", 10)
        line[0].set_ylabel("relative to single weights")
    names = means["granularity"].unique()
    first = grid[0][0]
    first.set_xticks(range(len(names)), names)
    first.set_ylim(0, 1.15 * max(float(means[column].max()) for column in columns))
    style.legend(first, "outside lower center", len(MEASURES))
    means_of = f"; bars are means of {len(frame):,} results" if len(means) < len(frame) else ""
    style.figure_of(first).suptitle(title + means_of, x=0.01, ha="left", fontsize=11)
    return [axes for line in grid for axes in line]


def noise(frame: pd.DataFrame, title: str) -> Axes:
    """Entropy of predictions against the deviation of the noise, with standard errors, a line for each format.

    frame: columns `weights`, `sigma`, `entropy`, `spread`. No noise is at the left edge.
    """
    axes = style.one(7, 4.2)
    some = frame.loc[frame["sigma"] > 0, "sigma"]
    least = float(some.min()) / 3 if len(some) else 1e-4
    at = frame["sigma"].where(frame["sigma"] > 0, least)
    lines = frame.assign(series=frame["weights"].astype(str), x=at, y=frame["entropy"])
    drawn, sentences = draw_lines(axes, lines.sort_values("x", kind="stable"))
    if len(frame) <= MOST_BARS:
        axes.errorbar(at, frame["entropy"], frame["spread"], fmt="none", ecolor="0.4", capsize=3)
    style.logarithmic(axes, "x")
    axes.set_ylim(bottom=0)
    axes.set_xlabel("deviation of the noise (leftmost: none)")
    axes.set_ylabel("entropy of a predicted token (nats)")
    style.name(axes, title)
    style.grid(axes, "y")
    style.label_ends(axes, drawn)
    style.note(axes, sentences)
    return axes


def _group_bars(axes: Axes, frame: pd.DataFrame) -> None:
    """A group of bars for each row of the frame, with a bar for each of MEASURES."""
    axes.axhline(1, color="0.6", linewidth=0.6, zorder=0)
    for number, (column, name) in enumerate(MEASURES):
        places = [line + 0.27 * (number - 1) for line in range(len(frame))]
        bars = axes.bar(places, frame[column], 0.25, color=style.COLOURS[number], label=name)
        axes.bar_label(bars, fmt="%.2f", fontsize=7.5, padding=1.5, bbox={"color": "white", "pad": 0.3})
