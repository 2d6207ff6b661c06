"""Text of the MOT Challenge and of KITTI tracking becomes a table, or is refused with one sentence."""

from time import process_time

import numpy as np
import pytest

from workloads.errors import InputError
from workloads.tracks.read import parse_boxes, read_boxes
from workloads.tracks.sequences import load_detections, load_truth
from workloads.tracks.tracks import find_tracks

CAR = "0 1 Car 0.1 1 -1.5 10 20 60 {bottom} 1.5 1.6 3.9 1 2 30 0.1"


def test_mot_rows():
    boxes = parse_boxes("f", "2,7,10,20,30,40,0.5,-1,-1,-1\n\n1,-1,1.5,2,3,4,1,-1,-1\n", truth=False)
    assert boxes.frame.tolist() == [0, 1]
    assert boxes.track.tolist() == [-1, 7]
    assert boxes.box.tolist() == [[1.5, 2, 4.5, 6], [10, 20, 40, 60]]
    assert boxes.score.tolist() == [1, 0.5]
    assert boxes.frames == 2


def test_what_a_mot_truth_does_not_count_is_left_out():
    text = "1,1,0,0,9,9,1,1,1\n1,2,0,0,9,9,0,1,1\n1,3,0,0,9,9,1,7,1\n1,4,0,0,9,9,1,5.5,2,0\n"
    truth = parse_boxes("f", text, truth=True)
    assert truth.track.tolist() == [1, 4]
    assert truth.left_out == ("f: 2 boxes that the format says not to count are left out",)
    assert parse_boxes("f", text, truth=False).track.tolist() == [1, 2, 3, 4]


@pytest.mark.parametrize(("difficulty", "appears"), [(None, 0), ("hard", 1), ("moderate", 1), ("easy", None)])
def test_kitti_rows_and_when_an_object_appears(difficulty, appears):
    later = CAR.format(bottom=90).replace("0 1 Car", "1 1 Car")
    text = f"{CAR.format(bottom=40)}\n{later} 0.25\n0 -1 DontCare -1 -1 -10 0 0 9 9{' -1' * 7}\n"
    truth = parse_boxes("f", text, True, difficulty)
    assert truth.labels == ("Car",)
    assert truth.box.tolist() == [[10, 20, 60, 40], [10, 20, 60, 90]]
    assert parse_boxes("f", text, False).score.tolist() == [1, 0.25]
    if appears is None:  # it is occluded
        with pytest.raises(InputError, match="f: no object is large and visible enough in any frame; expected one"):
            find_tracks(truth)
    else:
        assert find_tracks(truth).appears.tolist() == [appears]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "f: it has no box; expected boxes as text of the MOT Challenge or of KITTI tracking"),
        ("1,2,3\n", "f, line 1: it has 3 columns; expected 7 to 10"),
        ("1 2 3\n", "f, line 1: it has 3 words; expected 17 or 18"),
        ("\n1,1,x,2,3,4,1\n", "f, line 2: it has 'x'; expected a number"),
        ("1,1,nan,2,3,4,1", "f, line 1: it has 'nan'; expected a finite number"),
        ("1.5,1,1,2,3,4,1", "f, line 1: its frame is 1.5; expected a whole number below 2^31"),
        ("1,1e99,1,2,3,4,1", "f, line 1: its id is 1e+99; expected a whole number"),
        ("0,1,1,2,3,4,1", "f, line 1: its frame is 0; expected 1 or more, as the MOT Challenge counts from 1"),
        ("-3,1,1,2,3,4,1", "f, line 1: its frame is -3; expected 1 or more"),
        (CAR.format(bottom=40).replace("0 1 Car", "-1 1 Car"), "f, line 1: its frame is -1; expected 0 or more, as"),
        ("1,1,1,2,3,4,1\n" + CAR.format(bottom=40), "f, line 2: it is text of KITTI tracking; expected of the MOT"),
        (CAR.format(bottom=40) + "\n1,1,1,2,3,4,1", "f, line 2: it is text of the MOT Challenge; expected of KITTI"),
        ("0 -1 DontCare -1 -1 -10 0 0 9 9" + " -1" * 7, "f: it has no box that counts: 1 are not to count; expected"),
        ("\n" * ((1 << 20) + 1), "f: it has 1,048,577 lines; expected at most 1,048,576"),
        ("9999999,1,1,2,3,4,1", "f: it has boxes in frames 9999998 to 9999998"),
        (
            "1,1,1,2,0,4,1",
            "f: a box in frame 0, counted from 0, is [1, 2, 1, 6]; expected left < right and top < bottom, each at",
        ),
        ("1,1,1e9,2,1,4,1", "a box in frame 0"),
        ("1,1,1_0,2,1,4,1", "f, line 1: it has '1_0'; expected a number"),
        ("1,1,\u0661,2,1,4,1", "f, line 1: it has '\u0661'; expected a number"),
        ("1,1," + "9" * 2000, "f, line 1: it is"),
        ("1,1,1,2,1,4,1\n" * 1001, "f: a frame has 1001 boxes; expected at most 1000"),
    ],
)
def test_a_wrong_text(text, sentence):
    with pytest.raises(InputError) as error:
        parse_boxes("f", text, truth=False)
    assert sentence in str(error.value)
    assert "\n" not in str(error.value)


def test_objects_without_numbers_and_twice_in_a_frame():
    with pytest.raises(InputError, match="f: a box in frame 1, counted from 0, has no number of an object"):
        find_tracks(parse_boxes("f", "1,1,1,2,3,4,1\n2,-1,1,2,3,4,1\n", truth=True))
    with pytest.raises(InputError, match="f: object 1 has two boxes in frame 0, counted from 0; expected one"):
        find_tracks(parse_boxes("f", "1,1,1,2,3,4,1\n1,1,5,2,3,4,1\n", truth=True))


def test_files_and_names(tmp_path):
    with pytest.raises(InputError, match="there is no such file; expected boxes as text"):
        read_boxes(tmp_path / "none.txt", truth=True)
    with pytest.raises(InputError, match="difficulty is 'simple'; expected one of easy, moderate, hard"):
        load_truth("drawn", "simple")
    with pytest.raises(InputError, match="drawn: difficulty is easy; expected none, or a file of KITTI tracking"):
        load_truth("drawn", "easy")
    with pytest.raises(
        InputError, match="f, line 1: it is text of the MOT Challenge, and difficulty is easy; expected"
    ):
        parse_boxes("f", "1,1,1,2,3,4,1\n", True, "easy")
    with pytest.raises(InputError, match="truth is 3; expected a file, or one of tud-campus"):
        load_truth(3)
    file = tmp_path / "boxes.txt"
    file.write_text("1,1,1,2,3,4,1\n")
    assert load_detections(file).frames == 1


def test_a_drawn_sequence_is_the_same_for_the_same_seed_and_has_what_it_should():
    truth, found = load_truth("drawn", seed=3), load_detections("drawn", seed=3)
    for name in ("frame", "box"):
        np.testing.assert_array_equal(getattr(truth, name), getattr(load_truth("drawn", seed=3), name))
    assert 4 < len(truth.frame) / truth.frames < 9
    assert (truth.box[:, :2] >= 0).all()
    assert (truth.box[:, 2:] <= [1242, 375]).all()
    assert set(found.track.tolist()) == {-1}
    assert len(find_tracks(truth).last) > 50


@pytest.mark.parametrize("label", ["Person_sitting", "V\u00e9lo"])
def test_a_label_is_any_word(label):
    """KITTI's own labels have an underscore, which no number may have."""
    boxes = parse_boxes("f", CAR.format(bottom=40).replace("Car", label), truth=True)
    assert boxes.labels == (label,)


def test_a_mark_at_the_head_of_a_file_is_no_part_of_it():
    assert parse_boxes("f", "\ufeff1,1,1,2,3,4,1\r\n", truth=True).frame.tolist() == [0]


def test_a_file_that_is_refused_for_its_last_line_is_read_soon():
    parse_boxes("f", "1,1,1,2,3,4,1\n", truth=False)
    text = "".join(f"{1 + line // 100},1,1,2,3,4,1\n" for line in range(50_000)) + "x,"
    began = process_time()
    with pytest.raises(InputError, match="f, line 50001: it has 2 columns"):
        parse_boxes("f", text, truth=False)
    assert process_time() - began < 1  # a million lines: 20 s at most
