"""What a camera with a detector gives: the machines' stages, the frames' latencies, the objects' delays."""

from os import PathLike
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from simulator.system.camera.camera import PS_PER_MS, PS_PER_US, Camera
from simulator.system.camera.camera_run import DROPPED, MISSED, REASONS, SERVED, CameraRun, latencies
from simulator.system.camera.detector import Average, Detector, Point, average, delay_points
from workloads.document_types import Document

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from simulator.results.files import StoredFile


class StageRow(NamedTuple):
    """Equal machines that do the same layers; shares of their time by reason."""

    machine: str
    copies: int
    layers: tuple[str, ...]
    service_us: float  # of a frame, the mean
    shares: dict[str, float]


class CameraResult(NamedTuple):
    """A detector behind a camera; delays are means over the objects, see `Point`."""

    workload: str
    truth: str
    detections: str
    fps: float
    policy: str
    depth: int
    stages: tuple[StageRow, ...]
    frames: int
    served: int
    dropped: int
    missed: int
    latency_ms: dict[str, float]  # median, percentile 99, most
    objects: int
    found: int
    points: tuple[Point, ...]
    average: Average
    notes: tuple[str, ...]

    def to_dict(self) -> Document:
        """All of it, as JSON can hold it."""
        points = [{**one._asdict(), "score": _finite(one.score)} for one in self.points]
        stages = [{**one._asdict(), "layers": list(one.layers)} for one in self.stages]
        more = {"stages": stages, "points": points, "average": self.average._asdict(), "notes": list(self.notes)}
        return {**self._asdict(), **more}

    def to_frame(self) -> "pd.DataFrame":
        """A row for each operating point: its delays, and their parts in ms."""
        from simulator.results.camera_frames import camera_rows

        return camera_rows(self.to_dict())

    def plot(self, kind: str = "camera") -> "Figure":
        """A picture, of a kind that `zeroskip plot` lists. InputError where there is none, or it is not of this."""
        from simulator.display.pictures import draw

        return draw(self._stored(), kind)

    def save(self, path: str | PathLike[str]) -> None:
        """Write it to a .json, .csv or .html file, whole or not at all. InputError where that cannot be."""
        from simulator.display.files import write_as

        write_as(path, self.to_dict, self.to_frame, self._stored)

    def _stored(self) -> "StoredFile":
        """As it would be read from the JSON that it is written to."""
        from simulator.display.pictures import as_read

        return as_read(self.workload, self.to_dict())

    def __repr__(self) -> str:
        """A line for each point."""
        lines = [
            f"{self.workload} on {', '.join(one.machine for one in self.stages)}, {self.fps:g} frames/s: "
            f"{self.served} of {self.frames} frames served, latency {self.latency_ms['median']:.4g} ms",
            *(f"  {one.name}: {one.frames:.4g} frames, {one.ms:.5g} ms" for one in self.points),
            f"  average delay: {self.average.frames:.4g} frames, {self.average.ms:.5g} ms",
        ]
        return "\n".join(lines)


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


def _finite(score: float) -> float | None:
    return score if np.isfinite(score) else None
