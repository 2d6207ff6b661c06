"""What is simulated: frames, a policy, and stages, each a queue with the machines that it feeds."""

import math
from typing import NamedTuple

import numpy as np

from workloads.errors import refuse

PS_PER_S, PS_PER_MS, PS_PER_US = 10**12, 10**9, 10**6
NEWEST, DROP, BLOCK = "newest", "drop", "block"
POLICIES = NEWEST, DROP, BLOCK
"""What happens where a queue is full, and which frame is taken first.

newest: the oldest waiting frame is dropped, and machines take the newest one; drop: the frame that comes is dropped,
and machines take the oldest one; block: who brings the frame waits until there is room, a camera loses the frames due
meanwhile, and machines take the oldest one.
"""
MOST_STAGES, MOST_MACHINES, MOST_FRAMES = 16, 64, 1 << 20
MOST_SERVICES = 1 << 24
"""Times of service of a stage: its machines times its frames."""
LATEST = 1 << 61
"""Picoseconds: sums of times stay within int64."""
MOST_FPS = 1_000_000


class Stage(NamedTuple):
    """A queue and machines that take frames from it, the idle one of the lowest number first."""

    name: str
    service_ps: np.ndarray  # int64 [machines, frames]: how long each machine works for each frame
    depth: int = 1  # frames that can wait, without those that an idle machine takes at once


class Camera(NamedTuple):
    """Frames that pass the stages one after another."""

    capture_ps: np.ndarray  # int64 [frames], ascending: the moment that a frame shows
    stages: tuple[Stage, ...]
    policy: str = NEWEST
    sensor_ps: int = 0  # from that moment until the frame can enter the first queue

    @property
    def frames(self) -> int:
        """How many."""
        return len(self.capture_ps)

    @property
    def machines(self) -> int:
        """Of all stages together."""
        return sum(len(stage.service_ps) for stage in self.stages)


def frame_times(fps: float, frames: int) -> np.ndarray:
    """When each frame is captured, int64 [frames] in ps, the first at 0.

    >>> frame_times(25, 3).tolist()
    [0, 40000000000, 80000000000]

    InputError where there are no or too many frames, or a rate that no camera has.
    """
    if not 1 <= frames <= MOST_FRAMES:
        refuse("camera", f"it has {frames} frames", f"1 to {MOST_FRAMES}")
    if not (math.isfinite(fps) and 0.001 <= fps <= MOST_FPS):
        refuse("camera", f"it takes {fps:g} frames a second", f"0.001 to {MOST_FPS}")
    return np.rint(np.arange(frames) * (PS_PER_S / fps)).astype(np.int64)


def constant_stage(name: str, service_ps: int, frames: int, machines: int = 1, depth: int = 1) -> Stage:
    """A stage of equal machines that work as long for every frame."""
    return Stage(name, np.full((machines, frames), service_ps, np.int64), depth)


def check_camera(camera: Camera) -> None:
    """InputError where a camera has no frames, stages or machines, too many, or times that cannot be."""
    times = camera.capture_ps
    if camera.policy not in POLICIES:
        refuse("camera", f"policy is {str(camera.policy)[:60]!r}", f"one of {', '.join(POLICIES)}")
    if times.dtype != np.int64 or times.ndim != 1 or not 1 <= len(times) <= MOST_FRAMES:
        refuse("camera", f"its times are {times.dtype} {list(times.shape)}", f"int64 [1 to {MOST_FRAMES} frames]")
    if times[0] < 0 or (np.diff(times) <= 0).any():
        refuse("camera", "its frames are not one after another from 0 on", "ascending times in ps")
    if not 1 <= len(camera.stages) <= MOST_STAGES:
        refuse("camera", f"it has {len(camera.stages)} stages", f"1 to {MOST_STAGES}")
    if camera.sensor_ps < 0:
        refuse("camera", f"its sensor takes {camera.sensor_ps} ps", "0 or more")
    for stage in camera.stages:
        _check_stage(stage, camera.frames)
    longest = sum(float(stage.service_ps.max(axis=0).sum(dtype=np.float64)) for stage in camera.stages)
    if float(times[-1]) + camera.sensor_ps + longest >= LATEST:
        refuse("camera", "its frames and services take more than 2^61 ps one after another", "shorter times")


def _check_stage(stage: Stage, frames: int) -> None:
    service, what = stage.service_ps, f"stage {stage.name}"
    if service.dtype != np.int64 or service.ndim != 2 or service.shape[1] != frames:
        refuse(what, f"its services are {service.dtype} {list(service.shape)}", f"int64 [machines, {frames}]")
    if not 1 <= len(service) <= MOST_MACHINES or service.size > MOST_SERVICES:
        refuse(what, f"it has {len(service)} machines", f"1 to {min(MOST_MACHINES, MOST_SERVICES // frames)}")
    if service.min() < 0:
        refuse(what, f"a service takes {service.min()} ps", "0 or more")
    if not 0 <= stage.depth <= MOST_FRAMES:
        refuse(what, f"depth is {stage.depth}", f"0 to {MOST_FRAMES}")
