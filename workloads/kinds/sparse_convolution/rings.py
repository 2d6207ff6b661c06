"""A scan drawn after a LiDAR's geometry: rings of beams that meet the ground, or upright obstacles before it.

A beam turns around the sensor and returns a point from what it meets first: the ground, a plane below the sensor; or an
obstacle, a piece of a wall at some distance over some angle, up to some height. Beams that meet nothing in range return
nothing. The numbers that nobody publishes (obstacles) are fitted to what a real scan's voxels are like: how many, how
many neighbours each has, and how many remain after each layer with a stride.
"""

from typing import Annotated

import numpy as np
from pydantic import Field

from workloads.yaml_files import Strict, Text

Metres = Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False)]
Degrees = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]


class Distance(Strict):
    """A length in metres with where it comes from."""

    value: Metres
    source: Text


class Angle(Strict):
    """An angle over the horizon in degrees with where it comes from."""

    value: Degrees
    source: Text


class Beams(Strict):
    """How many beams there are, with where that is from."""

    value: Annotated[int, Field(ge=1, le=1024)]
    source: Text


class Steps(Strict):
    """In how many directions a turn measures, with where that is from."""

    value: Annotated[int, Field(ge=1, le=1 << 16)]
    source: Text


class Obstacles(Strict):
    """How many obstacles are around the sensor, with where that is from."""

    value: Annotated[int, Field(ge=0, le=1 << 12)]
    source: Text


class Rings(Strict):
    """A LiDAR on a vehicle, and what is around it."""

    beams: Beams
    directions: Steps
    lowest: Angle
    highest: Angle
    height: Distance  # of the sensor over the ground
    reach: Distance  # the longest distance that returns a point
    noise: Distance  # standard deviation of a distance
    rough: Distance  # standard deviation of an obstacle's surface, as leaves and parts have it
    obstacles: Obstacles
    nearest: Distance  # of an obstacle
    width: Distance  # of an obstacle, on average
    tallest: Distance  # top of an obstacle over the ground, at most


FEATURES = 5
"""Of a point: x, y, z, intensity, time."""


def draw_points(rings: Rings, directions: int, rng: np.random.Generator) -> np.ndarray:
    """The points of a turn of `directions`, float32 [points, FEATURES], beam after beam, around the sensor."""
    angle = np.radians(np.linspace(rings.lowest.value, rings.highest.value, rings.beams.value))
    around = np.arange(directions) * (2 * np.pi / directions)
    wall, top = _walls(rings, around, rng)
    slope = np.tan(angle)[:, None]
    down = np.minimum(slope, -1e-9)
    ground = np.where(slope < 0, -rings.height.value / down, np.inf)
    with np.errstate(invalid="ignore"):  # a level beam that meets no obstacle: no number, and so no hit
        hit = (wall * slope + rings.height.value <= top) & (wall <= ground)
    flat = np.where(hit, wall, np.broadcast_to(ground, (angle.size, directions)))
    distance = flat / np.cos(angle)[:, None]
    returned = distance <= rings.reach.value
    beam, turn = np.nonzero(returned)
    spread = np.where(hit[beam, turn], rings.rough.value, rings.noise.value)
    far = distance[beam, turn] + spread * rng.standard_normal(beam.size)
    level = far * np.cos(angle[beam])
    points = np.empty((beam.size, FEATURES), np.float32)
    points[:, 0], points[:, 1] = level * np.cos(around[turn]), level * np.sin(around[turn])
    points[:, 2] = far * np.sin(angle[beam])
    points[:, 3], points[:, 4] = rng.random(beam.size), 0
    return points


def _walls(rings: Rings, around: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The nearest obstacle in each direction, float64 [directions]: its distance, infinite for none, and its top."""
    wall, top = np.full(around.size, np.inf), np.zeros(around.size)
    count, near, far = rings.obstacles.value, rings.nearest.value, rings.reach.value
    middle, turned = rng.uniform(0, 2 * np.pi, (2, count))
    least = rng.uniform(near, max(far, near), count)
    half, tall = rng.exponential(rings.width.value, count) / 2, rng.uniform(0.3, 1.0, count) * rings.tallest.value
    for at, distance, reach, height, way in zip(middle, least, half, tall, turned, strict=True):
        off = (around - at + np.pi) % (2 * np.pi) - np.pi
        seen = np.abs(off) < np.arctan2(reach, distance)
        lean = np.tan(off[seen]) * np.sin(way) * 0.7
        here = distance / (np.cos(off[seen]) * np.maximum(0.2, 1 - lean))
        nearer = here < wall[seen]
        place = np.flatnonzero(seen)[nearer]
        wall[place], top[place] = here[nearer], height
    return wall, top
