"""Names and paths: each public function takes a str and a `pathlib.Path` alike."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from support import own_networks
from support.paths import ROOT

import zeroskip as zs

PES = {"pes": [1, 2]}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A machine, a layer, a network, and inputs of both, as files."""
    where = tmp_path_factory.mktemp("files")
    shutil.copy(ROOT / "arch_configs" / "eie_64pe.yaml", where / "own.yaml")
    own_networks.mlp(where / "net.onnx")
    np.savez(where / "m.npz", weight=np.eye(16))
    np.savez(where / "x.npz", activation=np.ones(16))
    np.savez(where / "xn.npz", x=np.ones((1, 48), np.float32))
    (where / "sweep.yaml").write_text("about: a\nmachines: [own.yaml]\nworkloads: [m.npz]\nover: {pes: [1, 2]}\n")
    return where


@pytest.fixture(autouse=True)
def _inside(folder, monkeypatch):
    monkeypatch.chdir(folder)
    for path in folder.glob("*.db*"):
        path.unlink()


def stored(done):
    return done.points, done.run, done.failed, zs.open_store("own.db").frame(columns=["workload", "cycles"]).to_csv()


CALLS = {
    "load_arch": lambda of: zs.load_arch(of("own.yaml")),
    "load_arch, a name": lambda of: zs.load_arch(of("eie")),
    "simulate": lambda of: zs.simulate(of("own.yaml"), of("m.npz"), of("x.npz")).cycles,
    "run": lambda of: zs.run(of("own.yaml"), of("net.onnx"), of("xn.npz")).total(),
    "run, a layer": lambda of: zs.run(of("own.yaml"), of("net.onnx:fc1"), activation=of("xn.npz")).total(),
    "compare": lambda of: zs.compare([of("own.yaml"), of("dcnn")], of("net.onnx"), of("xn.npz")).to_frame().to_csv(),
    "compare, a baseline": lambda of: zs.compare(
        [of("own.yaml"), "dcnn"], of("m.npz"), baseline=of("own.yaml")
    ).baseline,
    "compare, layers": lambda of: zs.compare([of("own.yaml"), of("dcnn")], of("net.onnx"), layers=["fc1"]).layers,
    "check": lambda of: [one.difference for one in zs.check(of("own.yaml"), of("m.npz"), of("x.npz"))],
    "load_workload": lambda of: zs.load_workload(of("m.npz"), of("own.yaml"), of("x.npz")).source,
    "open_model": lambda of: zs.open_model(of("net.onnx"), activation=of("xn.npz")).inputs,
    "sweep": lambda of: zs.sweep(of("own.yaml"), of("net.onnx"), PES).rows,
    "sweep, several": lambda of: zs.sweep([of("own.yaml"), of("eie")], [of("m.npz"), of("net.onnx")], PES).rows,
    "sweep, fixed": lambda of: zs.sweep(of("own.yaml"), of("m.npz"), PES, fixed={"input": of("x.npz")}).rows,
    "sweep, an axis": lambda of: zs.sweep(of("own.yaml"), of("m.npz"), {"input": [of("x.npz")]}).rows,
    "sweep, an axis of workloads": lambda of: zs.sweep(
        of("own.yaml"), of("m.npz"), {"workload": [of("m.npz"), of("net.onnx")]}
    ).rows,
    "sweep, an axis of machines": lambda of: zs.sweep(
        of("own.yaml"), of("m.npz"), {"machine": [of("own.yaml"), of("eie")]}
    ).rows,
    "sweep into a store": lambda of: stored(
        zs.sweep(of("own.yaml"), of("net.onnx"), PES, store=of("own.db"), fixed={"input": of("xn.npz")}, jobs=1)
    ),
    "sweep into a store, several": lambda of: stored(
        zs.sweep([of("own.yaml"), of("eie")], (of("m.npz"), of("net.onnx")), PES, store=of("own.db"), jobs=1)
    ),
    "sweep into a store, axes": lambda of: stored(
        zs.sweep(
            of("own.yaml"), of("m.npz"), {"workload": [of("m.npz"), of("net.onnx")]},
            zipped=[{"machine": [of("own.yaml"), of("eie")]}], store=of("own.db"), jobs=1,
        )
    ),
    "run_sweep": lambda of: stored(zs.run_sweep(of("sweep.yaml"), store=of("own.db"), jobs=1)),
    "open_store": lambda of: zs.sweep("eie", "nt-we", PES, fixed={"scale": 0.02}, store="own.db", jobs=1)
    and zs.open_store(of("own.db")).frame(columns=["cycles"]).to_csv(),
    "save": lambda of: zs.run("own.yaml", "m.npz").save(of("o.json")),
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
def test_a_path_is_taken_as_its_text(name):
    found = []
    for of in (str, Path):
        found.append(CALLS[name](of))
        for path in Path().glob("own.db*"):
            path.unlink()
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (
            lambda: zs.sweep("eie", np.eye(4), PES, store="own.db"),
            "sweep: workload is array.* expected a name or a path",
        ),
        (
            lambda: zs.sweep(zs.load_arch("eie"), "nt-we", PES, store="own.db"),
            "sweep: machine is eie_64pe .* expected a na",
        ),
        (
            lambda: zs.sweep("eie", "nt-we", PES, fixed={"seed": [1]}, store="own.db"),
            r"seed has the value \[1\]; expec",
        ),
        (lambda: zs.sweep("eie", "nt-we", PES, store=3), "store is 3; expected the path of a file"),
        (lambda: zs.sweep("eie", "nt-we", PES, store="own.db", cluster=3), "cluster is 3; expected tcp://HOST:PORT"),
        (lambda: zs.sweep("eie", "m.npz", PES, store="own.db", cluster=Path("no.json")), "no.json: there is no such"),
        (lambda: zs.run_sweep(3), "sweep is 3; expected a name, or the path"),
        (lambda: zs.run_sweep(Path("no.yaml")), "no.yaml: there is no such file"),
        (lambda: zs.compare(["eie", "dcnn"], "nt-we", baseline=3), "baseline is 3; expected the name of one"),
        (lambda: zs.load_arch(3), "machine is 3; expected a name or the path"),
        (lambda: zs.open_store(3), "store is 3; expected the path"),
        (lambda: zs.read_ert(Path("no.yaml")), "no.yaml: there is no such file"),
        (lambda: zs.read_ert(3), "path is 3; expected the path of a table"),
    ],
)
def test_what_is_no_path_is_refused(call, sentence):
    with pytest.raises(zs.InputError, match=sentence):
        call()


def test_numbers_of_numpy_are_settings():
    done = zs.sweep("eie", "nt-we", PES, fixed={"seed": np.int64(3), "scale": 0.02}, store="own.db", jobs=1)
    assert (done.run, done.failed) == (2, 0)
