"""Sentences about language models where something is asked for in a wrong way: what is wrong, and what to write."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import zeroskip as zs
from simulator.cli import app
from simulator.html import build
from simulator.machines.tensor import NO_DRAM
from tests.support.language import SMALL, write_small
from workloads.errors import InputError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The small model."""
    return write_small(tmp_path)


def test_an_empty_name_in_a_comparison_is_refused(path: Path) -> None:
    """Before any model runs."""
    for text in (f"{path},", f",{path}"):
        done = CliRunner().invoke(app, ["compare", text, "--machines", "tensor", "--context", "8"])
        assert done.exit_code
        assert "expected a name before and after each comma" in str(done.exception or done.output)


def test_a_slash_after_a_file_points_to_the_colon(path: Path) -> None:
    """Layers of a file follow a colon."""
    with pytest.raises(InputError, match=rf"it is a file and no folder; expected {path}:mlp-up"):
        zs.run("tensor", f"{path}/mlp-up")


def test_other_machines_run_its_matrices(path: Path, tmp_path: Path) -> None:
    """And the sentence names one of them, as it is to be written."""
    with pytest.raises(InputError, match=rf"expected a machine that runs them, or one of its matrices: {path}:expert"):
        zs.run("eie", path)
    with pytest.raises(InputError, match="one of its matrices: llama2-7b/attention-in"):
        zs.run("eie", "llama2-7b")
    several = tmp_path / "two.yaml"
    several.write_text(SMALL + SMALL.replace("tiny:", "other:"), "utf-8")
    with pytest.raises(InputError, match=rf"one of its matrices: {several}:other/expert-down"):
        zs.run("eie", f"{several}:other")


def test_a_calibration_is_named_where_it_has_no_page(tmp_path: Path) -> None:
    """It is a study in its form, and of another command."""
    file = tmp_path / "found.json"
    file.write_text(json.dumps({"study": "Calibration of x", "cache_format": "bf16", "tables": []}), "utf-8")
    with pytest.raises(InputError, match="it is JSON of `calibrate`, and of no layer"):
        build(file)
    file.write_text(json.dumps({"study": "x", "tables": []}), "utf-8")
    with pytest.raises(InputError, match="it is JSON of `study`, and of no layer"):
        build(file)


def test_a_model_has_one_name(path: Path, tmp_path: Path) -> None:
    """In runs, comparisons and over contexts; of two models of one name, what the user wrote."""
    assert zs.run("tensor", path, context=8).title == "tiny"
    assert zs.compare(["tensor", "tensor_h200"], path, context=8).title == "tiny"
    assert {row.workload for row in zs.compare_contexts(["tensor"], [path], [8, 9]).rows} == {"tiny"}
    (tmp_path / "more").mkdir()
    other = write_small(tmp_path / "more")
    assert [row.workload for row in zs.compare_contexts(["tensor"], [path, other], [8]).rows] == [str(path), str(other)]


def test_a_configuration_without_dram_says_so(path: Path) -> None:
    """Of networks and of single layers; with one there is nothing to say."""
    config = zs.load_arch("tensor", dram="none")
    assert NO_DRAM in zs.run(config, path, context=8).lead
    assert NO_DRAM in zs.run(config, f"{path}:3-mlp-up", context=8).to_dict()["lead"]
    assert NO_DRAM not in zs.run("tensor", path, context=8).lead


def test_one_token_is_one(path: Path) -> None:
    """And the context counts it."""
    (note,) = (note for note in zs.run("tensor", path, context=8).notes() if note.startswith("one step"))
    assert note == "one step of 1 sequence, on a context of 8 tokens, that of the step included"
