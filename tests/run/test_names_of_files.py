"""Names that no file can have, wherever a path is given: one sentence that names it."""

import os
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import zeroskip as zs
from simulator.cli.commands import app
from simulator.html import build
from simulator.machines.gamma.paper.validation import rows
from simulator.results.files import read_file
from simulator.results.store import Store
from simulator.system.system_file import load_system
from workloads.regular_files import is_file, is_there
from workloads.whole_files import check_place, make_folder, write_whole

NAMES = {"a zero byte": "a\0b", "too long": "a" * 300, "half of a character": "a\ud800b", "too deep": "a/" * 3000 + "a"}
PES = {"pes": [1]}
SMALL = {"scale": 0.01}
READ = (".db", ".csv", ".npz", ".json")
WORKLOADS = (".npz", ".yaml", ".onnx", ".safetensors", ".mtx", ".smtx", ".safetensors/x", ".mtx@b.mtx", ".yaml:x", "")
CALLS = {
    **{f"open_model {end}": lambda name, end=end: zs.open_model(f"{name}{end}") for end in WORKLOADS},
    **{f"simulate {end}": lambda name, end=end: zs.simulate("eie", f"{name}{end}") for end in WORKLOADS},
    **{f"read {end}": lambda name, end=end: read_file(Path(f"{name}{end}")) for end in READ},
    **{f"page {end}": lambda name, end=end: build(Path(f"{name}{end}")) for end in READ},
    "configuration": lambda name: zs.load_arch(f"{name}.yaml"),
    "system": lambda name: load_system(f"{name}.yaml"),
    "input": lambda name: zs.simulate("eie", np.eye(4), input=f"{name}.npz"),
    "file for a layer": lambda name: zs.run("ese", f"{name}.npz"),
    "prices": lambda name: zs.read_ert(f"{name}.yaml"),
    "tracks": lambda name: zs.camera("eie", "alexnet-fc8", name, name),
    "matrices": lambda name: list(rows(Path(name))),
    "write": lambda name: write_whole(Path(name), "x"),
    "place to write": lambda name: check_place(Path(name)),
    "folder to write": lambda name: make_folder(Path(name)),
    "read a store": lambda name: zs.open_store(f"{name}.db"),
    "write a store": lambda name: Store(f"{name}.db"),
    "sweep": lambda name: zs.sweep("eie", "alexnet-fc8", PES, fixed=SMALL, store=name, jobs=1),
    "sweep of a file": lambda name: zs.sweep("eie", f"{name}.npz", PES, store="no.db", jobs=1),
    "sweep in memory": lambda name: zs.sweep("eie", f"{name}.npz", PES),
    "sweep in a file": lambda name: zs.run_sweep(f"{name}.yaml"),
    "cluster": lambda name: zs.sweep("eie", "nt-we", PES, store="no.db", cluster=f"{name}.json"),
    "keys": lambda name: zs.sweep("eie", "nt-we", PES, store="no.db", cluster="tls://h:1", cluster_security=name),
}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_name_that_no_file_can_have_is_refused_in_a_sentence(call, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(zs.InputError, match="; expected ") as caught:
        call(name)
    assert name[:3] in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_there_is_no_such_file(name):
    assert not is_file(name)
    with pytest.raises(zs.InputError, match="it cannot be opened .*; expected a file"):
        is_there(name, "a file")


@pytest.mark.parametrize("end", [".json", ".csv", ".html"])
@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_results_cannot_be_saved_there(name, end):
    result = zs.simulate("eie", "alexnet-fc8", scale=0.01)
    with pytest.raises(zs.InputError, match="it cannot be written .*; expected a place to write to"):
        result.save(f"{name}{end}")


def test_a_store_of_a_file_of_a_sweep_is_named(tmp_path):
    sweep = tmp_path / "s.yaml"
    sweep.write_text('about: x\nmachines: [eie]\nworkloads: [nt-we]\nover: {pes: "1,2"}\nstore: "a\\0b.db"\n')
    done = CliRunner().invoke(app, ["sweep", str(sweep)])
    assert isinstance(done.exception, zs.InputError)
    assert str(done.exception).startswith("a\0b.db: it cannot be opened (embedded null byte); expected a file")


@pytest.mark.skipif(os.getuid() == 0, reason="root reads every folder")
def test_a_store_in_a_folder_that_cannot_be_read_is_a_sentence(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0)
    with pytest.raises(zs.InputError, match=r"s.db: it cannot be opened \(Permission denied\); expected a file"):
        Store(closed / "s.db")
