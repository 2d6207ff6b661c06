"""CaTDet (Mao et al., MLSys 2019): operations saved, times of frames on machines, and delay against the frame rate."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from simulator.config.load import load_arch
from simulator.studies.frames.machines import configurations
from simulator.studies.frames.part_times import measure_parts
from simulator.studies.frames.sequences import FAST, Sequence, drawn_sequence, every, published_sequences
from simulator.system.camera.camera import PS_PER_S, Camera, Stage, frame_times
from simulator.system.camera.camera_run import SERVED, latencies
from simulator.system.camera.detector import measure, read_detector
from simulator.system.camera.engine import run_engine
from simulator.system.camera.result import spread_ms
from workloads.document_types import Document
from workloads.study import Progress
from workloads.tracks.boxes import Boxes
from workloads.tracks.cascade import Cascade, run_cascade
from workloads.tracks.cost import PROPOSALS, Costs, detector_macs

TRACKER_S = 100e-6
"""What the tracker takes for a frame on a host: assumed, as nothing is published."""
SKIPS = 1, 2, 3, 4, 6, 8, 12
"""Every first, second, third ... frame of a sequence of 60 frames a second."""
AFTER = 400
"""Frames after a sequence, for results that come late."""
UNCLIPPED = 1e9
SINGLE = "single"
LAST = "B"
DIVIDED = f"{LAST}, two machines"
"""Proposals on one, refinement on another of the same sort."""


class OperationsRow(NamedTuple):
    """Operations of CaTDet on a sequence: means over its frames, in GMAC."""

    sequence: str
    proposals: str
    cover: float
    regions: float
    single: float
    cascade: float
    ratio: float


class TimeRow(NamedTuple):
    """Service times of frames on a machine, in ms."""

    machine: str
    detector: str
    median_ms: float
    percentile_99_ms: float
    most_ms: float
    ratio: float  # the single network's time over the mean


class DelayRow(NamedTuple):
    """Delay at a frame rate: means over the objects, in ms; half a frame more, as objects come between frames."""

    machine: str
    detector: str
    fps: float
    served: float  # share of the frames
    latency_median_ms: float  # of those that are served, from capture to result
    latency_percentile_99_ms: float
    offline_frames: float
    delay_ms: float
    never: int


def study(seed: int, say: Progress) -> Document:
    """All three as tables."""
    sequences, missing = published_sequences(seed)
    drawn = drawn_sequence(seed)
    operations = [row for one in (*sequences, drawn) for row in operation_rows(one)]
    fast = drawn_sequence(seed, FAST)
    times, delays = list[TimeRow](), list[DelayRow]()
    for machine in configurations()["cascade"]:
        config, known = load_arch(machine), dict[str, float]()
        costs = {name: measure_parts(config, name, seed, say, known).times for name in PROPOSALS}
        times += time_rows(config.name, costs, run_cascade(drawn.proposals, drawn.detections, drawn.frame))
        delays += delay_rows(config.name, costs, fast)
    tables = [
        _table("operations of CaTDet, means over frames, GMAC", operations),
        _table("ms that a frame is served, drawn sequence", times),
        _table(f"delay against the frame rate, the newest frame first, a drawn sequence of {FAST.rate:g}/s", delays),
    ]
    points = [row._asdict() for row in delays]
    more = {"operations": [row._asdict() for row in operations], "times": [row._asdict() for row in times]}
    return {"study": "catdet", "tables": tables, "points": points, **more, "notes": list(missing)}


def operation_rows(sequence: Sequence) -> Iterator[OperationsRow]:
    """Both proposal networks on a sequence, against the single network on frames of its size."""
    cascade, frame = run_cascade(sequence.proposals, sequence.detections, sequence.frame), sequence.frame
    for name in PROPOSALS:
        costs = detector_macs(name).for_pixels(frame.width * frame.height)
        mean = float(costs.cascade(cascade.cover, cascade.regions).mean())
        means = float(cascade.cover.mean()), float(cascade.regions.mean())
        yield OperationsRow(sequence.name, name, *means, costs.single / 1e9, mean / 1e9, costs.single / mean)


def service_ps(detector: str, costs: dict[str, Costs], cascade: Cascade) -> np.ndarray:
    """What a machine works for each frame, int64 [frames] in ps: the single network, or CaTDet A or B."""
    if detector == SINGLE:
        return _ps(np.full(len(cascade.cover), next(iter(costs.values())).single))
    return _ps(costs[detector].cascade(cascade.cover, cascade.regions) + TRACKER_S)


def divided_ps(costs: Costs, cascade: Cascade) -> tuple[np.ndarray, np.ndarray]:
    """The same of CaTDet on two machines, int64 [frames] each: proposals on one; tracker and refinement on the other.

    The tracker's regions of a frame need the results of the one before it, as on one machine: what it loses where the
    second machine is a frame behind is not modelled.
    """
    cheap = _ps(np.full(len(cascade.cover), costs.cheap_whole))
    refined = costs.backbone * cascade.cover + costs.region * cascade.regions + TRACKER_S
    return cheap, _ps(refined)


def _ps(seconds: np.ndarray) -> np.ndarray:
    """float64 [frames] in s as int64 [frames] in ps."""
    return np.rint(seconds * PS_PER_S).astype(np.int64)


def time_rows(machine: str, costs: dict[str, Costs], cascade: Cascade) -> Iterator[TimeRow]:
    """The distribution of the times of frames."""
    single = service_ps(SINGLE, costs, cascade).mean()
    for detector in (SINGLE, *PROPOSALS):
        service = service_ps(detector, costs, cascade)
        spread, ratio = spread_ms(service), float(single / service.mean())
        yield TimeRow(machine, detector, spread["median"], spread["percentile_99"], spread["most"], ratio)


def delay_rows(machine: str, costs: dict[str, Costs], sequence: Sequence) -> Iterator[DelayRow]:
    """Each detector at each frame rate."""
    for skip in SKIPS:
        chosen = every(sequence, skip)
        cascade = run_cascade(chosen.proposals, chosen.detections, chosen.frame)
        for detector in (SINGLE, *PROPOSALS):
            found = chosen.detections if detector == SINGLE else cascade.found
            yield delay_row(machine, detector, chosen, found, (service_ps(detector, costs, cascade),))
        yield delay_row(machine, DIVIDED, chosen, cascade.found, divided_ps(costs[LAST], cascade))


def delay_row(
    machine: str, detector: str, sequence: Sequence, found: Boxes, services: tuple[np.ndarray, ...]
) -> DelayRow:
    """A detector behind a camera; services: of each machine, int64 [frames] in ps, and then as for the last frame."""
    longer = [np.concatenate([service, np.repeat(service[-1:], AFTER)]) for service in services]
    stages = tuple(Stage(f"{number}", service[None], 1) for number, service in enumerate(longer))
    camera = Camera(frame_times(sequence.fps, len(longer[0])), stages)
    run, known = run_engine(camera), read_detector(sequence.truth, found)
    score = -np.inf if known.precise is None else known.precise
    point = measure(known, camera, run, sequence.fps, UNCLIPPED, detector, score)
    served = float(np.mean(run.fate[:-AFTER] == SERVED))
    spread = spread_ms(latencies(run, camera.capture_ps))
    figures = served, spread["median"], spread["percentile_99"], point.offline_frames
    return DelayRow(machine, detector, sequence.fps, *figures, point.unclipped_ms + 500 / sequence.fps, point.never)


def _table(title: str, rows: list[Any]) -> Document:
    cells = [[one if isinstance(one, str) else f"{one:,.4g}" for one in row] for row in rows]
    return {"title": title, "columns": [name.replace("_", " ") for name in rows[0]._fields], "rows": cells}
