"""Offline delays: in frames, as if each result were there at once."""

import numpy as np

from workloads.tracks.boxes import Boxes, Pairs
from workloads.tracks.tracks import Tracks

NEVER = -1
CLIP = 30
"""Frames beyond which a delay does not count (Mao et al., ICCV 2019)."""


class Hits:
    """The frames in which a detector finds each object, with the highest score there."""

    def __init__(self, truth: Boxes, tracks: Tracks, found: Boxes, pairs: Pairs):
        track, frame = tracks.of_row[pairs.truth], truth.frame[pairs.truth]
        kept = track >= 0
        kept[kept] = frame[kept] >= tracks.appears[track[kept]]
        order = np.lexsort((frame[kept], track[kept]))
        self.track: np.ndarray = track[kept][order]  # int64 [hits], ascending
        self.frame: np.ndarray = frame[kept][order]  # int64 [hits], ascending within a track
        self.score: np.ndarray = found.score[pairs.found[kept]][order]  # float64 [hits]

    def at_score(self, least: float) -> tuple[np.ndarray, np.ndarray]:
        """Objects and frames, int64 [hits] each, of the hits with at least this score."""
        kept = self.score >= least
        return self.track[kept], self.frame[kept]


def first_frames(hits: Hits, tracks: Tracks, least: float) -> np.ndarray:
    """The first frame in which each object is found with at least this score, int64 [tracks]; NEVER."""
    first = np.full(len(tracks.last), NEVER, np.int64)
    track, frame = hits.at_score(least)
    first[track[::-1]] = frame[::-1]  # the earliest is written last
    return first


def offline_delays(tracks: Tracks, first: np.ndarray, more: int = 0) -> np.ndarray:
    """Frames from each object's appearance until it is found, int64 [tracks]; first: int64 [tracks].

    An object that is never found counts the frames from its first to its last one, and `more`.
    """
    found: np.ndarray = np.where(first == NEVER, tracks.last + more, first) - tracks.appears
    return found


def average_delay(means: np.ndarray) -> float:
    """Average delay of mean delays at operating points, float64 [points]: the harmonic mean of each plus one, less one.

    >>> average_delay(np.array([0.0, 2.0]))
    0.5
    """
    return float(1 / np.mean(1 / (np.asarray(means, np.float64) + 1)) - 1)
