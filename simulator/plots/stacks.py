"""Why a run takes as long as it does: stacks of cycles, slack of the PEs, what single changes save."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulator.plots import colours, style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

MOST_BARS = 32
MOST_PES = 256
MOST_CHANGES = 24
PARTS = {
    "work": colours.WORK,
    "padding": colours.ACTIVATIONS,
    "stored zeros": colours.ACTIVATIONS,
    "zeros": colours.ACTIVATIONS,
    "fragmentation": colours.WEIGHTS,
    "empty slices": colours.PLACES,
    "bank conflicts": colours.PLACES,
    "unevenness": colours.SPREAD,
    "barriers": colours.NETWORK,
    "queue": colours.QUEUES,
    "weight FIFO": colours.QUEUES,
    "scan": colours.LATE,
    "assembler": colours.LATE,
    "post-processing": colours.LATE,
    "broadcast": colours.WAIT,
    "batching": colours.SUMS,
    "element-wise": colours.SUMS,
    "start and drain": colours.IDLE,
    "memory": colours.DRAM,
}
"""The colour of each mechanism. No two of a machine share one."""


def stacks(frame: pd.DataFrame, title: str) -> Axes:
    """A bar for each layer: the shares of its cycles by what takes them; negative parts lie left of zero.

    frame: a row for each part, with `layer`, `part` and `cycles`. Of more than MOST_BARS layers, the longest are drawn.
    """
    pieces = frame.pivot_table(index="layer", columns="part", values="cycles", aggfunc="sum", sort=False).fillna(0)
    whole = pieces.sum(axis=1)
    kept = pieces.loc[whole.nlargest(MOST_BARS).index] if len(pieces) > MOST_BARS else pieces
    names = sorted(map(str, kept), key=lambda name: list(PARTS).index(name) if name in PARTS else len(PARTS))
    used = [name for name in names if kept[name].any()] or names[:1]
    shares = 100 * kept[used].div(whole[kept.index].replace(0, 1), axis=0)
    axes = style.one(9, 1.6 + 0.3 * max(4, len(kept)))
    known = colours.of_names([name for name in used if name not in PARTS])
    found = {name: PARTS.get(name) or known[name] for name in used}
    hatch, right, left = colours.hatches(found), shares.iloc[:, 0] * 0, shares.iloc[:, 0] * 0
    for name, colour in found.items():
        up, down = shares[name].clip(lower=0), shares[name].clip(upper=0)
        look: dict[str, Any] = {"color": colour, "edgecolor": "white", "linewidth": 0.5, "hatch": hatch[name]}
        axes.barh(range(len(kept)), up, 0.72, right, label=name, **look)
        if down.any():
            axes.barh(range(len(kept)), down, 0.72, left, **look)
        right, left = right + up, left + down
    for place, (end, cycles) in enumerate(zip(right, whole[kept.index], strict=True)):
        axes.annotate(
            f"{cycles:,.0f}", (end, place), (3, 0), textcoords="offset points", va="center", fontsize=style.SMALL
        )
    axes.set_yticks(range(len(kept)), [str(name) for name in kept.index])
    axes.set_ylim(len(kept) - 0.4, -0.6)
    axes.set_xlim(1.05 * float(left.min()), 1.12 * max(float(right.max()), 1.0))
    axes.set_xlabel("share of the run's cycles (%), and the cycles")
    style.grid(axes, "x")
    style.name(axes, title)
    style.legend(axes, "outside right upper")
    style.note(axes, [f"the {MOST_BARS} longest of {len(pieces):,} layers" if len(pieces) > MOST_BARS else ""])
    return axes


def slack(frame: pd.DataFrame, title: str) -> list[Axes]:
    """Two panels over the PEs: the cycles of the critical path that each takes, and its slack; no slack is marked.

    frame: a row for each PE, with `pe`, `slack` and `path_cycles`. Of more than MOST_PES, neighbours share a bar: the
    sum of the path, the least slack.
    """
    group = frame["pe"] * MOST_PES // max(MOST_PES, len(frame))
    bars = frame.groupby(group).agg({"pe": "min", "slack": "min", "path_cycles": "sum"})
    (upper,), (lower,) = style.panels(2, 1, 9, 4.4)
    width = 0.9 * max(1.0, len(frame) / MOST_PES)
    upper.bar(bars["pe"], bars["path_cycles"], width, color=colours.WORK)
    upper.set_ylabel("cycles of the path")
    lower.bar(bars["pe"], bars["slack"], width, color=colours.WAIT)
    critical = bars[bars["slack"] == 0]
    lower.plot(critical["pe"], critical["slack"], "v", color=colours.PLACES, markersize=4, label="none")
    lower.set_ylabel("slack (cycles)")
    for axes in (upper, lower):
        axes.set_xlabel("PE")
        axes.set_xlim(-1, float(frame["pe"].max()) + 1)
        style.grid(axes, "y")
    style.name(upper, title)
    none = int((frame["slack"] == 0).sum())
    shared = f"a bar is up to {-(-len(frame) // MOST_PES)} PEs" if len(frame) > MOST_PES else ""
    style.note(upper, [f"{none:,} of {len(frame):,} PEs have no slack (marked)", shared])
    return [upper, lower]


def slack_map(frame: pd.DataFrame, title: str) -> Axes:
    """A heat map over time and PEs: how many cycles longer the work that begins there may take; blank where none does.

    frame: a row for each cell, with `cycle` and `pe`, its first ones, `slack`, and `cycles` and `pes` of the run.
    """
    import numpy as np
    from matplotlib.colors import SymLogNorm

    cells = frame.pivot_table(index="pe", columns="cycle", values="slack", aggfunc="min", dropna=False)
    cycles, pes = int(frame["cycles"].iloc[0]), int(frame["pes"].iloc[0])
    slack = cells.to_numpy(float)
    axes = style.one(9, 4.6)
    most = max(1, int(np.nanmax(slack)))
    edges = np.append(cells.columns.to_numpy(float), cycles), np.append(cells.index.to_numpy(float), pes)
    scale = SymLogNorm(1, vmin=0, vmax=most)
    mesh = axes.pcolormesh(*edges, np.ma.masked_invalid(slack), cmap=f"{style.HEAT}_r", norm=scale)
    mesh.set_rasterized(True)
    ticks = [0, *(10**power for power in range(len(str(most))))]
    bar = style.figure_of(axes).colorbar(mesh, ax=axes, pad=0.01, ticks=ticks, format="{x:,.0f}")
    bar.set_label("slack (cycles)")
    bar.minorticks_off()
    style.of_pes(axes, pes)
    axes.set_xlabel("cycle")
    style.name(axes, title)
    critical = 100 * float((slack == 0).sum()) / max(1.0, float((~np.isnan(slack)).sum()))
    shared = f"a row is up to {-(-pes // slack.shape[0])} PEs" if pes > slack.shape[0] else ""
    wide = f"a cell is {cycles / slack.shape[1]:,.4g} cycles" if cycles > slack.shape[1] else ""
    style.note(axes, [f"{critical:.1f} % of the cells have no slack", wide, shared])
    return axes


def changes(frame: pd.DataFrame, title: str) -> Axes:
    """A bar for each change: the share of the run's cycles that it saves; to the left, what it costs.

    frame: a row for each change, with `change` and `saved_percent`. Of more than MOST_CHANGES, the largest are drawn.
    """
    kept = frame.loc[frame["saved_percent"].abs().nlargest(MOST_CHANGES).index]
    kept = kept.sort_values("saved_percent", ascending=False)
    axes = style.one(8, 1.5 + 0.32 * max(3, len(kept)))
    found = [colours.WORK if saved > 0 else colours.PLACES for saved in kept["saved_percent"]]
    axes.barh(range(len(kept)), kept["saved_percent"], 0.7, color=found)
    for place, saved in enumerate(kept["saved_percent"]):
        where: dict[str, Any] = {"xytext": (4 if saved > 0 else -4, 0), "ha": "left" if saved > 0 else "right"}
        axes.annotate(f"{saved:.3g}", (saved, place), textcoords="offset points", va="center", fontsize=8, **where)
    axes.set_yticks(range(len(kept)), kept["change"].astype(str))
    axes.set_ylim(len(kept) - 0.4, -0.6)
    axes.margins(x=0.12)
    axes.axvline(0, color="0.4", linewidth=0.8)
    axes.set_xlabel("cycles saved (% of the run)")
    style.grid(axes, "x")
    style.name(axes, title)
    style.note(axes, [f"the {MOST_CHANGES} largest of {len(frame):,} changes" if len(frame) > MOST_CHANGES else ""])
    return axes
