"""Text files of boxes: of the MOT Challenge (numbers with commas) and of KITTI tracking (words with spaces)."""

import math
from pathlib import Path
from typing import NamedTuple

import numpy as np

from workloads.errors import refuse
from workloads.tracks.boxes import MOST_ROWS, Boxes, order
from workloads.yaml_files import LONGEST_SHOWN, read_text, shorten

EXPECTED = "boxes as text of the MOT Challenge or of KITTI tracking"
LONGEST_LINE = 1000
"""Characters."""
MOST_LINES = MOST_ROWS
"""Of a file, empty ones and boxes that do not count included: about 10 s."""
MARK = "\ufeff"
"""What some editors write at the head of a file."""
FORMATS = "KITTI tracking", "the MOT Challenge"
"""Of text without commas, and with them."""
MOT_COLUMNS, KITTI_COLUMNS = (7, 8, 9, 10), (17, 18)
WITH_CLASS, PEDESTRIAN = 9, 1
"""Columns of a truth that has classes, in the eighth one; with ten columns, the last three are a place in space."""
OBJECT = "object"
"""The label of all rows of a file of the MOT Challenge."""
UNCARED = "DontCare"
LEVELS = {"easy": (40, 0, 0.15), "moderate": (25, 1, 0.3), "hard": (25, 2, 0.5)}
"""KITTI's difficulties: least height in pixels, most occlusion and truncation of an object that appears."""


class Row(NamedTuple):
    """A line of either format."""

    frame: int  # from 0
    track: int
    label: str
    left: float
    top: float
    right: float
    bottom: float
    score: float
    counts: bool


def read_boxes(path: Path, truth: bool, difficulty: str | None = None) -> Boxes:
    """Read a file. truth: of objects, as opposed to what a detector found.

    difficulty: one of `LEVELS`, which decides when an object of a KITTI file appears; None: with its first box.
    InputError where the file is missing, damaged, or of another format.
    """
    if difficulty is not None and difficulty not in LEVELS:
        refuse(path, f"difficulty is {shorten(difficulty, LONGEST_SHOWN)!r}", f"one of {', '.join(LEVELS)}")
    return parse_boxes(path, read_text(path, EXPECTED), truth, difficulty)


def parse_boxes(source: object, text: str, truth: bool, difficulty: str | None = None) -> Boxes:
    """The boxes of a text; see `read_boxes`, also for InputError."""
    name, rows, left_out, commas = str(source), list[Row](), 0, None
    lines = text.removeprefix(MARK).splitlines()
    if len(lines) > MOST_LINES:
        refuse(source, f"it has {len(lines):,} lines", f"at most {MOST_LINES:,}")
    for number, line in enumerate(lines, 1):
        if not line or line.isspace():
            continue
        where = f"{name}, line {number}"
        if len(line) > LONGEST_LINE:
            refuse(where, f"it is {shorten(line, LONGEST_SHOWN)!r}", EXPECTED)
        if commas is None:
            commas = "," in line
            _check_difficulty(where, commas, difficulty)
        elif commas != ("," in line):
            refuse(where, f"it is text of {FORMATS[not commas]}", f"of {FORMATS[commas]}, as the lines before it")
        row = _mot(where, line, truth) if commas else _kitti(where, line, truth, difficulty)
        if row is None:
            left_out += 1
        else:
            rows.append(row)
    if not rows:
        rest = f" that counts: {left_out} are not to count" if left_out else ""
        refuse(source, f"it has no box{rest}", EXPECTED)
    return _table(name, rows, left_out)


def _check_difficulty(where: str, commas: bool, difficulty: str | None) -> None:
    if commas and difficulty is not None:
        refuse(where, f"it is text of the MOT Challenge, and difficulty is {difficulty}", "none, or KITTI's text")


def _table(name: str, rows: list[Row], left_out: int) -> Boxes:
    labels = tuple(sorted({row.label for row in rows}))
    places = {label: place for place, label in enumerate(labels)}
    sentence = f"{name}: {left_out} boxes that the format says not to count are left out"
    return order(
        Boxes(
            name=name,
            frames=0,
            frame=np.array([row.frame for row in rows], np.int64),
            track=np.array([row.track for row in rows], np.int64),
            label=np.array([places[row.label] for row in rows], np.int64),
            box=np.array([row[3:7] for row in rows], np.float64),
            score=np.array([row.score for row in rows], np.float64),
            counts=np.array([row.counts for row in rows], bool),
            labels=labels,
            left_out=(sentence,) if left_out else (),
        )
    )


def _mot(where: str, line: str, truth: bool) -> Row | None:
    """frame, id, left, top, width, height, score, then class and visibility, or a place in space; from 1.

    None where it is a box of the truth that does not count: its score is 0, or its class is not that of people.
    """
    words = line.split(",")
    if len(words) not in MOT_COLUMNS:
        refuse(where, f"it has {len(words)} columns", "7 to 10, as in text of the MOT Challenge")
    numbers = [_number(where, word) for word in words]
    frame, track = _whole(where, "frame", numbers[0]), _whole(where, "id", numbers[1])
    if frame < 1:
        refuse(where, f"its frame is {frame}", "1 or more, as the MOT Challenge counts from 1")
    left, top, width, height, score = numbers[2:7]
    if truth and (score == 0 or (len(numbers) == WITH_CLASS and numbers[7] != PEDESTRIAN)):
        return None
    return Row(frame - 1, track, OBJECT, left, top, left + width, top + height, score, True)


def _kitti(where: str, line: str, truth: bool, difficulty: str | None) -> Row | None:
    """frame, id, type, truncation, occlusion, angle, left, top, right, bottom, seven of space, score; from 0.

    None where it is a region that does not count.
    """
    words = line.split()
    if len(words) not in KITTI_COLUMNS:
        refuse(where, f"it has {len(words)} words", "17 or 18, as in text of KITTI tracking")
    label = words[2]
    numbers = [_number(where, word) for word in (*words[:2], *words[3:])]
    frame, track = _whole(where, "frame", numbers[0]), _whole(where, "id", numbers[1])
    if frame < 0:
        refuse(where, f"its frame is {frame}", "0 or more, as KITTI counts from 0")
    if label == UNCARED:
        return None
    left, top, right, bottom = numbers[5:9]
    least, occluded, truncated = LEVELS.get(difficulty or "", (-np.inf, np.inf, np.inf))
    counts = bottom - top >= least and numbers[3] <= occluded and numbers[2] <= truncated
    score = numbers[16] if len(numbers) == 17 and not truth else 1.0
    return Row(frame, track, label, left, top, right, bottom, score, bool(counts))


def _number(where: str, word: str) -> float:
    try:
        number = float(word)
    except ValueError:
        number = None
    if number is None or "_" in word or not word.isascii():  # Python reads 1_000, and digits of all alphabets
        refuse(where, f"it has {shorten(word.strip(), LONGEST_SHOWN)!r}", "a number")
    if not math.isfinite(number):
        refuse(where, f"it has {shorten(word.strip(), LONGEST_SHOWN)!r}", "a finite number")
    return number


def _whole(where: str, what: str, number: float) -> int:
    if number != int(number) or abs(number) >= 1 << 31:
        refuse(where, f"its {what} is {number:g}", "a whole number below 2^31")
    return int(number)
