"""Sequences by name: of a published wheel, drawn, or a user's files."""

from os import PathLike
from pathlib import Path

import numpy as np

from workloads.errors import refuse
from workloads.path_texts import path_text
from workloads.sources.pretrained.wheels import wheel_member
from workloads.tracks.boxes import Boxes
from workloads.tracks.draw import KITTI_LIKE, draw_detections, draw_truth
from workloads.tracks.read import LEVELS, read_boxes
from workloads.yaml_files import shorten

WHEEL = "motmetrics"
OF_WHEEL = {"tud-campus": "TUD-Campus", "tud-stadtmitte": "TUD-Stadtmitte"}
"""Names of sequences, and their folders in the wheel."""
DRAWN = "drawn"
SEQUENCES = (*OF_WHEEL, DRAWN)
SIZES = {"tud-campus": (640, 480), "tud-stadtmitte": (640, 480), DRAWN: (KITTI_LIKE.width, KITTI_LIKE.height)}
"""Width and height of the frames."""


def load_truth(name: str | PathLike[str], difficulty: str | None = None, seed: int = 0) -> Boxes:
    """The objects of a sequence by name, or of a file; see `read_boxes`, also for InputError."""
    given = path_text("truth", name, f"a file, or one of {', '.join(SEQUENCES)}")
    if difficulty is not None and (not isinstance(difficulty, str) or difficulty not in LEVELS):
        refuse("truth", f"difficulty is {shorten(str(difficulty), 60)!r}", f"one of {', '.join(LEVELS)}")
    if difficulty is not None and given in SEQUENCES:
        refuse(given, f"difficulty is {difficulty}", "none, or a file of KITTI tracking")
    if given in OF_WHEEL:
        return _of_wheel(given, "gt.txt", True)
    if given == DRAWN:
        return draw_truth(KITTI_LIKE, np.random.default_rng(seed))
    return read_boxes(Path(given), True, difficulty)


def load_detections(name: str | PathLike[str], seed: int = 0) -> Boxes:
    """What a detector found in a sequence by name, or a file of it; see `read_boxes`, also for InputError."""
    given = path_text("detections", name, f"a file, or one of {', '.join(SEQUENCES)}")
    if given in OF_WHEEL:
        return _of_wheel(given, "test.txt", False)
    if given == DRAWN:
        rng = np.random.default_rng(seed)
        return draw_detections(KITTI_LIKE, draw_truth(KITTI_LIKE, rng), rng)
    return read_boxes(Path(given), False)


def _of_wheel(name: str, file: str, truth: bool) -> Boxes:
    path = wheel_member(WHEEL, f"motmetrics/data/{OF_WHEEL[name]}/{file}")
    return read_boxes(path, truth)._replace(name=name)
