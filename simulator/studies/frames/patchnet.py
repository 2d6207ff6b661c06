"""PatchNet (Mao et al. 2021): its operations, what key frames save and cost, kernels that no machine can prepare."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from simulator.config.load import Config, load_arch
from simulator.core.registry import find
from simulator.run.executor import load_for
from simulator.run.simulate import simulate
from simulator.studies.frames.catdet import UNCLIPPED
from simulator.studies.frames.machines import configurations
from simulator.studies.frames.part_times import network_seconds
from simulator.studies.frames.sequences import Sequence, drawn_sequence
from simulator.system.camera.camera import DROP, PS_PER_S, Camera, Stage, frame_times
from simulator.system.camera.camera_run import SERVED
from simulator.system.camera.detector import measure, read_detector
from simulator.system.camera.engine import run_engine
from workloads.document_types import Document
from workloads.options import WorkloadOptions
from workloads.sources.zoo.drawn import drawn_layer
from workloads.sources.zoo.recipes import zoo
from workloads.study import Progress
from workloads.tracks.cost import PROPOSED, SINGLE, detector_macs
from workloads.tracks.patchnet import KERNEL_WEIGHTS, operations, reduction

CORRELATION, NETWORK = "patchnet-correlation", "patchnet"
PRUNED = 0.35
"""Density of the comparison: the mean of pruned convolutions, as if these kernels were known before."""
INTERVALS = 1, 2, 3, 4, 6, 8
DEPTH = 16
"""Frames that wait while a key frame is served."""
AFTER = 200
BITS = 16
"""Of a kernel's weight."""


class KernelRow(NamedTuple):
    """The correlation of one object on a machine."""

    machine: str
    us: float  # with the kernels as they are
    us_if_pruned: float
    lost: float  # ratio of both
    kbytes_an_object: float  # that must be loaded for each object of a key frame


class IntervalRow(NamedTuple):
    """A detector at every so-many-th frame, PatchNet between; delays are means over the objects."""

    machine: str
    interval: int
    fewer_operations: float
    less_time: float
    offline_frames: float
    more_by_law: float  # (interval - 1) / 2 frames
    delay_ms: float
    served: float


def study(seed: int, say: Progress) -> Document:
    """All as tables."""
    counted = operations()
    addends = [(name, f"{count:,}") for name, count in counted.items()]
    addends.append(("sum", f"{sum(counted.values()):,}"))
    kernels = list(kernel_rows(seed, say))
    (machine,) = configurations()["key_frames"]
    intervals = list(interval_rows(machine, seed, say))
    tables = [
        {"title": "operations of one object in one frame", "columns": ["step", "operations"], "rows": addends},
        _table(f"the correlation of an object: dense kernels, and as if pruned to {PRUNED:.0%}", kernels),
        _table("a detector (Faster R-CNN with ResNet-50) at key frames, PatchNet between", intervals),
    ]
    more = {"operations": counted, "kernels": [row._asdict() for row in kernels]}
    return {"study": "patchnet", "tables": tables, "rows": [row._asdict() for row in intervals], **more}


def kernel_rows(seed: int, say: Progress) -> Iterator[KernelRow]:
    """The correlation on each machine."""
    for machine in configurations()["kernels"]:
        config = load_arch(machine)
        say(f"{CORRELATION} on {config.name}")
        dense, pruned = (_correlation_us(config, seed, density) for density in (None, PRUNED))
        yield KernelRow(config.name, dense, pruned, dense / pruned, KERNEL_WEIGHTS * BITS / 8 / 1000)


def _correlation_us(config: Config, seed: int, density: float | None) -> float:
    options = WorkloadOptions(seed=seed, density=density, formats=find(config.machine).formats(config.arch))
    workload = load_for(config, drawn_layer(CORRELATION, zoo()[CORRELATION], "zoo", options))
    return simulate(config, workload, output=False).time_us


def interval_rows(machine: str, seed: int, say: Progress) -> Iterator[IntervalRow]:
    """Key frames at each interval: operations, time, and delay of new objects, which only key frames find."""
    config, sequence = load_arch(machine), drawn_sequence(seed)
    say(f"{SINGLE} and {NETWORK} on {config.name}")
    parts = [network_seconds(config, f"{SINGLE}{end}", seed) for end in ("", "-proposals", "-region")]
    detector, tracker = parts[0] + parts[1] + PROPOSED * parts[2], network_seconds(config, NETWORK, seed)
    objects = len(sequence.truth.frame) / sequence.truth.frames
    for interval in INTERVALS:
        counts = reduction(interval, objects, detector_macs("A").single)
        saved = reduction(interval, objects, detector, tracker)
        service = key_frames(sequence, interval, detector, tracker)
        yield interval_row(config.name, interval, (counts, saved), sequence, service)


def key_frames(sequence: Sequence, interval: int, detector: float, tracker: float) -> np.ndarray:
    """What a machine works for each frame, int64 [frames] in ps: the detector, or the tracker for each object."""
    objects = np.bincount(sequence.truth.frame, minlength=sequence.truth.frames)
    seconds = np.where(np.arange(len(objects)) % interval == 0, detector, tracker * objects)
    return np.rint(seconds * PS_PER_S).astype(np.int64)


def interval_row(
    machine: str, interval: int, saved: tuple[float, float], sequence: Sequence, service: np.ndarray
) -> IntervalRow:
    """The delay where a new object is found at key frames only. service: int64 [frames] in ps."""
    found = sequence.detections.choose(sequence.detections.frame % interval == 0)
    service = np.concatenate([service, np.resize(service[:interval], AFTER)])
    camera = Camera(frame_times(sequence.fps, len(service)), (Stage(NETWORK, service[None], DEPTH),), DROP)
    run, known = run_engine(camera), read_detector(sequence.truth, found)
    point = measure(known, camera, run, sequence.fps, UNCLIPPED, machine, -np.inf)
    served = float(np.mean(run.fate[:-AFTER] == SERVED))
    return IntervalRow(machine, interval, *saved, point.offline_frames, (interval - 1) / 2, point.unclipped_ms, served)


def _table(title: str, rows: list[Any]) -> Document:
    cells = [[one if isinstance(one, str) else f"{one:,.4g}" for one in row] for row in rows]
    return {"title": title, "columns": [name.replace("_", " ") for name in rows[0]._fields], "rows": cells}
