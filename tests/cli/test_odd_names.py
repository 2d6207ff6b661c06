"""Names that mean something to a terminal, to rich, to matplotlib or to HTML are shown as they are, everywhere."""

import json
import sys

import numpy as np
import pytest
from typer.testing import CliRunner

from simulator.cli import main
from simulator.cli.commands import app
from simulator.config.load import shipped

NAMES = (
    ":smile:",
    "[/]",
    "[bold]x",
    "$\\frac{$",
    "$a$",
    "\\",
    "{task}",
    "%s",
    "<b>&amp;",
    "a\x1b[31mred",
    "two\nlines",
    "\u202eright",
)
SHOWN = {"a\x1b[31mred": "a\\x1b[31mred", "\u202eright": "\\u202eright"}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder, rng = tmp_path_factory.mktemp("odd"), np.random.default_rng(0)
    network = {f"{name}.weight": rng.standard_normal((6, 6)).astype(np.float32) for name in NAMES}
    np.savez(folder / "net.npz", **network)
    return folder


def zeroskip(*arguments):
    done = CliRunner().invoke(app, [str(one) for one in arguments])
    assert done.exception is None, done.output
    assert not set(done.output) & {"\x1b", "\u202e", "😄"}
    return done.output


def test_tables_show_names_as_they_are(files):
    for arguments in (
        ("run", "eie", files / "net.npz"),
        ("compare", files / "net.npz", "--machines", "eie,dcnn"),
        ("check", "eie", files / "net.npz"),
        ("compress", files / "net.npz"),
        ("ablate", files / "net.npz"),
    ):
        output = zeroskip(*arguments)
        for name in NAMES:
            if "\n" not in name:
                assert SHOWN.get(name, name) in output, (name, arguments)


def test_json_holds_names_and_pictures_and_pages_are_made_of_it(files):
    result = json.loads(zeroskip("run", "eie", files / "net.npz", "--json"))
    assert {layer["layer"] for layer in result["layers"]} == set(NAMES)
    (files / "net.json").write_text(json.dumps(result), "utf-8")
    for kind in ("energy", "latency", "roofline"):
        zeroskip("plot", files / "net.json", kind, "-o", files / f"{kind}.svg")
    zeroskip("report", files / "net.json", "-o", files / "net.html")
    page = (files / "net.html").read_text("utf-8")
    assert "&lt;b&gt;&amp;amp;" in page
    zeroskip("trace", "eie", files / "net.npz", "-o", files / "trace.json")


def test_an_error_is_one_line_without_controls(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["zeroskip", "run", "eie", "no\n\x1b[31mfile.npz"])
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 2
    assert (
        capsys.readouterr().err == "zeroskip: no\\n\\x1b[31mfile.npz: there is no such file; expected an .npz archive\n"
    )


def test_an_error_about_a_long_line_is_short(monkeypatch, capsys, tmp_path):
    (tmp_path / "long.mtx").write_text("%%MatrixMarket matrix coordinate real general\n" + "x" * 500_000)
    monkeypatch.setattr(sys, "argv", ["zeroskip", "run", "eie", str(tmp_path / "long.mtx")])
    with pytest.raises(SystemExit) as stop:
        main()
    error = capsys.readouterr().err
    assert (stop.value.code, len(error) < 2100, "; expected " in error) == (2, True, True)


def test_a_formula_is_drawn_as_text(tmp_path):
    from simulator.plots import style

    sizes = []
    for name in ("$a$", "\\$a\\$"):
        axes = style.one(3, 2)
        axes.set_title(name)
        axes.bar([name], [1])
        axes.set_yscale("log")
        style.save(axes, tmp_path / "x.svg")
        sizes.append((tmp_path / "x.svg").read_text().count("<use "))
    assert sizes[1] == sizes[0] + 4  # two backslashes in the title and in the name


def test_clips_and_configurations_are_shown_as_they_are(tmp_path):
    clip, config = tmp_path / "c[red].npy", tmp_path / "e[bold].yaml"
    np.save(clip, np.zeros((2, 4, 4), np.uint8))
    assert "c[red].npy" in zeroskip("study", "frame-differences", "--source", clip)
    config.write_text(shipped()["eie_64pe"])
    drawn = ("--truth", "drawn", "--detections", "drawn", "--scale", "0.02")
    assert "e[bold] " in zeroskip("camera", config, "alexnet-fc8", *drawn)
