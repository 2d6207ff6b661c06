"""Sequences for tests: random tables of boxes, and the published ones where their wheel can be had."""

import numpy as np
import pytest
from hypothesis import strategies as st

from workloads.errors import InputError
from workloads.tracks.boxes import Boxes, order
from workloads.tracks.sequences import load_detections, load_truth

SIDE = 10.0


def make_boxes(rows, labels=("car", "person"), frames=0):
    """Rows of (frame, track, label, place, score): boxes of 10 x 10 in a line, moved by `place` pixels."""
    frame, track, label, place, score = (np.array(column) for column in zip(*rows, strict=True))
    left = 1000.0 * label + place
    box = np.stack([left, np.zeros(len(rows)), left + SIDE, np.full(len(rows), SIDE)], axis=1)
    whole = (one.astype(np.int64) for one in (frame, track, label))
    return order(Boxes("drawn", frames, *whole, box, score.astype(float), np.ones(len(rows), bool), labels))


@st.composite
def sequences(draw, most_frames=12, most_tracks=5):
    """A truth whose objects are 100 pixels apart, and detections near some of its boxes and elsewhere."""
    tracks, truth, found = draw(st.integers(1, most_tracks)), [], []
    for track in range(tracks):
        first = draw(st.integers(0, most_frames - 1))
        last = draw(st.integers(first, most_frames - 1))
        label = draw(st.integers(0, 1))
        for frame in range(first, last + 1):
            truth.append((frame, track, label, 100.0 * track, 1.0))
            if draw(st.booleans()):
                shift = draw(st.sampled_from([0, 3, 4, 9]))  # 3 of 10 pixels: 7 / 13 > 0.5; 4: 6 / 14 < 0.5
                found.append((frame, -1, label, 100.0 * track + shift, draw(st.integers(1, 5)) / 4))
    found.append((draw(st.integers(0, most_frames - 1)), -1, 0, 5000.0, 0.5))
    return make_boxes(truth, frames=most_frames), make_boxes(found, frames=most_frames)


def published(name):
    """Truth and detections of a sequence of the wheel; the test is skipped where it cannot be had."""
    try:
        return load_truth(name), load_detections(name)
    except InputError as error:
        pytest.skip(str(error))
