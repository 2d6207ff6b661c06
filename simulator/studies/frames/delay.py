"""Delay of a detector with latency: closed forms against simulated cameras, and sequences at several latencies."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from simulator.studies.frames.sequences import RATE, Sequence, drawn_sequence, published_sequences
from simulator.system.camera.camera import DROP, NEWEST, PS_PER_MS, Camera, constant_stage, frame_times
from simulator.system.camera.camera_run import SERVED
from simulator.system.camera.closed_form import closed_form
from simulator.system.camera.detector import average, delay_points, read_detector
from simulator.system.camera.engine import run_engine
from workloads.document_types import Document
from workloads.study import Progress

PERIOD_MS = 40
"""1000 / RATE."""
SERVICES_MS = 0, 20, 40, 50, 60, 70, 100, 130, 200
LATENCIES_MS = 0, 20, 50, 100, 200, 400
WHOLE = 5460
"""Frames: a whole number of rounds of all services above."""
AFTER = 100


class WaitRow(NamedTuple):
    """A constant time of service; waits in ms from a frame to the first result of it or a later one."""

    policy: str
    service_ms: float
    mean_ms: float
    closed_form_ms: float
    most_ms: float
    closed_form_most_ms: float


class DelayRow(NamedTuple):
    """A sequence at a latency: delays of all detections, and average delay; clipped at 30 frames."""

    sequence: str
    latency_ms: float
    offline_frames: float
    frames: float
    ms: float
    average_offline_frames: float
    average_frames: float
    average_ms: float


def study(seed: int, say: Progress) -> Document:
    """Both as tables."""
    waits = list(wait_rows())
    published, missing = published_sequences(seed)
    found = list[DelayRow]()
    for sequence in (*published, drawn_sequence(seed)):
        say(sequence.name)
        found += delay_rows(sequence)
    tables = [
        _table(f"wait for a result, frames every {PERIOD_MS} ms, one machine", waits),
        _table("mean and average delay of sequences, the newest frame first", found),
    ]
    more = {"waits": [row._asdict() for row in waits], "notes": missing}
    return {"study": "delay", "tables": tables, "rows": [row._asdict() for row in found], **more}


def wait_rows() -> Iterator[WaitRow]:
    """Both policies that lose frames, at each service."""
    for policy, depth in ((NEWEST, 1), (DROP, 0)):
        for service in SERVICES_MS:
            camera = _camera(RATE, WHOLE + AFTER, service, policy, depth)
            run = run_engine(camera)
            served = np.flatnonzero(run.fate == SERVED)
            first = served[np.searchsorted(served, np.arange(WHOLE))]
            waits = (run.result_ps[first] - camera.capture_ps[:WHOLE]) / PS_PER_MS
            form = closed_form(policy, PERIOD_MS, service)
            yield WaitRow(policy, service, float(waits.mean()), form.mean, float(waits.max()), form.most)


def delay_rows(sequence: Sequence) -> Iterator[DelayRow]:
    """A sequence at each latency."""
    detector = read_detector(sequence.truth, sequence.detections)
    for latency in LATENCIES_MS:
        camera = _camera(sequence.fps, sequence.truth.frames + AFTER, latency, NEWEST, 1)
        points = delay_points(detector, camera, run_engine(camera), sequence.fps)
        first, mean = points[0], average(points, sequence.fps)
        figures = first.offline_frames, first.frames, first.ms, *mean
        yield DelayRow(sequence.name, latency, *figures)


def _camera(fps: float, frames: int, service_ms: int, policy: str, depth: int) -> Camera:
    stage = constant_stage("machine", service_ms * PS_PER_MS, frames, depth=depth)
    return Camera(frame_times(fps, frames), (stage,), policy)


def _table(title: str, rows: list[Any]) -> Document:
    cells = [[one if isinstance(one, str) else f"{one:,.5g}" for one in row] for row in rows]
    return {"title": title, "columns": [name.replace("_", " ") for name in rows[0]._fields], "rows": cells}
