"""Each command once, on small layers."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from simulator.cli import app

SMALL = ["alexnet-fc8", "--scale", "0.05"]
COMMANDS = {
    "list": [],
    "run": ["scnn", "alexnet-conv3", "--scale", "0.1"],
    "check": ["eie", *SMALL],
    "compare": [*SMALL, "--machines", "eie,scnn,dcnn"],
    "trace": ["eie", *SMALL, "-o", "trace.json"],
    "report": ["result.json", "-o", "page.html"],
    "plot": ["result.json", "energy", "-o", "energy.png"],
    "validate": ["dram", "--json"],
    "compress": ["layer.npz", "--density", "0.2", "-o", "again.safetensors"],
    "inspect": ["layer.safetensors"],
    "study": [],
    "ablate": SMALL,
    "why": ["eie", *SMALL],
    "calibrate": ["qwen3-attention-decode", "--scale", "0.01", "--tile", "8x8"],
    "sweep": ["eie", *SMALL[:1], "--over", "pes=4,8", "--set", "scale=0.05", "--store", "own.db", "--jobs", "1"],
    "explore": ["eie", *SMALL, "--over", "pes=4,8,queue_depth=1:8", "--minimise", "time_us,area_mm2", "--trials", "5"],
    "results": ["store.db"],
    "pareto": ["store.db", "--minimise", "time_us,energy_uj"],
    "requests": ["scnn", "alexnet-conv3", "--scale", "0.1", "-o", "requests"],
    "explain": ["result.json"],
    "export": ["result.json", "--accelergy", "tables", "--scalesim", "tables"],
    "system": ["nvlink_switch_8", "--bytes", "8192"],
    "camera": ["eie", *SMALL, "--truth", "drawn", "--detections", "drawn"],
}


def typed(*arguments):
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == 0, f"{arguments}: {result.output} {result.exception!r}"
    return result.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a layer, the same compressed, a result and a store."""
    made, rng = tmp_path_factory.mktemp("smoke"), np.random.default_rng(0)
    np.savez(made / "layer.npz", weight=rng.normal(size=(40, 60)), activation=np.maximum(0, rng.normal(size=60)))
    typed("compress", made / "layer.npz", "--density", "0.2", "-o", made / "layer.safetensors")
    (made / "result.json").write_text(typed("run", "eie", *SMALL, "--json"))
    varied = ["--over", "pes=4,8", "--over", "queue_depth=1,8", "--set", "scale=0.05", "--jobs", "1"]
    typed("sweep", "eie", "alexnet-fc8", *varied, "--store", made / "store.db")
    return made


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_runs(command, folder, monkeypatch):
    monkeypatch.chdir(folder)
    assert typed(command, *COMMANDS[command]).strip()


def test_all_commands_are_tried():
    names = {command.name or command.callback.__name__ for command in app.registered_commands}
    assert names == set(COMMANDS)


def test_version():
    assert typed("--version").split()[0] == "zeroskip"


def test_help_of_all_commands():
    for command in COMMANDS:
        assert "Usage" in typed(command, "--help")


def test_parquet(folder, monkeypatch):
    pytest.importorskip("pyarrow")
    monkeypatch.chdir(folder)
    typed("results", "store.db", "--parquet", "store.parquet")
    assert (folder / "store.parquet").read_bytes()[:4] == b"PAR1"


def test_json_and_csv(folder):
    assert json.loads((folder / "result.json").read_text())["output_matches_reference"] is True
    header, *rows = typed("results", folder / "store.db", "--csv").splitlines()
    assert "time_us" in header.split(",")
    assert len(rows) == 4
