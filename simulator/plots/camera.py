"""The picture of one camera: what the delay of its detections consists of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.plots.breakdowns import stack
from simulator.results.camera_frames import PARTS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

VARYING = ("workload", "machine", "fps", "policy", "depth", "detections", "point")
"""Columns that name a bar, where they differ from bar to bar."""


def delays(frame: pd.DataFrame, title: str) -> Axes | list[Axes]:
    """Mean delay, a bar for each row, by what it consists of.

    frame: columns of VARYING, and those of PARTS in ms.
    """
    pieces = frame[list(PARTS)].astype(float)
    named = [column for column in VARYING if frame[column].nunique() > 1] or ["point"]
    pieces.index = [", ".join(_words(column, row[column]) for column in named) for _, row in frame.iterrows()]
    return stack(pieces, "mean delay of an object (ms), not clipped", title)


def _words(column: str, value: object) -> str:
    if column == "fps":
        return f"{value:g} frames/s"
    return f"depth {value}" if column == "depth" else str(value)
