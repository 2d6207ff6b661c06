"""Delays with latency: from an object's appearance until a result shows it, and what the time goes to."""

from typing import NamedTuple

import numpy as np

from simulator.system.camera.camera import Camera
from simulator.system.camera.camera_run import SERVED, CameraRun
from workloads.errors import refuse
from workloads.tracks.delay import NEVER, Hits, first_frames
from workloads.tracks.tracks import Tracks

PARTS = "misses", "lost frames", "sensor", "queue", "service"
"""What a delay is the sum of.

misses: from the appearance to the first frame in which the detector finds the object, or of one that it never finds, to
its last frame; lost frames: from there to the frame that is served and shows it first; then what this frame takes.
"""


class Delays(NamedTuple):
    """Of each object. Times in ps."""

    total_ps: np.ndarray  # int64 [tracks]
    parts_ps: np.ndarray  # int64 [tracks, parts]; each row sums to the total
    frame: np.ndarray  # int64 [tracks]: whose result shows the object first; NEVER


def delays(hits: Hits, tracks: Tracks, camera: Camera, run: CameraRun, least: float = -np.inf, more: int = 0) -> Delays:
    """The delay of each object at a score, `least`, from the moment of the first frame in which it appears.

    An object that no result shows has the delay to its last frame, plus `more` frames, plus what the first frame served
    from its last one on takes. InputError where the camera has fewer frames than the objects.
    """
    if tracks.last.max() >= camera.frames:
        refuse("camera", f"it has {camera.frames} frames", f"{tracks.last.max() + 1} or more, as the objects")
    appears = camera.capture_ps[tracks.appears]
    shown = _shown(hits, tracks, run, least)
    offline = first_frames(hits, tracks, least)
    found = np.where(offline == NEVER, tracks.last, offline)
    used = np.where(shown == NEVER, _served_from(run, tracks.last), shown)
    seen = np.where(shown == NEVER, tracks.last, shown)
    parts = np.zeros((len(seen), len(PARTS)), np.int64)
    parts[:, 0] = camera.capture_ps[found] - appears
    parts[:, 1] = camera.capture_ps[seen] - camera.capture_ps[found]
    parts[:, 2] = camera.sensor_ps
    parts[:, 4] = _service(camera, run)[used]
    end = np.where(used == NEVER, run.time_ps, run.result_ps[used])
    taken = np.where(used == NEVER, camera.capture_ps[seen], camera.capture_ps[used])
    parts[:, 1] += np.where(shown == NEVER, taken - camera.capture_ps[tracks.last], 0)
    lost = used == NEVER  # nothing is served from its last frame on: it waits until all is over
    parts[lost, 2] = parts[lost, 4] = 0
    parts[:, 3] = end - taken - parts[:, 2] - parts[:, 4]
    period = int(camera.capture_ps[-1]) // max(1, camera.frames - 1)
    parts[:, 0] += np.where(shown == NEVER, more * period, 0)
    return Delays(parts.sum(axis=1), parts, shown)


def _shown(hits: Hits, tracks: Tracks, run: CameraRun, least: float) -> np.ndarray:
    """The frame whose result shows each object first, int64 [tracks]; NEVER."""
    track, frame = hits.at_score(least)
    served = run.fate[frame] == SERVED
    track, frame = track[served], frame[served]
    latest_first = np.lexsort((-frame, -run.result_ps[frame]))
    shown = np.full(len(tracks.last), NEVER, np.int64)
    shown[track[latest_first]] = frame[latest_first]  # the earliest result is written last
    return shown


def _served_from(run: CameraRun, frames: np.ndarray) -> np.ndarray:
    """The first frame served from each of `frames`, int64 [n], on: int64 [n]; NEVER."""
    served = np.append(np.flatnonzero(run.fate == SERVED), NEVER)
    found: np.ndarray = served[np.searchsorted(served[:-1], frames)]
    return found


def _service(camera: Camera, run: CameraRun) -> np.ndarray:
    """What the machines work for each frame in all stages, int64 [frames]; 0 where it is not served."""
    services = np.concatenate([stage.service_ps for stage in camera.stages])
    frames = np.flatnonzero(run.fate == SERVED)
    total = np.zeros(camera.frames, np.int64)
    for stage in range(len(camera.stages)):
        total[frames] += services[run.machine[stage, frames], frames]
    return total
