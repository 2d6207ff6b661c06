"""A drawing of a drawn scan's occupancy and of the time of each layer of the encoder over it."""

from typing import NamedTuple

import numpy as np

from docs.generate.picture import QUIET, Picture
from simulator.config.load import load_arch
from simulator.core.registry import find
from workloads.model import open_model

NETWORK, MACHINE = "bevfusion-encoder", "points"
SHADES = ("#c6dbef", "#6baed6", "#08519c")
"""Of squares with few, some and many voxels."""
LEVELS = (1, 4, 16)
CELLS, SQUARE = 24, 6
"""Voxels along a side of a square, and its size in the drawing."""
LEAST, MORE = "#0072b2", "#f3cf80"
TOP, LEFT, LINE, LONGEST = 60, 470, 17, 330


class Bar(NamedTuple):
    """A layer."""

    name: str
    cycles: int
    least: int  # cycles in which rows stream


def pages(_: object) -> dict[str, str]:
    """The drawing by file name."""
    config, bars = load_arch(MACHINE), []
    layers = [layer.load({}).layer for layer in open_model(NETWORK).layers]
    for layer in layers:
        machine = find(MACHINE)
        run = machine.run_engine(config.arch, *machine.layout(config.arch, layer), 0, False)
        bars.append(Bar(layer.name, run.cycles, int(run.reasons.multiply[0])))
    return {"drawings/points_encoder.svg": draw(layers[0].places, layers[0].geometry.grid[0], bars).svg()}


def draw(places: np.ndarray, side: int, bars: list[Bar]) -> Picture:
    """The scan from above, places int32 [voxels, 3] of a grid of `side` cells, and a bar for each layer."""
    squares = -(-side // CELLS)
    picture = Picture(LEFT + 90 + LONGEST + 20, TOP + max(SQUARE * squares, LINE * len(bars)) + 34, "A scan, and times")
    picture.text(8, 20, f"{len(places):,} voxels of a drawn scan, from above", bold=True)
    picture.text(8, 40, "a square is 1.8 m wide; the darker, the more voxels it has", size=12, colour=QUIET)
    held = np.zeros((squares, squares), np.int64)
    np.add.at(held, (places[:, 0] // CELLS, places[:, 1] // CELLS), 1)
    picture.bar(8, TOP, SQUARE * squares, SQUARE * squares, "#f7f7f7")
    for level, (least, shade) in enumerate(zip(LEVELS, SHADES, strict=True)):
        most = LEVELS[level + 1] if level + 1 < len(LEVELS) else held.size * CELLS**2
        corners = [(8 + SQUARE * x, TOP + SQUARE * y) for x, y in np.argwhere((held >= least) & (held < most)).tolist()]
        picture.squares(corners, SQUARE, shade)
    _bars(picture, bars)
    return picture


def _bars(picture: Picture, bars: list[Bar]) -> None:
    picture.text(LEFT, 20, "time of each layer on points, cycles", bold=True)
    for x, colour, words in ((LEFT, LEAST, "rows stream"), (LEFT + 110, MORE, "waits")):
        picture.bar(x, 31, 10, 10, colour)
        picture.text(x + 15, 40, words, size=12, colour=QUIET)
    scale = LONGEST / max(bar.cycles for bar in bars)
    for number, bar in enumerate(bars):
        y = TOP + LINE * number
        picture.text(LEFT + 50, y + 11, bar.name, "end", 12)
        picture.bar(LEFT + 58, y, round(bar.least * scale, 1), LINE - 4, LEAST)
        picture.bar(
            LEFT + 58 + round(bar.least * scale, 1), y, round((bar.cycles - bar.least) * scale, 1), LINE - 4, MORE
        )
