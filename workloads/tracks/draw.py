"""Drawn sequences: objects that come, move, grow and go, and what a detector finds of them."""

from typing import NamedTuple

import numpy as np

from workloads.tracks.boxes import Boxes, order
from workloads.tracks.read import OBJECT


class Scene(NamedTuple):
    """What sequences are drawn after. Lengths in pixels, times in frames."""

    width: int
    height: int
    frames: int
    objects: float  # in a frame, on average
    stay: float  # how long an object is there, on average
    tall: float  # median of the boxes' heights
    spread: float  # of the logarithm of the heights
    aspect: float  # width over height
    speed: float  # deviation of the change of place in a frame
    recall: float  # share of an object's boxes that the detector finds once it has found the object
    late: float  # frames that it misses first, on average
    wrong: float  # false detections in a frame, on average
    jitter: float  # deviation of a detected edge, as a share of the box's side


KITTI_LIKE = Scene(1242, 375, 600, 6.5, 40.0, 75.0, 0.5, 1.5, 2.0, 0.95, 1.0, 1.0, 0.03)
"""A road: frames of KITTI's size, objects of the number that TUD-Stadtmitte has, boxes wider than tall, as cars are.

The numbers are this project's choice; the share of the frame that the objects cover, with a margin of 30 pixels, is
near that of real tracks: 0.34 to 0.40 in TUD-Campus and TUD-Stadtmitte."""
PROPOSED = KITTI_LIKE._replace(recall=0.85, wrong=4.0)
"""What a cheap detector finds there: fewer of the objects, more of what is none."""


def draw_truth(scene: Scene, rng: np.random.Generator) -> Boxes:
    """The boxes of all objects; each object keeps its number."""
    count = max(1, round(scene.objects * scene.frames / scene.stay))
    stay = np.maximum(1, rng.exponential(scene.stay, count)).astype(np.int64)
    begin = rng.integers(-int(scene.stay), scene.frames, count)
    tall = scene.tall * np.exp(scene.spread * rng.standard_normal(count))
    tall = np.clip(tall, 20, 0.8 * scene.height)
    wide = np.minimum(tall * scene.aspect * np.exp(0.2 * rng.standard_normal(count)), 0.5 * scene.width)
    place = rng.random((count, 2)) * np.array([scene.width, scene.height])
    speed = scene.speed * rng.standard_normal((count, 2)) * np.array([1.0, 0.2])
    rows = []
    for one in range(count):
        age = np.arange(stay[one])
        frame = begin[one] + age
        centre = place[one] + age[:, None] * speed[one]
        half = np.array([wide[one], tall[one]]) / 2
        box = np.concatenate([centre - half, centre + half], axis=1)
        box = np.clip(box, 0, [scene.width, scene.height] * 2)
        there = (frame >= 0) & (frame < scene.frames) & ((box[:, 2:] - box[:, :2]) >= 8).all(axis=1)
        rows.append((frame[there], np.full(there.sum(), one), box[there]))
    frame, track, boxes = (np.concatenate(column) for column in zip(*rows, strict=True))
    return _table(scene, frame, track, boxes, np.ones(len(frame)))


def draw_detections(scene: Scene, truth: Boxes, rng: np.random.Generator) -> Boxes:
    """What a detector finds: an object after some frames, then most of its boxes, and some boxes where nothing is.

    Scores of right boxes are higher on average than those of wrong ones.
    """
    late = rng.geometric(1 / (1 + scene.late), truth.track.max() + 1) - 1
    first = np.full(truth.track.max() + 1, scene.frames)
    np.minimum.at(first, truth.track, truth.frame)
    seen = (truth.frame - first[truth.track] >= late[truth.track]) & (rng.random(len(truth.frame)) < scene.recall)
    side = np.tile(truth.box[seen, 2:] - truth.box[seen, :2], 2)
    right = truth.box[seen] + scene.jitter * side * rng.standard_normal(side.shape)
    count = rng.poisson(scene.wrong * scene.frames)
    frame = rng.integers(0, scene.frames, count)
    tall = np.clip(scene.tall * np.exp(scene.spread * rng.standard_normal(count)), 20, scene.height / 2)
    half = np.stack([tall * scene.aspect, tall], axis=1) / 2
    centre = rng.random((count, 2)) * np.array([scene.width, scene.height])
    wrong = np.concatenate([centre - half, centre + half], axis=1)
    score = np.concatenate([rng.beta(6, 2, seen.sum()), rng.beta(2, 4, count)])
    frames = np.concatenate([truth.frame[seen], frame])
    return _table(scene, frames, np.full(len(frames), -1), np.concatenate([right, wrong]), score)


def _table(scene: Scene, frame: np.ndarray, track: np.ndarray, box: np.ndarray, score: np.ndarray) -> Boxes:
    """Rows int64 [n], int64 [n], float64 [n, 4], float64 [n] as a table."""
    rows = len(frame)
    columns = frame.astype(np.int64), track.astype(np.int64), np.zeros(rows, np.int64), box, score
    return order(Boxes("drawn", scene.frames, *columns, np.ones(rows, bool), (OBJECT,)))
