"""The page and the picture of a camera, and what a result in Python gives."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import zeroskip
from simulator.cli import app
from simulator.plots.camera import delays
from simulator.plots.style import figure_of
from simulator.results.camera_frames import KIND, PARTS, camera_rows
from simulator.results.camera_frames import delays as frame_of
from simulator.results.files import StoredFile
from workloads.errors import InputError


@pytest.fixture(scope="module")
def found():
    given = {"fps": 50, "policy": "drop", "sensor_ms": 3, "workload": {"scale": 0.05}}
    return zeroskip.camera("scnn,eie", "alexnet", "drawn", "drawn", **given)


def test_rows_are_points_and_their_parts(found):
    frame = camera_rows(found.to_dict())
    assert frame["point"].tolist() == [one.name for one in found.points]
    assert frame["machine"].unique().tolist() == ["scnn_8x8, eie_64pe"]
    for row, point in zip(frame.to_dict("records"), found.points, strict=True):
        assert sum(row[part] for part in PARTS) == pytest.approx(point.unclipped_ms)
        assert row["sensor"] == pytest.approx(3)


def test_a_picture_has_a_bar_for_each_point(found, tmp_path):
    axes = found.plot().axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == [one.name for one in found.points]
    services = next(bars for bars in axes.containers if bars.get_label() == "service")
    assert [bar.get_width() for bar in services] == pytest.approx([one.parts_ms["service"] for one in found.points])
    for name, fps in (("a", 50.0), ("b", 25.0)):
        (tmp_path / f"{name}.json").write_text(json.dumps({**found.to_dict(), "fps": fps}))
    files = [str(tmp_path / f"{name}.json") for name in "ab"]
    done = CliRunner().invoke(app, ["plot", *files, "camera", "-o", str(tmp_path / "p.svg")])
    assert done.exit_code == 0, done.output
    text = (tmp_path / "p.svg").read_text()
    assert "50 frames/s" in text
    assert "precision 0.8" not in text


def test_a_page_has_delays_frames_and_machines(found, tmp_path):
    found.save(tmp_path / "c.json")
    done = CliRunner().invoke(app, ["report", str(tmp_path / "c.json"), "-o", str(tmp_path / "c.html")])
    assert done.exit_code == 0, done.output
    text = (tmp_path / "c.html").read_text()
    for part in ("alexnet behind a camera of 50 frames a second", "average delay", "scnn_8x8", "policy drop, depth 1"):
        assert part in text
    found.save(tmp_path / "direct.html")
    assert "<h1>alexnet behind a camera" in (tmp_path / "direct.html").read_text().replace("\n", "")
    written = json.loads((tmp_path / "c.json").read_text())
    assert camera_rows(written).shape == camera_rows(found.to_dict()).shape


def test_a_damaged_file_is_a_sentence(found, tmp_path):
    content = found.to_dict()
    for change in ({"stages": []}, {"points": [3]}, {"average": None}, {"fps": "x"}):
        (tmp_path / "c.json").write_text(json.dumps({**content, **change}))
        done = CliRunner().invoke(app, ["report", str(tmp_path / "c.json"), "-o", str(tmp_path / "c.html")])
        assert isinstance(done.exception, InputError | SystemExit), done.exception
        assert done.exit_code != 0
        assert not (tmp_path / "c.html").exists()


def test_bars_that_differ_much_have_shares(found):
    slow = {**found.to_dict(), "points": [one | {"parts_ms": dict.fromkeys(PARTS, 10.0**k)} for k, one in
                                          zip((0, 5), found.to_dict()["points"][:2], strict=True)]}  # fmt: skip
    axes = delays(*frame_of([StoredFile(Path("c"), KIND, slow)]))
    assert len(figure_of(axes[0]).axes) == 2


def test_its_rows_are_those_that_the_command_prints(found, tmp_path):
    given = ["--truth", "drawn", "--detections", "drawn", "--fps", "50", "--policy", "drop", "--sensor-ms", "3"]
    printed = CliRunner().invoke(app, ["camera", "scnn,eie", "alexnet", *given, "--scale", "0.05", "--csv"])
    found.save(tmp_path / "c.csv")
    assert (tmp_path / "c.csv").read_text() == found.to_frame().to_csv(index=False)
    assert printed.stdout == (tmp_path / "c.csv").read_text()
