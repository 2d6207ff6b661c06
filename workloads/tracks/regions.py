"""The share of a frame that regions cover, in cells of the map that a network computes of it."""

from typing import NamedTuple

import numpy as np


class Frame(NamedTuple):
    """Sizes in pixels."""

    width: int
    height: int
    margin: int = 30  # by which a region grows on each side, so that its edges see what a whole frame would show them
    stride: int = 16  # of a cell: the distance of places of the map

    @property
    def cells(self) -> tuple[int, int]:
        """Rows and columns of cells, those that are cut at the right and lower edges included."""
        return -(-self.height // self.stride), -(-self.width // self.stride)


def covered_cells(boxes: np.ndarray, frame: Frame) -> np.ndarray:
    """Which cells a region touches once it has grown by the margin, bool [rows, columns]: the union.

    boxes: float64 [n, 4] in pixels: left, top, right, bottom. What is outside of the frame does not count.
    """
    rows, columns = frame.cells
    edges = np.zeros((rows + 1, columns + 1), np.int64)
    if len(boxes):
        low = np.clip(boxes[:, :2] - frame.margin, 0, [frame.width, frame.height])
        high = np.clip(boxes[:, 2:] + frame.margin, 0, [frame.width, frame.height])
        inside = (low < high).all(axis=1)
        left, top = (low // frame.stride).astype(np.int64).T
        right, bottom = -(-high // frame.stride).astype(np.int64).T
        left, top, right, bottom = left[inside], top[inside], right[inside], bottom[inside]
        for row, column, sign in ((top, left, 1), (top, right, -1), (bottom, left, -1), (bottom, right, 1)):
            np.add.at(edges, (row, column), sign)
    covered: np.ndarray = edges.cumsum(axis=0).cumsum(axis=1)[:rows, :columns] > 0
    return covered


def cover(boxes: np.ndarray, frame: Frame) -> float:
    """The share of the cells that regions, float64 [n, 4], touch; see `covered_cells`.

    >>> cover(np.array([[0.0, 0, 16, 16]]), Frame(64, 64, margin=0))
    0.0625
    """
    return float(covered_cells(boxes, frame).mean())
