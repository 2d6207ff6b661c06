"""Files that commands write: never one that they read, and where the path is none, a sentence."""

import os
import sys
from pathlib import Path

import numpy as np
import pytest
from onnx import helper
from safetensors.numpy import save_file
from support import onnx_models

from simulator.cli import main
from zeroskip import run, sweep

SMALL = ("alexnet-fc8", "--scale", "0.01")
LAYER = {"weight": np.random.default_rng(0).standard_normal((8, 8)).astype(np.float32)}


@pytest.fixture
def refused(tmp_path, monkeypatch, capsys):
    """A function that gives the sentence with which a command ends in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["zeroskip", *arguments])
        with pytest.raises(SystemExit) as stop:
            main()
        assert stop.value.code == 2
        (line,) = capsys.readouterr().err.splitlines()
        return line

    return call


def make(name):
    """Write an input of a command under a name: a store, a result, a page's source or weights."""
    path = Path(name)
    if path.suffix == ".db":
        sweep("eie", "alexnet-fc8", {"pes": [1, 2]}, fixed={"scale": 0.01}, store=path, jobs=1)
    elif path.suffix == ".json":
        run("eie", "alexnet-fc8", scale=0.01).save(path)
    elif path.suffix == ".yaml":
        path.write_text("machine: eie\n")
    elif path.suffix == ".safetensors":
        save_file(LAYER, path)
    elif path.suffix == ".onnx":
        product = helper.make_node("MatMul", ["x", "w"], ["y"])
        onnx_models.save(path, [product], {"x": [1, 8]}, w=LAYER["weight"])
    else:
        np.savez(path, **LAYER)


@pytest.mark.parametrize(
    ("name", "link", "arguments"),
    [
        ("s.db", "l.parquet", ["results", "s.db", "--parquet"]),
        ("s.db", "l.parquet", ["pareto", "s.db", "--minimise", "cycles", "--parquet"]),
        ("s.db", "l.html", ["report", "s.db", "-o"]),
        ("e.json", "l.svg", ["plot", "e.json", "energy", "-o"]),
        ("w.safetensors", "w.safetensors", ["compress", "w.safetensors", "-o"]),
        ("w.safetensors", "l.safetensors", ["compress", "w.safetensors", "-o"]),
        ("w.npz", "l.safetensors", ["compress", "w.npz", "-o"]),
        ("w.onnx", "w.onnx", ["compress", "w.onnx", "-o"]),
        ("w.npz", "l.json", ["trace", "eie", "w.npz", "-o"]),
    ],
)
def test_an_input_is_not_written_over(name, link, arguments, refused):
    make(name)
    before = Path(name).read_bytes()
    if link != name:
        Path(link).symlink_to(name)
    expected = "a file that this command reads; expected another name, as the input stays as it is"
    assert refused(*arguments, link) == f"zeroskip: {link}: it is {expected}"
    assert Path(name).read_bytes() == before


def test_no_table_of_an_export_replaces_the_result(refused):
    make("e.json")
    Path("e.json").rename("COMPUTE_REPORT.csv")
    assert "it is a file that this command reads" in refused("export", "COMPUTE_REPORT.csv", "--scalesim", ".")


def test_a_parquet_file_is_called_so(refused):
    make("s.db")
    sentence = "zeroskip: t.csv: it ends with '.csv'; expected a name that ends with .parquet"
    assert refused("results", "s.db", "--parquet", "t.csv") == sentence
    assert refused("pareto", "s.db", "--minimise", "cycles", "--parquet", "t.csv") == sentence


def test_links_that_lead_to_each_other(refused):
    Path("l.json").symlink_to("l.json")
    sentence = (
        "zeroskip: l.json: it cannot be written (Too many levels of symbolic links); expected a place to write to"
    )
    assert refused("trace", "eie", *SMALL, "-o", "l.json") == sentence


@pytest.mark.parametrize("folder", ["e.json", "e.json/below"])
def test_a_file_in_place_of_a_directory(folder, refused):
    make("e.json")
    sentence = f"zeroskip: {folder}: it is no directory; expected a directory to write to, or a new name"
    assert refused("export", "e.json", "--accelergy", folder) == sentence


@pytest.mark.parametrize("name", [f"{'n' * 250}.json", f"{'é' * 125}.json"])
def test_the_longest_names(name, tmp_path):
    run("eie", "alexnet-fc8", scale=0.01).save(tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("study", ["tbik", "dgc", "dsd", "qad"])
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--seeds", "100000000"), "invalid value for '--seeds': "),
        (("--seeds", "2", "--seed", str(2**63 - 1)), "seed is 9223372036854775808; expected at most"),
    ],
)
def test_seeds_of_a_study_have_an_end(refused, study, arguments, sentence):
    assert sentence in refused("study", study, *arguments)


@pytest.mark.parametrize("output", ["none/a", "folder", "a/b"])
@pytest.mark.parametrize(
    "arguments",
    [
        ("trace", "eie", "none.npz", "-o", "{}.json"),
        ("report", "none.json", "-o", "{}.html"),
        ("compress", "none.npz", "-o", "{}.safetensors"),
        ("results", "none.db", "--parquet", "{}.parquet"),
        ("system", "tp8", "none.npz", "--trace", "{}.json"),
    ],
)
def test_where_an_output_cannot_be_written_is_said_before_the_work(refused, arguments, output):
    """Its input is missing, too, which only the work notices."""
    command = [one.format(output) for one in arguments]
    path = Path(command[-1])
    Path("a").write_text("")
    if output == "folder":
        path.mkdir()
    reason = {"none/a": "No such file or directory", "folder": "Is a directory", "a/b": "Not a directory"}[output]
    assert refused(*command) == f"zeroskip: {path}: it cannot be written ({reason}); expected a place to write to"


@pytest.mark.skipif(os.geteuid() == 0, reason="who may do anything may write anywhere")
def test_a_folder_without_rights_is_said_before_the_work(refused):
    Path("closed").mkdir(mode=0o500)
    sentence = "it cannot be written (Permission denied); expected a place to write to"
    assert refused("trace", "eie", "none.npz", "-o", "closed/a.json") == f"zeroskip: closed/a.json: {sentence}"
