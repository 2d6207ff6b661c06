"""CaTDet: its cost by hand, its networks' published operations, its cover by a slow loop, its tracker step by step."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.paths import EXAMPLES
from support.tracks import make_boxes, published

from workloads.errors import InputError
from workloads.tracks.boxes import find_pairs
from workloads.tracks.cascade import CascadeSettings, run_cascade
from workloads.tracks.cost import Costs, detector_macs, network_macs, part_networks, shape_of
from workloads.tracks.delay import Hits, first_frames, offline_delays
from workloads.tracks.draw import KITTI_LIKE, PROPOSED, draw_detections, draw_truth
from workloads.tracks.regions import Frame, cover, covered_cells
from workloads.tracks.tracker import Tracker, TrackerSettings
from workloads.tracks.tracks import find_tracks

pytest.importorskip("scipy")


def slow_cells(boxes, frame):
    """Whether any grown box and a cell share an area, cell by cell."""
    rows, columns = frame.cells
    found = np.zeros((rows, columns), bool)
    for row in range(rows):
        for column in range(columns):
            cell = [one * frame.stride for one in (column, row, column + 1, row + 1)]
            cell[2:] = min(cell[2], frame.width), min(cell[3], frame.height)
            for left, top, right, bottom in boxes:
                wide = min(right + frame.margin, cell[2]) - max(left - frame.margin, cell[0])
                tall = min(bottom + frame.margin, cell[3]) - max(top - frame.margin, cell[1])
                found[row, column] |= wide > 0 and tall > 0
    return found


@settings(max_examples=2 * EXAMPLES)
@given(st.data())
def test_the_union_equals_a_loop_over_cells(data):
    side = st.integers(-20, 80)
    frame = Frame(data.draw(st.integers(20, 70)), data.draw(st.integers(20, 70)), data.draw(st.sampled_from([0, 5])), 8)
    boxes = []
    for _ in range(data.draw(st.integers(0, 4))):
        left, top = data.draw(side), data.draw(side)
        boxes.append((left, top, left + data.draw(st.integers(1, 30)), top + data.draw(st.integers(1, 30))))
    array = np.array(boxes, float).reshape(-1, 4)
    np.testing.assert_array_equal(covered_cells(array, frame), slow_cells(boxes, frame))


def test_a_union_is_not_a_sum_and_ends_at_the_border():
    frame = Frame(160, 160, margin=16)
    corner = np.array([[0.0, 0, 16, 16]])
    assert cover(corner, frame) == 4 / 100  # it grows to the right and downwards only
    assert cover(np.concatenate([corner, corner]), frame) == 4 / 100
    assert cover(np.array([[64.0, 64, 80, 80]]), frame) == 9 / 100
    assert cover(np.array([[-500.0, 0, -400, 9]]), frame) == 0


def test_the_networks_have_the_published_operations():
    """GMAC on 1242 x 375 with 300 proposals: 29.5 + 8.9 + 219.7 = 258.0; proposal networks 20.7 and 7.5."""
    parts = [network_macs(name) / 1e9 for name in part_networks("A")[:3]]
    assert [round(part, 1) for part in (parts[0], parts[1], 300 * parts[2])] == [29.5, 8.9, 219.7]
    assert round(parts[2], 3) == 0.732
    assert round(detector_macs("A").single / 1e9, 1) == 258.0
    assert [round(detector_macs(name).cheap_whole / 1e9, 1) for name in "AB"] == [20.7, 7.5]
    with pytest.raises(InputError, match="alexnet-fc8: it is no convolution; expected one"):
        shape_of("alexnet-fc8")
    with pytest.raises(InputError, match="CaTDet: its proposal network is 'C'; expected one of A, B"):
        detector_macs("C")


def test_two_frames_by_hand():
    """A frame of 64 x 64, 4 x 4 cells, no margin. One proposal in the first frame, none in the second.

    Frame 0: the proposal covers one cell, and the detection in it is found. Frame 1: the tracker looks at the same
    place, one cell again. A second object that is not proposed is never found.
    """
    frame, costs = Frame(64, 64, margin=0), Costs(1600.0, 0.0, 7.0, 40.0, 0.0)
    proposals = make_boxes([(0, -1, 0, 2.0, 1)])
    detections = make_boxes([(0, -1, 0, 2.0, 1), (1, -1, 0, 2.0, 1), (0, -1, 0, 34.0, 1), (1, -1, 0, 34.0, 1)])
    cascade = run_cascade(proposals, detections, frame, CascadeSettings())
    assert cascade.proposed.tolist() == [1, 0]
    assert cascade.tracked.tolist() == [0, 1]
    assert cascade.cover.tolist() == [1 / 16, 1 / 16]
    assert cascade.found.box[:, 0].tolist() == [2, 2]
    assert costs.cascade(cascade.cover, cascade.regions).tolist() == [40 + 100 + 7, 40 + 100 + 7]
    assert costs.single == 1600 + 300 * 7


def test_a_cover_of_one_and_300_regions_cost_what_the_single_network_does_without_its_proposals():
    costs = detector_macs("A")
    alone = costs._replace(cheap=0.0, cheap_region=0.0)
    np.testing.assert_allclose(alone.cascade(np.ones(1), np.array([300])), costs.single - costs.proposals)


def test_velocity_and_confidence_step_by_step():
    tracker = Tracker(Frame(1000, 1000), TrackerSettings(decay=0.5))
    none, label = np.zeros(0, np.int64), np.zeros(1, np.int64)
    place = np.array([[100.0, 100, 140, 140]])
    assert tracker.predict().shape == (0, 4)
    tracker.update(place, label)
    np.testing.assert_array_equal(tracker.predict(), place)
    tracker.update(place + 8, label)  # half of 8 pixels a frame
    np.testing.assert_array_equal(tracker.predict(), place + 12)
    tracker.update(place + 12, label)  # 0.5 x 4 + 0.5 x 4
    np.testing.assert_array_equal(tracker.predict(), place + 16)
    for shift, held in ((18, 1), (19, 0)):
        tracker.update(np.zeros((0, 4)), none)
        assert tracker.tracked[0].confidence.tolist() == [held]
        np.testing.assert_array_equal(tracker.predict(), place + shift)
    tracker.update(np.zeros((0, 4)), none)
    assert tracker.predict().shape == (0, 4)


def test_boxes_that_leave_the_image_or_are_narrow_are_forgotten():
    tracker = Tracker(Frame(100, 100))
    tracker.update(np.array([[120.0, 0, 160, 50], [0, 0, 9, 50], [0, 0, 10, 50]]), np.zeros(3, np.int64))
    assert tracker.predict().tolist() == [[0, 0, 10, 50]]


def test_assignment_is_the_best_of_all_and_not_the_first():
    """The first object overlaps both boxes, the second only the first box."""
    tracker = Tracker(Frame(500, 500))
    tracker.update(np.array([[100.0, 0, 200, 100], [50, 0, 150, 100]]), np.zeros(2, np.int64))
    tracker.predict()
    tracker.update(np.array([[90.0, 0, 190, 100], [130, 0, 230, 100]]), np.zeros(2, np.int64))
    assert tracker.tracked[0].confidence.tolist() == [1, 1]


def test_without_scipy_a_sentence_names_the_extra(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "scipy.optimize", None)
    with pytest.raises(InputError, match=r"the tracker: scipy.optimize is not installed; expected .*zeroskip\[tracks"):
        Tracker(Frame(10, 10))


@pytest.mark.parametrize("seed", range(3))
def test_ratios_on_a_road_are_those_of_the_paper(seed):
    """5.1 to 8.7 times fewer operations are published; a proposal network that finds most objects and errs."""
    rng = np.random.default_rng(seed)
    truth = draw_truth(KITTI_LIKE, rng)
    found = draw_detections(KITTI_LIKE, truth, rng)
    proposals = draw_detections(PROPOSED, truth, rng)
    cascade = run_cascade(proposals, found, Frame(KITTI_LIKE.width, KITTI_LIKE.height))
    ratios = [
        (costs := detector_macs(name)).single / costs.cascade(cascade.cover, cascade.regions).mean() for name in "AB"
    ]
    print(cascade.cover.mean(), cascade.regions.mean(), ratios)
    assert 0.35 < cascade.cover.mean() < 0.55
    assert 5 < ratios[0] < ratios[1] < 9


def test_the_cascade_finds_most_of_a_published_sequence_and_is_not_much_later():
    truth, found = published("tud-campus")
    cascade = run_cascade(found, found, Frame(640, 480))
    assert len(cascade.found.frame) == len(found.frame)  # it proposes what it finds
    tracks = find_tracks(truth)
    rng = np.random.default_rng(0)
    thinned = found.choose(rng.random(len(found.frame)) < 0.5)._replace(frames=found.frames)
    delays = []
    for boxes in (found, run_cascade(thinned, found, Frame(640, 480)).found):
        first = first_frames(Hits(truth, tracks, boxes, find_pairs(truth, boxes)), tracks, -np.inf)
        delays.append(offline_delays(tracks, first))
    assert (delays[1] >= delays[0]).all()
    assert delays[1].mean() - delays[0].mean() < 3
