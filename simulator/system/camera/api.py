"""The Python call for a camera: a model on machines, and how late its detections are."""

from collections.abc import Iterable, Mapping, Sequence
from numbers import Integral, Real
from os import PathLike
from typing import Any, NamedTuple

from simulator.config.load import Config
from simulator.core.registry import check_engine
from simulator.results.camera_result import CameraResult, StageRow
from simulator.run.api import Machine, load_machine
from simulator.system.camera.camera import (
    MOST_FPS,
    MOST_FRAMES,
    POLICIES,
    PS_PER_MS,
    Camera,
    check_camera,
    constant_stage,
    frame_times,
)
from simulator.system.camera.camera_run import CameraRun
from simulator.system.camera.detector import Detector, read_detector
from simulator.system.camera.result import describe_run
from simulator.system.camera.serving import Part, layer_times, split
from workloads.errors import refuse
from workloads.model import Origin, make_options
from workloads.options import WorkloadOptions
from workloads.tracks.boxes import Boxes
from workloads.tracks.delay import CLIP
from workloads.tracks.sequences import load_detections, load_truth
from workloads.yaml_files import LONGEST_SHOWN, shorten

AFTER = 1000
"""Frames after the sequence, at most: enough for the results of its last ones."""
WHOLE = "depth", "copies"
"""Options that are whole numbers."""
Name = str | PathLike[str]


class CameraOptions(NamedTuple):
    """How a camera, its queue and its detector are measured."""

    fps: float = 30.0
    policy: str = "newest"
    depth: int = 1  # frames that can wait before each stage
    copies: int = 1  # equal machines at each stage
    sensor_ms: float = 0.0  # from the moment that a frame shows until it can be used
    overlap: float = 0.5  # intersection over union that a match exceeds
    precision: float = 0.8  # of the mean delay of CaTDet
    clip: float = CLIP  # frames: longer delays count as this
    difficulty: str | None = None  # of KITTI's truth
    engine: str = "numba"  # of the camera

    def check(self) -> "CameraOptions":
        """These. InputError where a number is out of its range."""
        ranges: dict[str, tuple[float, float]] = {
            "fps": (0.001, MOST_FPS),
            "depth": (0, MOST_FRAMES),
            "copies": (1, 64),
            "sensor_ms": (0, 1_000_000),
            "overlap": (0, 0.999),
            "precision": (0.001, 1),
            "clip": (1, MOST_FRAMES),
        }
        for name, (least, most) in ranges.items():
            value, kind = getattr(self, name), Integral if name in WHOLE else Real
            right = isinstance(value, kind) and not isinstance(value, bool)
            if not right or not least <= value <= most:
                whole = "a whole number from " if name in WHOLE else ""
                refuse("camera", f"{name} is {shorten(repr(value), LONGEST_SHOWN)}", f"{whole}{least:,} to {most:,}")
        if self.policy not in POLICIES:
            refuse("camera", f"policy is {str(self.policy)[:60]!r}", f"one of {', '.join(POLICIES)}")
        check_engine(self.engine)
        return self._replace(depth=int(self.depth), copies=int(self.copies), fps=float(self.fps))


def camera(
    machines: Machine | Sequence[Machine],
    source: Origin,
    /,
    truth: Name,
    detections: Name,
    *,
    seed: int = 0,
    workload: Any = None,
    **options: Any,
) -> CameraResult:
    """Run a model on machines that serve a camera's frames, and say how late a detector finds each object.

    >>> found = camera("eie", "alexnet-fc8", "drawn", "drawn", workload={"scale": 0.1})
    >>> found.served == found.frames, round(found.points[0].offline_frames, 2)
    (True, 0.88)

    machines: one, or several that divide the layers and pass frames on (see `split`). truth, detections: files of the
    MOT Challenge or of KITTI tracking, or a sequence by name; detections are those that the model would find in each
    frame, as no trained detector is run. seed: of what is drawn. workload: fields of `WorkloadOptions` as a mapping;
    options: fields of `CameraOptions`. InputError where one of them, a file or the model is wrong.
    """
    configs = [load_machine(one) for one in _listed(machines)]
    unknown = [name for name in options if name not in CameraOptions._fields]
    if unknown:
        refuse("camera", f"{unknown[0]} is given", f"one of {', '.join(CameraOptions._fields)}")
    how = CameraOptions(**options).check()
    asked = make_options(**{"seed": seed, **_fields(workload)})
    return run_camera(configs, source, (truth, detections), how, asked)


def run_camera(
    configs: Sequence[Config], source: Origin, files: tuple[Name, Name], how: CameraOptions, asked: WorkloadOptions
) -> CameraResult:
    """See `camera`; files: the truth and the detections."""
    truth = load_truth(files[0], how.difficulty, asked.seed)
    found = load_detections(files[1], asked.seed)
    detector = read_detector(truth, found, how.overlap, how.precision)
    times = layer_times(configs, source, asked)
    parts = split(times, [config.name for config in configs])
    built = make_camera(detector, parts, how)
    rows = tuple(
        StageRow(config.name, how.copies, times.layers[part.first : part.end], 0.0, {})
        for config, part in zip(configs, parts, strict=True)
    )
    names = times.workload, truth.name, found.name
    notes = (*truth.left_out, *found.left_out, *times.notes, *_mismatches(truth, found))
    run = run_twin(built, how.engine)
    return describe_run(detector, built, run, rows, names, how.fps, how.clip, how.precision, notes)


def make_camera(detector: Detector, parts: Sequence[Part], how: CameraOptions) -> Camera:
    """The camera for the frames of a detector's truth and some more; a stage for each part of a model."""
    period = 1e12 / how.fps
    more = min(AFTER, 2 + int(2 * sum(part.ps for part in parts) / period))
    frames = min(MOST_FRAMES, detector.truth.frames + more)
    stages = tuple(
        constant_stage(f"{number}", part.ps, frames, how.copies, how.depth) for number, part in enumerate(parts)
    )
    built = Camera(frame_times(how.fps, frames), stages, how.policy, round(how.sensor_ms * PS_PER_MS))
    check_camera(built)
    return built


def run_twin(camera: Camera, engine: str) -> CameraRun:
    """Run a camera with `numba` or `simpy`."""
    if engine == "numba":
        from simulator.system.camera.engine import run_engine

        return run_engine(camera)
    from simulator.system.camera.model import run_model

    return run_model(camera)


def machine_names(text: str) -> list[str]:
    """`scnn,eie` -> names. InputError where one is empty."""
    names = [one.strip() for one in text.split(",")]
    if not all(names):
        refuse(f"machines {text!r:.60}", "one of them has no name", "names with single commas between them")
    return names


def _listed(machines: Machine | Sequence[Machine]) -> list[Machine]:
    """Machines as a list: texts with commas between them, too."""
    if isinstance(machines, str):
        return list[Machine](machine_names(machines))
    if isinstance(machines, PathLike | Config):
        return [machines]
    if not isinstance(machines, Iterable):
        refuse("machines", f"it is {shorten(repr(machines), LONGEST_SHOWN)}", "a name, or several in their order")
    found = list(machines)
    if not found:
        refuse("machines", "there are none", "one at least")
    return found


def _fields(workload: Any) -> Mapping[str, Any]:
    """A mapping of options, or none. InputError where it is something else."""
    if workload is None:
        return {}
    if not isinstance(workload, Mapping) or not all(isinstance(name, str) for name in workload):
        refuse(
            "camera", f"workload is {shorten(repr(workload), LONGEST_SHOWN)}", "options of a workload by their names"
        )
    return workload


def _mismatches(truth: Boxes, found: Boxes) -> list[str]:
    """What says that detections may be of another sequence, a sentence each."""
    notes = []
    if found.frames > truth.frames:
        notes.append(f"detections are of {found.frames} frames, the truth of {truth.frames}")
    if not set(truth.labels) & set(found.labels):
        labels = (", ".join(one.labels[:5]) for one in (found, truth))
        notes.append("no detection has a label of the truth: {} against {}".format(*labels))
    return notes
