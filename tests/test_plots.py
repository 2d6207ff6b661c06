"""Pictures show what the frame holds."""

import json

import pandas as pd
import pytest
from typer.testing import CliRunner

from simulator import load_arch, load_workload, plots, simulate
from simulator.cli import app
from simulator.registry import find
from workloads.errors import InputError


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    """A file with what `run ese google-lstm --json` prints, at a twentieth of its size."""
    config = load_arch("ese", channels=2)
    options = find("ese").part("arch").options(config.arch)
    told = simulate(config, load_workload("google-lstm", scale=0.05, **options)).to_dict()
    path = tmp_path_factory.mktemp("plots") / "result.json"
    path.write_text(json.dumps(told))
    return path


def frame_of(result):
    (table,) = json.loads(result.read_text())["tables"]
    return pd.DataFrame(table["rows"], columns=table["columns"])


def test_the_schedule_has_a_bar_for_all_that_runs_and_a_number_for_each_slot(result):
    frame = frame_of(result)
    axes = plots.schedule(frame, "title")
    begins = dict(zip(frame["slot"], frame["cycles"].cumsum() - frame["cycles"], strict=True))
    expected = {
        (line, float(begins[row["slot"]]), float(row[f"{part} cycles"]))
        for line, part in enumerate(plots.GANTT_PARTS)
        for _, row in frame.iterrows()
        if row[f"{part} cycles"]
    }
    bars = {(round(bar.get_y() + bar.get_height() / 2), bar.get_x(), bar.get_width()) for bar in axes.patches}
    assert bars == expected
    assert [label.get_text() for label in axes.get_yticklabels()] == list(plots.GANTT_PARTS)
    assert {str(slot) for slot in frame["slot"]} <= {text.get_text() for text in axes.texts}
    assert axes.get_xlim() == (0, frame["cycles"].sum())
    assert "cycles" in axes.get_xlabel()


def test_balance_draws_both_kinds_of_pruning():
    frame = pd.DataFrame({"pes": [4, 32], "balanced_speedup": [8.0, 6.4], "plain_speedup": [7.9, 6.2]})
    axes = plots.balance(frame, "title")
    drawn = {line.get_label(): list(line.get_ydata()) for line in axes.lines}
    assert drawn == {"balanced pruning": [8.0, 6.4], "plain pruning": [7.9, 6.2]}
    assert "speed-up" in axes.get_ylabel()


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_the_command_writes_a_picture(result, tmp_path, ending):
    picture = tmp_path / f"schedule.{ending}"
    done = CliRunner().invoke(app, ["plot", str(result), "schedule", "-o", str(picture)])
    assert done.exit_code == 0, done.output
    assert picture.stat().st_size > 2000


BAD = {
    "another ending": ("{}", "schedule", "a.gif", "a.gif: it ends with '.gif'; expected one of .png, .svg, .pdf"),
    "no JSON": ("no", "schedule", "a.png", "it cannot be read"),
    "a list": ("[]", "schedule", "a.png", "it holds a list; expected the JSON that a command printed"),
    "no schedule": ('{"tables": []}', "schedule", "a.png", "it has no schedule; expected what `run ese LAYER --json`"),
    "no points": ("{}", "balance", "a.png", "it has no points; expected what `study balance --json` printed"),
    "points of another study": (
        '{"points": [{"pes": 4}]}',
        "granularity",
        "a.png",
        "expected what `study granularity",
    ),
    "tables of a strange kind": ('{"tables": [3]}', "schedule", "a.png", "it has no schedule"),
    "a schedule without rows": ('{"tables": [{"title": "schedule"}]}', "schedule", "a.png", "it has no schedule"),
    "points of a strange kind": ('{"points": 3}', "balance", "a.png", "it has no points"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input(case, tmp_path):
    text, kind, name, sentence = BAD[case]
    given = tmp_path / "given.json"
    given.write_text(text)
    done = CliRunner().invoke(app, ["plot", str(given), kind, "-o", str(tmp_path / name)])
    assert isinstance(done.exception, InputError), done.output
    assert sentence in str(done.exception)
