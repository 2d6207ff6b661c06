"""CaTDet: a cheap network proposes regions, a tracker adds those of known objects, an expensive one refines them.

Which boxes the networks find is given: proposals, and what the expensive network finds on whole frames. It finds a box
in a region that overlaps it.
"""

from typing import NamedTuple

import numpy as np

from workloads.tracks.boxes import Boxes, overlaps
from workloads.tracks.regions import Frame, cover
from workloads.tracks.tracker import Tracker, TrackerSettings


class CascadeSettings(NamedTuple):
    """Scores from which boxes are used, and how far a region must overlap a box for it to be found there."""

    proposal_score: float = -np.inf
    track_score: float = -np.inf
    least_overlap: float = 0.5
    tracker: TrackerSettings = TrackerSettings()


class Cascade(NamedTuple):
    """What the expensive network does in each frame, and what it finds."""

    proposed: np.ndarray  # int64 [frames]: regions of the cheap network
    tracked: np.ndarray  # int64 [frames]: regions of the tracker
    cover: np.ndarray  # float64 [frames]: share of the frame under the union of all, grown by the margin
    found: Boxes  # the boxes that it finds

    @property
    def regions(self) -> np.ndarray:
        """Regions of each frame, int64 [frames]."""
        return self.proposed + self.tracked


def run_cascade(proposals: Boxes, detections: Boxes, frame: Frame, settings: CascadeSettings | None = None) -> Cascade:
    """Go through all frames; labels of both tables are those of `detections`.

    InputError where scipy is not installed, which assigns boxes to objects.
    """
    settings = CascadeSettings() if settings is None else settings
    tracker, frames = Tracker(frame, settings.tracker), max(proposals.frames, detections.frames)
    kept = np.zeros(len(detections.frame), bool)
    proposed, tracked, covered = np.zeros(frames, np.int64), np.zeros(frames, np.int64), np.zeros(frames)
    begins = [np.searchsorted(one.frame, np.arange(frames + 1)) for one in (proposals, detections)]
    for number in range(frames):
        ours, theirs = (slice(begin[number], begin[number + 1]) for begin in begins)
        cheap = proposals.box[ours][proposals.score[ours] >= settings.proposal_score]
        known = tracker.predict()
        regions = np.concatenate([cheap, known])
        proposed[number], tracked[number], covered[number] = len(cheap), len(known), cover(regions, frame)
        boxes = detections.box[theirs]
        seen = (overlaps(boxes, regions) >= settings.least_overlap).any(axis=1)
        kept[theirs] = seen
        strong = seen & (detections.score[theirs] >= settings.track_score)
        tracker.update(boxes[strong], detections.label[theirs][strong])
    return Cascade(proposed, tracked, covered, detections.choose(kept)._replace(frames=frames))
