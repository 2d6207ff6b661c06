"""Matching, operating points and delays, counted by hand and by slow loops."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.paths import EXAMPLES
from support.tracks import make_boxes, published, sequences

from workloads.errors import InputError
from workloads.tracks import boxes as boxes_module
from workloads.tracks.boxes import find_pairs, overlaps
from workloads.tracks.delay import Hits, average_delay, first_frames, offline_delays
from workloads.tracks.operating import rank, score_at_precision, score_at_rate
from workloads.tracks.tracks import find_tracks


def slow_first(truth, found, least):
    """For each object by label and number: its first frame, last frame, and the first in which it is found, or None."""
    objects = {}
    for row in range(len(truth.frame)):
        key, frame = (truth.label[row], truth.track[row]), truth.frame[row]
        first, last, seen = objects.get(key, (frame, frame, None))
        for other in range(len(found.frame)):
            same = found.frame[other] == frame and found.label[other] == truth.label[row]
            if same and found.score[other] >= least and overlap(truth.box[row], found.box[other]) > 0.5:
                seen = frame if seen is None else min(seen, frame)
        objects[key] = min(first, frame), max(last, frame), seen
    return [objects[key] for key in sorted(objects)]


def overlap(one, other):
    wide, tall = (min(one[k + 2], other[k + 2]) - max(one[k], other[k]) for k in (0, 1))
    shared = max(0, wide) * max(0, tall)
    return shared / (sum((b[2] - b[0]) * (b[3] - b[1]) for b in (one, other)) - shared)


@settings(max_examples=2 * EXAMPLES)
@given(sequences(), st.sampled_from([-np.inf, 0.5, 0.75, 1.25]))
def test_delays_equal_those_of_slow_loops(sequence, least):
    truth, found = sequence
    tracks = find_tracks(truth)
    hits = Hits(truth, tracks, found, find_pairs(truth, found))
    slow = slow_first(truth, found, least)
    assert tracks.appears.tolist() == [first for first, _, _ in slow]
    assert tracks.last.tolist() == [last for _, last, _ in slow]
    first = first_frames(hits, tracks, least)
    assert [None if frame < 0 else frame for frame in first.tolist()] == [seen for _, _, seen in slow]
    expected = [(last if seen is None else seen) - begin for begin, last, seen in slow]
    assert offline_delays(tracks, first).tolist() == expected


@settings(max_examples=EXAMPLES)
@given(sequences())
def test_a_lower_score_never_delays_an_object(sequence):
    truth, found = sequence
    tracks = find_tracks(truth)
    hits = Hits(truth, tracks, found, find_pairs(truth, found))
    totals = [offline_delays(tracks, first_frames(hits, tracks, least)) for least in (0, 0.5, 0.75, 1, 2)]
    for low, high in pairwise(totals):
        assert (low <= high).all()
    np.testing.assert_array_equal(totals[-1], tracks.last - tracks.appears)


def test_overlap_by_hand():
    found = overlaps(np.array([[0.0, 0, 10, 10]]), np.array([[5.0, 0, 15, 10], [0, 0, 10, 20], [10, 0, 20, 10]]))
    np.testing.assert_allclose(found, [[1 / 3, 1 / 2, 0]])


def test_an_overlap_of_exactly_one_half_is_no_match():
    truth = make_boxes([(0, 0, 0, 0.0, 1)])
    half = truth._replace(box=np.array([[0.0, 0, 10, 20]]))
    assert len(find_pairs(truth, half).truth) == 0
    assert len(find_pairs(truth, half, 0.49).truth) == 1


def test_scores_and_precision_by_hand():
    """Two objects in a frame; from the highest score on: right, the same again, wrong place, right."""
    truth = make_boxes([(0, 0, 0, 0.0, 1), (0, 1, 0, 100.0, 1)])
    found = make_boxes([(0, -1, 0, 0.0, 0.9), (0, -1, 0, 1.0, 0.8), (0, -1, 0, 500.0, 0.7), (0, -1, 0, 100.0, 0.6)])
    ranked = rank(truth, found, find_pairs(truth, found))
    assert ranked.right.tolist() == [True, False, False, True]
    assert [score_at_rate(ranked, 2, rate) for rate in (0.1, 0.5, 0.9, 1.0, 3.2)] == [0.9, 0.8, 0.8, 0.6, 0.6]
    assert [score_at_precision(ranked, share) for share in (1, 0.6, 0.5, 0.4)] == [0.9, 0.9, 0.6, 0.6]


def test_no_score_has_few_enough_errors_or_the_precision():
    truth, found = make_boxes([(0, 0, 0, 0.0, 1)]), make_boxes([(0, -1, 0, 500.0, 0.9), (0, -1, 0, 0.0, 0.1)])
    ranked = rank(truth, found, find_pairs(truth, found))
    assert score_at_rate(ranked, 1, 0.5) == np.inf
    assert score_at_precision(ranked, 0.8) is None


def test_precision_is_the_mean_of_the_labels():
    """Of label 0 one of one is right, of label 1 one of two: 3 / 4."""
    truth = make_boxes([(0, 0, 0, 0.0, 1), (0, 1, 1, 100.0, 1)])
    found = make_boxes([(0, -1, 0, 0.0, 0.5), (0, -1, 1, 100.0, 0.5), (0, -1, 1, 700.0, 0.5)])
    ranked = rank(truth, found, find_pairs(truth, found))
    assert score_at_precision(ranked, 0.75) == 0.5
    assert score_at_precision(ranked, 0.76) is None


def test_average_delay_is_the_harmonic_mean_of_the_delays_and_one():
    assert average_delay(np.array([3.0] * 6)) == pytest.approx(3)
    assert average_delay(np.array([1.0, 3.0])) == pytest.approx(1 / ((1 / 2 + 1 / 4) / 2) - 1)


def test_too_many_pairs_are_refused(monkeypatch):
    monkeypatch.setattr(boxes_module, "MOST_PAIRS", 1)
    truth = make_boxes([(0, 0, 0, 0.0, 1), (0, 1, 0, 100.0, 1)])
    with pytest.raises(InputError, match="drawn: 4 pairs of boxes are in the same frame; expected at most 1"):
        find_pairs(truth, truth)


def test_the_published_sequence_has_the_delays_that_were_counted():
    truth, found = published("tud-campus")
    tracks = find_tracks(truth)
    first = first_frames(Hits(truth, tracks, found, find_pairs(truth, found)), tracks, -np.inf)
    delays = offline_delays(tracks, first)
    assert (len(truth.frame), len(found.frame), truth.frames) == (359, 222, 71)
    assert delays.tolist() == [0, 0, 6, 15, 5, 1, 3, 0]
    assert np.minimum(delays, 30).mean() == 3.75


@pytest.mark.filterwarnings("error")
def test_scores_at_both_ends_of_float64_are_two_scores():
    truth = make_boxes([(0, 0, 0, 0.0, 1), (1, 0, 0, 0.0, 1)])
    found = truth._replace(score=np.array([1.7e308, -1.7e308]))
    ranked = rank(truth, found, find_pairs(truth, found))
    assert score_at_rate(ranked, 2, 0) == -1.7e308
    assert score_at_precision(ranked, 1) == -1.7e308
