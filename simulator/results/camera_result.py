"""What a camera with a detector gives: the machines' stages, the frames' latencies, the objects' delays."""

from os import PathLike
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

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


class Point(NamedTuple):
    """Delays at one score; means over the objects."""

    name: str
    score: float
    offline_frames: float  # as if results were there at once, each at most `clip`
    frames: float  # with latency: ms over the distance of frames, each at most `clip`
    ms: float
    unclipped_ms: float
    parts_ms: dict[str, float]  # of the unclipped mean: they sum to it
    never: int  # objects that no result shows


class Average(NamedTuple):
    """Average delay over the six operating points."""

    offline_frames: float
    frames: float
    ms: float


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
        """A row for each operating point, as `camera --csv` prints it: its delays, and their parts in ms."""
        import pandas as pd

        return pd.json_normalize(self.to_dict()["points"])

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


def _finite(score: float) -> float | None:
    return score if np.isfinite(score) else None
