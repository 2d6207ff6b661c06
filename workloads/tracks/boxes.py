"""Boxes in frames: a table of them, how far two overlap, and which of two tables are of the same object."""

from typing import NamedTuple

import numpy as np

from workloads.errors import refuse

MOST_ROWS, MOST_FRAMES, MOST_IN_FRAME = 1 << 20, 1 << 20, 1000
MOST_PAIRS = 50_000_000
"""Pairs of boxes of the same frame: about 10 s."""
FARTHEST = 1e7
"""Pixels from the origin."""


class Boxes(NamedTuple):
    """Rows in the order of their frames."""

    name: str
    frames: int  # of the sequence, as far as it is known: one more than the last frame with a box
    frame: np.ndarray  # int64 [n], from 0
    track: np.ndarray  # int64 [n]: number of the object; -1: not known
    label: np.ndarray  # int64 [n]: place in `labels`
    box: np.ndarray  # float64 [n, 4] in pixels: left, top, right, bottom
    score: np.ndarray  # float64 [n]
    counts: np.ndarray  # bool [n]: whether an object may appear with it, as it is large and visible enough
    labels: tuple[str, ...]
    left_out: tuple[str, ...] = ()  # sentences

    def choose(self, rows: np.ndarray) -> "Boxes":
        """The rows of a mask, bool [n], or of places, int64 [any], which ascend."""
        columns = ("frame", "track", "label", "box", "score", "counts")
        return self._replace(**{name: getattr(self, name)[rows] for name in columns})


def order(boxes: Boxes) -> Boxes:
    """The rows by frame. InputError where there are none, or too many, or a box that cannot be."""
    rows, name = len(boxes.frame), boxes.name
    if not 1 <= rows <= MOST_ROWS:
        refuse(name, f"it has {rows} boxes", f"1 to {MOST_ROWS}")
    low, high = int(boxes.frame.min()), int(boxes.frame.max())
    if low < 0 or high >= MOST_FRAMES:
        refuse(name, f"it has boxes in frames {low} to {high}, counted from 0", f"0 to {MOST_FRAMES - 1}")
    size = boxes.box[:, 2:] - boxes.box[:, :2]
    fits = np.isfinite(boxes.box).all(axis=1) & (np.abs(boxes.box) <= FARTHEST).all(axis=1) & (size > 0).all(axis=1)
    if not fits.all():
        row = int(np.flatnonzero(~fits)[0])
        shown = ", ".join(f"{value:g}" for value in boxes.box[row])
        what = f"a box in frame {boxes.frame[row]}, counted from 0, is [{shown}]"
        refuse(name, what, f"left < right and top < bottom, each at most {FARTHEST:,.0f} pixels from 0")
    if not np.isfinite(boxes.score).all():
        refuse(name, "a score is no finite number", "finite ones")
    most = int(np.bincount(boxes.frame).max())
    if most > MOST_IN_FRAME:
        refuse(name, f"a frame has {most} boxes", f"at most {MOST_IN_FRAME}")
    return boxes.choose(np.argsort(boxes.frame, kind="stable"))._replace(frames=max(boxes.frames, high + 1))


def overlaps(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Intersection over union of each box with each, float64 [n, m], of boxes float64 [n, 4] and [m, 4].

    >>> overlaps(np.array([[0.0, 0, 2, 2]]), np.array([[1.0, 0, 3, 2], [5, 5, 6, 6]])).round(3).tolist()
    [[0.333, 0.0]]
    """
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    shared = np.prod(np.maximum(high - low, 0), axis=2)
    areas = [np.prod(boxes[:, 2:] - boxes[:, :2], axis=1) for boxes in (first, second)]
    found: np.ndarray = shared / (areas[0][:, None] + areas[1][None, :] - shared)
    return found


class Pairs(NamedTuple):
    """Which boxes of the truth and of a detector are in the same frame, of the same label, and overlap."""

    truth: np.ndarray  # int64 [pairs]: row of the truth
    found: np.ndarray  # int64 [pairs]: row of the detector
    overlap: np.ndarray  # float64 [pairs], above the threshold


def find_pairs(truth: Boxes, found: Boxes, above: float = 0.5) -> Pairs:
    """Pairs whose intersection over union is greater than `above`. InputError where there are too many to try."""
    counts = [np.bincount(one.frame, minlength=max(truth.frames, found.frames)) for one in (truth, found)]
    tries = int(counts[0] @ counts[1])
    if tries > MOST_PAIRS:
        refuse(found.name, f"{tries:,} pairs of boxes are in the same frame", f"at most {MOST_PAIRS:,}")
    begins = [np.concatenate([[0], np.cumsum(one)]) for one in counts]
    known = {label: place for place, label in enumerate(truth.labels)}
    label = np.array([known.get(one, -1) for one in found.labels], np.int64)[found.label]
    rows: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    for frame in np.flatnonzero((counts[0] > 0) & (counts[1] > 0)).tolist():
        ours, theirs = (slice(begin[frame], begin[frame + 1]) for begin in begins)
        shared = overlaps(truth.box[ours], found.box[theirs])
        shared[truth.label[ours][:, None] != label[theirs][None, :]] = 0
        i, j = np.nonzero(shared > above)
        rows.append((i + ours.start, j + theirs.start, shared[i, j]))
    if not rows:
        return Pairs(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
    return Pairs(*(np.concatenate(column) for column in zip(*rows, strict=True)))
