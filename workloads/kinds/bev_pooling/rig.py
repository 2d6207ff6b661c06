"""Cameras around a vehicle, and the cells of a bird's-eye view that the points of their rays are in.

An idealised rig: cameras at one place, at equal angles, level, without distortion. A feature at row v and column u of
an image stands for rays through it; its point at depth d is d before the camera, d x (u - middle) / focal to the side
and d x (v - horizon) / focal down.
"""

from typing import Annotated, NamedTuple, Self

import numpy as np
from pydantic import Field, model_validator

from workloads.yaml_files import Strict, Text

OUTSIDE = -1
MOST_SIDE = 1 << 14
"""Cells along a side of a view."""
Metres = Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False)]
Pixels = Annotated[float, Field(gt=0, le=1e5, allow_inf_nan=False)]


class Count(Strict):
    """How many there are, with where that is from."""

    value: Annotated[int, Field(ge=1, le=1 << 12)]
    source: Text


class Length(Strict):
    """Metres, with where they are from."""

    value: Metres
    source: Text


class Place(Strict):
    """Pixels, with where they are from."""

    value: Pixels
    source: Text


class Rig(Strict):
    """Cameras, their images and the depths of their points."""

    cameras: Count
    image_rows: Count  # pixels
    image_columns: Count
    stride: Count  # pixels from one feature to the next
    focal: Place  # pixels
    horizon: Place  # row of the image that is level
    height: Length  # of the cameras
    depths: Count
    nearest: Length
    step: Length  # from one depth to the next


class View(Strict):
    """A bird's-eye view: square cells of a square around the vehicle, each as tall as all of it."""

    reach: Length  # from the middle to a side
    cell: Length
    tallest: Length  # above and below the ground

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if not 1 <= 2 * self.reach.value / self.cell.value <= MOST_SIDE:
            raise ValueError(f"1 to {MOST_SIDE:,} cells along a side, which is twice the reach")
        return self

    @property
    def side(self) -> int:
        """Cells along a side."""
        return round(2 * self.reach.value / self.cell.value)


class Points(NamedTuple):
    """The points of all rays, camera after camera, row after row, column after column."""

    cell: np.ndarray  # int32 [rays, depths]: row x side + column of the view, or OUTSIDE
    side: int  # cells of the view


def points_of(rig: Rig, view: View) -> Points:
    """The cells of all points."""
    rows, columns = rig.image_rows.value // rig.stride.value, rig.image_columns.value // rig.stride.value
    across = np.linspace(0, rig.image_columns.value - 1, max(1, columns)) - rig.image_columns.value / 2
    down = np.linspace(0, rig.image_rows.value - 1, max(1, rows)) - rig.horizon.value
    depth = rig.nearest.value + rig.step.value * np.arange(rig.depths.value)
    ahead = np.broadcast_to(depth, (down.size, across.size, depth.size))
    with np.errstate(over="ignore"):  # a short focal length takes a point beyond all numbers
        aside = depth * (across / rig.focal.value)[None, :, None] + 0 * ahead
        level = rig.height.value - depth * (down / rig.focal.value)[:, None, None] + 0 * ahead
    side, found = view.side, []
    for camera in range(rig.cameras.value):
        turn = 2 * np.pi * camera / rig.cameras.value
        with np.errstate(invalid="ignore"):  # of infinity: no number is in a cell
            x, y = ahead * np.cos(turn) - aside * np.sin(turn), ahead * np.sin(turn) + aside * np.cos(turn)
            i, j = (np.floor((one + view.reach.value) / view.cell.value) for one in (x, y))
        inside = (i >= 0) & (i < side) & (j >= 0) & (j < side)
        inside &= (level >= -view.tallest.value) & (level < view.tallest.value)
        number = np.full(inside.shape, OUTSIDE, np.int32)
        number[inside] = i[inside].astype(np.int64) * side + j[inside].astype(np.int64)
        found.append(number.reshape(-1, depth.size))
    return Points(np.concatenate(found), side)
