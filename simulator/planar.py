"""A plane cut into tiles: rectangles are [first row, first column, row behind the last, column behind the last]."""

import numpy as np


def overlap(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Places that two rectangles share, int64 [...], for rectangles [..., 4]."""
    first, behind = np.maximum(left[..., :2], right[..., :2]), np.minimum(left[..., 2:], right[..., 2:])
    return np.maximum(behind - first, 0).prod(axis=-1)


def cut(start: int, end: int, parts: int) -> np.ndarray:
    """Equal parts of start .. end, int64 [parts, 2]; the last ones are ragged or empty."""
    size = -(-(end - start) // parts)
    border = np.minimum(start + size * np.arange(parts + 1, dtype=np.int64), end)
    return np.column_stack([border[:-1], border[1:]])


def grid(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """All rectangles of rows x columns, int64 [rows * columns, 4]."""
    down, across = np.repeat(rows, len(columns), axis=0), np.tile(columns, (len(rows), 1))
    return np.column_stack([down[:, 0], across[:, 0], down[:, 1], across[:, 1]])
