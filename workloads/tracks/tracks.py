"""The objects of a ground truth: when each appears and is there for the last time."""

from typing import NamedTuple

import numpy as np

from workloads.errors import refuse
from workloads.tracks.boxes import Boxes


class Tracks(NamedTuple):
    """Objects by label and number; int64 [tracks] each."""

    label: np.ndarray
    track: np.ndarray
    appears: np.ndarray  # its first frame that counts
    last: np.ndarray  # its last frame
    of_row: np.ndarray  # int64 [rows of the truth]: which object; -1: one that never appears


def find_tracks(truth: Boxes) -> Tracks:
    """The objects that appear: large and visible enough in one frame at least.

    InputError where a box belongs to no object, where an object has two boxes in a frame, or where none appears.
    """
    if (truth.track < 0).any():
        frame = int(truth.frame[np.flatnonzero(truth.track < 0)[0]])
        refuse(truth.name, f"a box in frame {frame}, counted from 0, has no number of an object", "one for each box")
    keys = np.stack([truth.label, truth.track], axis=1)
    unique, of_row = np.unique(keys, axis=0, return_inverse=True)
    of_row = of_row.reshape(-1).astype(np.int64)
    _check_once(truth, of_row)
    appears = np.full(len(unique), np.iinfo(np.int64).max)
    np.minimum.at(appears, of_row[truth.counts], truth.frame[truth.counts])
    last = np.zeros(len(unique), np.int64)
    np.maximum.at(last, of_row, truth.frame)
    there = appears <= last
    if not there.any():
        refuse(truth.name, "no object is large and visible enough in any frame", "one object at least")
    number = np.where(there, np.cumsum(there) - 1, -1)
    return Tracks(unique[there, 0], unique[there, 1], appears[there], last[there], number[of_row])


def _check_once(truth: Boxes, of_row: np.ndarray) -> None:
    places, counts = np.unique(np.stack([truth.frame, of_row], axis=1), axis=0, return_counts=True)
    if (counts > 1).any():
        frame, track = places[int(np.argmax(counts > 1))].tolist()
        number = truth.track[of_row == track][0]
        refuse(truth.name, f"object {number} has two boxes in frame {frame}, counted from 0", "one in a frame")
