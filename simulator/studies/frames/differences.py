"""Differences of frames instead of frames: how sparse they are in clips, and what SCNN gains from it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from simulator.run.api import simulate
from simulator.studies.frames.machines import configurations
from workloads.clips.differences import BLOCK, THRESHOLDS, difference_image, difference_shares, image_layer
from workloads.clips.read import CLIPS, DRAWN, Clip, read_clip
from workloads.document_types import Document
from workloads.errors import InputError
from workloads.study import Progress

CROP = 240
"""Side of the middle of a frame that the machine reads."""
WAYS = tuple((threshold, block) for block in (1, BLOCK) for threshold in THRESHOLDS)
"""Thresholds and blocks."""


class ShareRow(NamedTuple):
    """Of a clip."""

    clip: str
    frames: int
    height: int
    width: int
    small: tuple[float, ...]
    blocks: tuple[float, ...]


class LayerRow(NamedTuple):
    """A first layer on the difference of the clip's middle frames."""

    clip: str
    block: int
    threshold: int
    density: float
    cycles: int
    times: float  # cycles of the whole frame over these
    equal: bool  # the output is that of the reference kernel


def study(seed: int, say: Progress, source: Path | None = None) -> Document:
    """Both tables: of all clips that can be had, or of the one that is given. InputError where that cannot be read."""
    clips, notes = _clips(seed, source)
    shares, layers = list[ShareRow](), list[LayerRow]()
    for clip in clips:
        say(clip.name)
        found = difference_shares(clip.frames)
        count, height, width = clip.frames.shape
        shares.append(ShareRow(clip.name, count, height, width, found.small, found.blocks))
        layers += layer_rows(clip, seed)
    steps = [f"<= {one}" for one in THRESHOLDS]
    columns = ["clip", "frames", "size", *steps, *(f"blocks > {one}" for one in THRESHOLDS)]
    rows = [
        [row.clip, str(row.frames), f"{row.width} x {row.height}", *(f"{one:.3f}" for one in (*row.small, *row.blocks))]
        for row in shares
    ]
    tables: list[Any] = [
        {"title": f"share of pixels that differ little, and of {BLOCK} x {BLOCK} blocks that differ more",
         "columns": columns, "rows": rows},
        {"title": f"64 kernels of 3 x 3 on {_machine()}, on the middle of a difference; times: over the frame",
         "columns": ["clip", "block", "threshold", "density", "cycles", "times"],
         "rows": [[row.clip, str(row.block), str(row.threshold), f"{row.density:.3f}", f"{row.cycles:,}",
                   f"{row.times:.2f}"] for row in layers]},
    ]  # fmt: skip
    more = {"shares": [row._asdict() for row in shares], "notes": notes}
    return {"study": "frame-differences", "tables": tables, "rows": [row._asdict() for row in layers], **more}


def layer_rows(clip: Clip, seed: int) -> Iterator[LayerRow]:
    """The whole frame in the middle of the clip, then its difference in each way of leaving out what is small."""
    middle = len(clip.frames) // 2
    before, after = (_crop(clip.frames[number]) for number in (middle - 1, middle))
    whole = _run(clip.name, after.astype(np.float32) / np.float32(255), seed)
    for threshold, block in WAYS:
        image = difference_image(before, after, threshold, block)
        density = float(np.mean(image != 0))
        result = _run(clip.name, image, seed)
        equal = bool(result.output_matches_reference)
        yield LayerRow(clip.name, block, threshold, density, result.cycles, whole.cycles / max(1, result.cycles), equal)


def _run(name: str, image: np.ndarray, seed: int) -> Any:
    layer = image_layer(name, image, np.random.default_rng(seed))
    assert layer.activation is not None
    arrays = {"weight": layer.weight, "activation": layer.activation, "relu": np.array(True)}
    return simulate(_machine(), arrays, name=name, padding=1)


def _crop(frame: np.ndarray) -> np.ndarray:
    """The middle of a frame, uint8 [height, width], at most CROP on a side."""
    top, left = (max(0, (side - CROP) // 2) for side in frame.shape)
    return frame[top : top + CROP, left : left + CROP]


def _clips(seed: int, source: Path | None) -> tuple[list[Clip], list[str]]:
    """The clips, and notes: on their frames, and why some clips cannot be had."""
    if source is not None:
        clip = read_clip(source, seed)
        return [clip], [*clip.notes]
    found, notes = list[Clip](), list[str]()
    for name in CLIPS:
        try:
            found.append(read_clip(name, seed))
        except InputError as error:
            if name == DRAWN:
                raise
            notes.append(f"clip {name} is left out ({error})")
    return found, notes + [note for clip in found for note in clip.notes]


def _machine() -> str:
    """The configuration that runs differences."""
    (machine,) = configurations()["differences"]
    return machine
