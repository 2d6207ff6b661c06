"""The result of a run of a camera."""

import numpy as np

from simulator.results.camera_result import CameraResult, StageRow
from simulator.system.camera.camera import PS_PER_MS, PS_PER_US, Camera
from simulator.system.camera.camera_run import DROPPED, MISSED, REASONS, SERVED, CameraRun, latencies
from simulator.system.camera.detector import Detector, average, delay_points


def describe_run(
    detector: Detector,
    camera: Camera,
    run: CameraRun,
    stages: tuple[StageRow, ...],
    names: tuple[str, str, str],
    fps: float,
    clip: float,
    precision: float,
    notes: tuple[str, ...],
) -> CameraResult:
    """The result of a run. names: of the workload, the truth and the detections; stages: without their shares."""
    points = delay_points(detector, camera, run, fps, clip, precision)
    if detector.precise is None:
        notes = (*notes, f"{names[2]}: no score has a precision of {precision:g}, and so there is no mean delay at it")
    return CameraResult(
        *names,
        fps=fps,
        policy=camera.policy,
        depth=camera.stages[0].depth,
        stages=_with_shares(stages, camera, run),
        frames=camera.frames,
        served=run.count(SERVED),
        dropped=run.count(DROPPED),
        missed=run.count(MISSED),
        latency_ms=spread_ms(latencies(run, camera.capture_ps)),
        objects=len(detector.tracks.last),
        found=detector.found_once,
        points=tuple(points),
        average=average(points, fps),
        notes=notes,
    )


def spread_ms(times_ps: np.ndarray) -> dict[str, float]:
    """Median, 99th percentile and greatest of times, int64 [n] in ps, in ms."""
    found = np.percentile(times_ps, [50, 99, 100]) / PS_PER_MS
    return dict(zip(("median", "percentile_99", "most"), found.tolist(), strict=True))


def _with_shares(stages: tuple[StageRow, ...], camera: Camera, run: CameraRun) -> tuple[StageRow, ...]:
    found, first = list[StageRow](), 0
    for row, stage in zip(stages, camera.stages, strict=True):
        spent = run.spent_ps[first : first + len(stage.service_ps)].sum(axis=0)
        shares = (spent / max(1, spent.sum())).tolist()
        mean = float(stage.service_ps.mean()) / PS_PER_US
        found.append(row._replace(service_us=mean, shares=dict(zip(REASONS, shares, strict=True))))
        first += len(stage.service_ps)
    return tuple(found)
