"""A run to be drawn, and its picture: a line for each unit, a letter for what it did in each cycle."""

from typing import NamedTuple

import numpy as np

from docs.generate.picture import QUIET, Picture
from simulator.config.load import Config
from workloads.workload import Workload

BUSY, WAIT, BLOCKED, MOVE, OVER = "#9fd3be", "#f3f3f3", "#f2b8a0", "#f7d9a0", "#ffffff"
"""Colours of cells: useful work, waiting, waiting because something is full, moving data, nothing left to do."""
CELL, HIGH, LEFT, WORDS = 18, 24, 118, 240


class Timeline(NamedTuple):
    """A run to be drawn."""

    name: str
    title: str
    config: Config
    workload: Workload
    units: tuple[str, ...]  # names of the trace's rows
    letters: tuple[dict[str, tuple[str, str]], ...]  # of each row: letter -> colour, meaning
    cycles: int  # how many are drawn


def draw(timeline: Timeline, trace: np.ndarray) -> Picture:
    """A line for each unit, a cell for each cycle, and a legend below; trace: uint8 [units, cycles]."""
    units, cycles = trace.shape
    legend = {}
    width = max(LEFT + CELL * cycles + 16, 480)
    columns = width // WORDS
    rows = [bytes(row).decode() for row in trace]
    for row, letters in zip(rows, timeline.letters, strict=True):
        legend.update({(letter, *letters[letter]): None for letter in letters if letter in row})
    height = 52 + (HIGH + 4) * units + 12 + 22 * -(-len(legend) // columns)
    picture = Picture(width, height, timeline.title)
    picture.text(8, 20, timeline.title, size=13, bold=True)
    for cycle in range(0, cycles, 5):
        picture.text(LEFT + CELL * (cycle + 0.5), 42, str(cycle), "middle", 11, QUIET)
    for unit, name in enumerate(timeline.units):
        y = 50 + (HIGH + 4) * unit
        picture.text(LEFT - 8, y + 17, name, "end")
        for cycle, letter in enumerate(rows[unit]):
            picture.cell(LEFT + CELL * cycle, y, CELL - 1, HIGH, letter, timeline.letters[unit][letter][0])
    _legend(picture, list(legend), columns, 50 + (HIGH + 4) * units + 8)
    return picture


def _legend(picture: Picture, entries: list[tuple[str, str, str]], columns: int, top: float) -> None:
    """The legend: each letter with its meaning."""
    for number, (letter, colour, meaning) in enumerate(entries):
        x, y = 10 + WORDS * (number % columns), top + 22 * (number // columns)
        picture.cell(x, y, CELL - 1, 18, letter, colour)
        picture.text(x + CELL + 6, y + 13.5, meaning, size=12, colour=QUIET)
