"""The tracker of CaTDet: objects are carried on to the next frame by their velocity, and matched by overlap.

A tracked object has a confidence, which a match raises and a miss lowers; below 0 it is forgotten.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from workloads.extras import import_extra
from workloads.tracks.boxes import overlaps
from workloads.tracks.regions import Frame


class TrackerSettings(NamedTuple):
    """Numbers that are not published: this project's choice, but for the narrowest box."""

    least_overlap: float = 0.3  # intersection over union of a match
    decay: float = 0.7  # share of the old velocity in the new one, at a match; what is left of it, at a miss
    gain: int = 1  # of confidence, at a match
    loss: int = 1  # of confidence, at a miss
    most: int = 3  # confidence
    narrowest: float = 10.0  # pixels: narrower boxes are not predicted


@dataclass
class Tracked:
    """Objects of one label that are tracked, in rows."""

    box: np.ndarray  # float64 [n, 4], where each was or is predicted
    velocity: np.ndarray  # float64 [n, 4], pixels a frame of each edge
    confidence: np.ndarray  # int64 [n]


class Tracker:
    """Tracks objects of several labels."""

    def __init__(self, frame: Frame, settings: TrackerSettings | None = None):
        self.frame, self.settings = frame, TrackerSettings() if settings is None else settings
        self.tracked: dict[int, Tracked] = {}
        self._assign = import_extra("scipy.optimize", "tracks", "the tracker").linear_sum_assignment

    def predict(self) -> np.ndarray:
        """Carry all objects on by their velocities; return the boxes where they are looked for, float64 [n, 4].

        Boxes that leave the image or are too narrow are no longer looked for, and forgotten.
        """
        found = []
        for tracked in self.tracked.values():
            tracked.box = tracked.box + tracked.velocity
            inside = (tracked.box[:, :2] < [self.frame.width, self.frame.height]).all(axis=1)
            inside &= (tracked.box[:, 2:] > 0).all(axis=1)
            inside &= tracked.box[:, 2] - tracked.box[:, 0] >= self.settings.narrowest
            inside &= tracked.box[:, 3] > tracked.box[:, 1]
            _keep(tracked, inside)
            found.append(tracked.box)
        return np.concatenate(found) if found else np.zeros((0, 4))

    def update(self, boxes: np.ndarray, labels: np.ndarray) -> None:
        """Match the predicted objects with what was detected: boxes float64 [n, 4], labels int64 [n]."""
        for label in sorted({*self.tracked, *labels.tolist()}):
            self._update(label, boxes[labels == label])

    def _update(self, label: int, boxes: np.ndarray) -> None:
        """The objects of one label with its boxes, float64 [n, 4]."""
        settings = self.settings
        empty = Tracked(np.zeros((0, 4)), np.zeros((0, 4)), np.zeros(0, np.int64))
        tracked = self.tracked.setdefault(label, empty)
        shared = overlaps(tracked.box, boxes)
        rows, columns = self._assign(-shared)
        good = shared[rows, columns] >= settings.least_overlap
        rows, columns = rows[good], columns[good]
        before = tracked.box[rows] - tracked.velocity[rows]
        missed = np.ones(len(tracked.box), bool)
        missed[rows] = False
        tracked.velocity[rows] *= settings.decay
        tracked.velocity[rows] += (1 - settings.decay) * (boxes[columns] - before)
        tracked.box[rows] = boxes[columns]
        tracked.velocity[missed] *= settings.decay
        tracked.confidence[rows] = np.minimum(settings.most, tracked.confidence[rows] + settings.gain)
        tracked.confidence[missed] -= settings.loss
        _keep(tracked, tracked.confidence >= 0)
        new = np.delete(np.arange(len(boxes)), columns)
        tracked.box = np.concatenate([tracked.box, boxes[new]])
        tracked.velocity = np.concatenate([tracked.velocity, np.zeros((len(new), 4))])
        tracked.confidence = np.concatenate([tracked.confidence, np.zeros(len(new), np.int64)])


def _keep(tracked: Tracked, rows: np.ndarray) -> None:
    """Forget all but some rows, bool [n]."""
    tracked.box, tracked.velocity = tracked.box[rows], tracked.velocity[rows]
    tracked.confidence = tracked.confidence[rows]
