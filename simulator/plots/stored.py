"""Compressed weights: storage by stage of the pipeline, and the centroids that weights share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.plots import style
from simulator.plots.rows import largest

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

STAGES = {"dense": "32-bit weights", "pruned": "pruned", "shared": "weights shared", "huffman": "Huffman coded"}
"""Column of a stage -> its name in the picture."""
KB = 8 * 1000
"""Bits of a KB, as in the table of `compress`."""
MOST_LAYERS = 6


def storage(frame: pd.DataFrame, title: str) -> Axes:
    """Storage after each stage of the pipeline, stacked by layer, and the factor to dense storage.

    frame: a row for each layer, with `layer`, and the bits after each stage in the columns of STAGES.
    """
    axes = style.one(7.4, 4.4)
    shown, rest = _split(frame)
    stages = list(STAGES)
    bottom = [0.0] * len(stages)
    for number, (name, bits) in enumerate([*shown, *rest]):
        heights = [bits[stage] / KB for stage in stages]
        colour = style.OTHER if number >= len(shown) else style.colour(number)
        axes.bar(range(len(stages)), heights, 0.62, bottom, color=colour, edgecolor="white", linewidth=0.5, label=name)
        bottom = [below + height for below, height in zip(bottom, heights, strict=True)]
    for place, whole in enumerate(bottom):
        times = f"\n{bottom[0] / whole:.3g} times smaller" if place and whole else ""
        axes.annotate(
            f"{style.number(whole)} KB{times}",
            (place, whole),
            (0, 4),
            textcoords="offset points",
            ha="center",
            fontsize=9,
        )
    axes.set_xticks(range(len(stages)), list(STAGES.values()))
    axes.set_ylim(0, 1.15 * max(bottom))
    axes.set_ylabel("weights, indices and codebooks (KB)")
    style.name(axes, title)
    if len(frame) > 1:
        axes.legend(frameon=False, fontsize=9, loc="upper right")
    style.note(axes, [f"the {len(shown)} largest of {len(frame):,} layers by name" if rest else ""])
    return axes


def _split(frame: pd.DataFrame) -> tuple[list[tuple[str, pd.Series]], list[tuple[str, pd.Series]]]:
    """Name and bits of each layer to show, and of the sum of all others where there are any."""
    kept, _ = largest(frame, "dense", MOST_LAYERS)
    others = frame.drop(kept.index)
    shown = [(str(row["layer"]), row) for _, row in kept.iterrows()]
    rest = [(f"{len(others):,} other layers", others[list(STAGES)].sum())] if len(others) else []
    return shown, rest


def weights(frame: pd.DataFrame, title: str) -> list[Axes]:
    """The centroids of each layer with the share of weights that each represents, over a histogram of the weights.

    frame: a row for each centroid or bin of a histogram, with `layer`, `what` (`centroid` or `weights`), `value`,
    `count`, and `width` of a bin. A panel is a layer; of more than MOST_LAYERS layers, the first are drawn.
    """
    names = list(dict.fromkeys(frame["layer"]))
    shown = names[:MOST_LAYERS]
    columns = 1 if len(shown) == 1 else 2
    lines = -(-len(shown) // columns)
    grid = style.panels(lines, columns, 7.2 if columns == 1 else 10, 0.8 + 3.1 * lines)
    flat = [axes for line in grid for axes in line]
    for axes, name in zip(flat, shown, strict=False):
        _draw_layer(axes, frame[frame["layer"] == name])
        style.name(axes, f"{title}: {name}" if columns == 1 else name)
    for axes in flat[len(shown) :]:
        axes.remove()
    if columns > 1:
        style.figure_of(flat[0]).suptitle(title, x=0.01, ha="left", fontsize=11)
    style.note(flat[0], [f"the first {len(shown)} of {len(names):,} layers" if len(names) > len(shown) else ""])
    return flat[: len(shown)]


def _draw_layer(axes: Axes, frame: pd.DataFrame) -> None:
    """A stem for each centroid; bars for the weights, scaled so that the largest is as high as the largest stem."""
    centroids, bins = frame[frame["what"] == "centroid"], frame[frame["what"] == "weights"]
    shares = 100 * centroids["count"] / max(1, centroids["count"].sum())
    if len(bins):
        scale = shares.max() / bins["count"].max()
        axes.bar(bins["value"], bins["count"] * scale, bins["width"], color="0.85", label="weights (scaled)", zorder=1)
    axes.vlines(centroids["value"], 0, shares, color=style.COLOURS[0], linewidth=1.5, zorder=2)
    axes.plot(centroids["value"], shares, "o", color=style.COLOURS[0], markersize=4.5, label="centroids", zorder=3)
    axes.set_ylim(0, 1.15 * max(shares.max(), 1e-9))
    axes.set_xlabel("value of a weight")
    axes.set_ylabel("weights with this centroid (%)")
    if len(bins):
        axes.legend(frameon=False, fontsize=9)
    style.grid(axes, "y")
