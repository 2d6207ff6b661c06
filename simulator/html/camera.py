"""The page of `camera --json`: delays of what a detector behind a camera finds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from simulator.html import pictures
from simulator.html.common import violations_and_notes
from simulator.html.parts import Facts, Grid, Page, Picture, Section, make_grid
from simulator.plots import camera, style
from simulator.results.camera_frames import KIND, PARTS, delays
from simulator.results.files import StoredFile
from workloads.document_types import Document, Fields

POINTS = ("detections", "score", "offline frames", "frames", "ms", *(f"{part} (ms)" for part in PARTS), "never found")
STAGES = ("machine", "copies", "layers", "ms a frame")


def camera_page(content: Document) -> Page:
    """The page of one camera. content: the dictionary that `camera` printed as JSON."""
    frame, _ = delays([StoredFile(Path(KIND), KIND, content)])
    title = f"{content['workload']} behind a camera of {content['fps']:g} frames a second"
    axes = camera.delays(frame, title)
    drawing = pictures.to_svg(style.figure_of(axes[0] if isinstance(axes, list) else axes), "delays")
    heads = (*STAGES, *(f"{reason} %" for reason in content["stages"][0]["shares"]))
    sections = [
        Section("Delay", (Picture(drawing, "Mean delay of an object, by what it consists of."), _points(content))),
        Section("Frames", (Facts(tuple(_frames(content))),)),
        Section("Machines", (make_grid("", heads, map(_stage, content["stages"])),)),
        violations_and_notes({**content, "violations": []}),
    ]
    lead = f"Objects of {content['truth']}, detections of {content['detections']}."
    return Page(title, lead, tuple(one for one in sections if one is not None), content)


def _points(content: Fields) -> Grid:
    average, rows = content["average"], []
    for point in content["points"]:
        parts = [point["parts_ms"][part] for part in PARTS]
        rows.append((point["name"], point["score"], point["offline_frames"], point["frames"], point["ms"], *parts,
                     point["never"]))  # fmt: skip
    mean = (average["offline_frames"], average["frames"], average["ms"])
    rows.append(("average delay", None, *mean, *[None] * len(PARTS), None))
    return make_grid("Mean delay; its parts are not clipped", POINTS, rows)


def _frames(content: Fields) -> Iterator[tuple[str, object, str]]:
    latency = content["latency_ms"]
    yield "frames", content["frames"], "while the sequence lasts, and until its last results are there"
    yield "served", content["served"], ""
    yield "dropped", content["dropped"], f"from a full queue; policy {content['policy']}, depth {content['depth']}"
    yield "missed", content["missed"], "not taken, as the camera waited"
    for name, key in (("median latency", "median"), ("99th percentile", "percentile_99"), ("greatest", "most")):
        yield f"{name} (ms)", latency[key], "from capture to result"
    yield "objects", content["objects"], f"{content['found']} found in some frame"


def _stage(stage: Fields) -> tuple[object, ...]:
    shares = (100 * share for share in stage["shares"].values())
    return (stage["machine"], stage["copies"], len(stage["layers"]), stage["service_us"] / 1000, *shares)
