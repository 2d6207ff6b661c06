"""A detector and its delays, in frames and in milliseconds, with and without latency."""

from typing import NamedTuple

import numpy as np

from simulator.results.camera_result import Average, Point
from simulator.system.camera.camera import PS_PER_MS, PS_PER_S, Camera
from simulator.system.camera.camera_run import CameraRun
from simulator.system.camera.delays import PARTS, delays
from workloads.tracks.boxes import Boxes, find_pairs
from workloads.tracks.delay import CLIP, Hits, average_delay, first_frames, offline_delays
from workloads.tracks.operating import RATES, rank, score_at_precision, score_at_rate
from workloads.tracks.tracks import Tracks, find_tracks

STAYS = 1
"""Frames more than from the first to the last: CaTDet's delay of an object that is never found is its whole stay."""


class Detector(NamedTuple):
    """A ground truth, and what a detector found in each frame."""

    truth: Boxes
    tracks: Tracks
    hits: Hits
    scores: tuple[float, ...]  # at the six rates of false positives
    precise: float | None  # score of the precision asked for; None: no score has it
    found_once: int  # objects that it finds in one frame at least


def read_detector(truth: Boxes, found: Boxes, overlap: float = 0.5, precision: float = 0.8) -> Detector:
    """Match what was found with the truth. overlap: the intersection over union that a match exceeds."""
    tracks, pairs = find_tracks(truth), find_pairs(truth, found, overlap)
    ranked, hits = rank(truth, found, pairs), Hits(truth, tracks, found, pairs)
    scores = tuple(score_at_rate(ranked, len(truth.frame), rate) for rate in RATES)
    seen = int(np.count_nonzero(first_frames(hits, tracks, -np.inf) >= 0))
    return Detector(truth, tracks, hits, scores, score_at_precision(ranked, precision), seen)


def delay_points(
    detector: Detector, camera: Camera, run: CameraRun, fps: float, clip: float = CLIP, precision: float = 0.8
) -> list[Point]:
    """All detections; those of the precision, as CaTDet's mean delay; and those at the six rates of average delay."""
    points = [measure(detector, camera, run, fps, clip, "all detections", -np.inf)]
    if detector.precise is not None:
        name = f"precision {precision:g}"
        points.append(measure(detector, camera, run, fps, clip, name, detector.precise, STAYS))
    for rate, score in zip(RATES, detector.scores, strict=True):
        points.append(measure(detector, camera, run, fps, clip, f"{rate:g} false per box", score))
    return points


def measure(
    detector: Detector, camera: Camera, run: CameraRun, fps: float, clip: float, name: str, score: float, more: int = 0
) -> Point:
    """The delays at one score. more: frames that an object that is never found counts beyond its last one.

    With more, the mean is that of the labels' means, as CaTDet has it; without, of all objects.
    """
    tracks, period = detector.tracks, PS_PER_S / fps
    offline = offline_delays(tracks, first_frames(detector.hits, tracks, score), more)
    found = delays(detector.hits, tracks, camera, run, score, more)
    weights = _weights(tracks, by_label=more > 0)
    clipped = np.minimum(found.total_ps, clip * period)
    parts = weights @ found.parts_ps / PS_PER_MS
    return Point(
        name=name,
        score=score,
        offline_frames=float(weights @ np.minimum(offline, clip)),
        frames=float(weights @ clipped / period),
        ms=float(weights @ clipped / PS_PER_MS),
        unclipped_ms=float(weights @ found.total_ps / PS_PER_MS),
        parts_ms=dict(zip(PARTS, parts.tolist(), strict=True)),
        never=int(np.count_nonzero(found.frame < 0)),
    )


def average(points: list[Point], fps: float) -> Average:
    """The average delay of the points at the six rates, the last ones."""
    chosen = points[-len(RATES) :]
    frames = average_delay(np.array([one.frames for one in chosen]))
    return Average(average_delay(np.array([one.offline_frames for one in chosen])), frames, frames * 1000 / fps)


def _weights(tracks: Tracks, by_label: bool) -> np.ndarray:
    """The share of each object in the mean, float64 [tracks]."""
    count = np.bincount(tracks.label)
    labels = np.count_nonzero(count) if by_label else 1
    each = count[tracks.label] if by_label else len(tracks.label)
    found: np.ndarray = np.ones(len(tracks.label)) / (labels * each)
    return found
