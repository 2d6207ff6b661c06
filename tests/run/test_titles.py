"""The title of a result says which part of its file it is of."""

import json

import numpy as np
import pytest
from safetensors.numpy import save_file
from support import own_networks
from support.paths import ROOT
from typer.testing import CliRunner

import zeroskip as zs
from simulator.cli import app


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    where = tmp_path_factory.mktemp("titles")
    own_networks.cnn(where / "net.onnx")
    weights = {f"{name}/weight": np.eye(16) for name in ("a", "b")}
    np.savez(where / "two.npz", **weights)
    np.savez(where / "one.npz", weight=np.eye(16))
    np.savez(where / "x.npz", x=np.ones((1, 3, 8, 8), np.float32))
    np.savez(where / "a.npz", a=np.ones(16))
    np.savez(where / "ab.npz", a=np.ones(16), b=np.ones(16))
    text = (ROOT / "workloads" / "zoo" / "neuraltalk.yaml").read_text()
    (where / "own.yaml").write_text(text)
    return where


@pytest.fixture(autouse=True)
def _inside(folder, monkeypatch):
    monkeypatch.chdir(folder)


def call(*arguments):
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert done.exit_code == 0, done.output
    return done.output


ONE = "net.onnx, conv2 (1 of 3 layers)"


@pytest.mark.parametrize(
    ("arguments", "title"),
    [
        (["run", "scnn", "net.onnx:conv2"], f"{ONE} on scnn_8x8"),
        (["run", "scnn", "net.onnx", "--layer", "conv2"], f"{ONE} on scnn_8x8"),
        (["run", "eie", "two.npz:b"], "two.npz, b (1 of 2 layers) on eie_64pe"),
        (["run", "eie", "own.yaml:nt-we", "--scale", "0.02"], "own.yaml, nt-we (1 of 3 layers) on eie_64pe"),
        (["run", "eie", "one.npz"], "one on eie_64pe"),
        (["run", "eie", "nt-we", "--scale", "0.02"], "nt-we on eie_64pe"),
        (["run", "scnn", "net.onnx"], "net, inputs captured from a drawn x, on scnn_8x8"),
        (["run", "scnn", "net.onnx", "--input", "x.npz"], "net, inputs captured, on scnn_8x8"),
        (["run", "eie", "two.npz"], "two, inputs drawn, on eie_64pe"),
        (["run", "eie", "two.npz", "--input", "a.npz"], "two, inputs given or drawn, on eie_64pe"),
        (["run", "eie", "two.npz", "--input", "ab.npz"], "two, inputs given, on eie_64pe"),
        (["compare", "net.onnx:conv2", "--machines", "scnn,dcnn"], f"{ONE}, layer by layer"),
        (["compare", "net.onnx", "--machines", "scnn,dcnn", "--layer", "conv2"], f"{ONE}, layer by layer"),
        (
            ["compare", "net.onnx", "--machines", "scnn,dcnn", "--layer", "conv2", "--layer", "fc"],
            "net.onnx, 2 of 3 layers, layer by layer",
        ),
        (["compare", "net.onnx", "--machines", "scnn,dcnn"], "net.onnx, layer by layer"),
        (["compare", "one.npz", "--machines", "eie,dcnn"], "one, layer by layer"),
    ],
)
def test_a_printed_title(arguments, title):
    assert title in call(*arguments)


def test_the_title_in_python_in_json_and_on_a_page(tmp_path):
    for result in (zs.run("scnn", "net.onnx:conv2"), zs.simulate("scnn", "net.onnx", layer="conv2")):
        assert str(result).startswith(f"{ONE} on scnn_8x8")
        assert (result.to_dict()["title"], result.to_dict()["workload"]) == (ONE, "conv2")
        result.save(tmp_path / "page.html")
        assert f"<title>{ONE} on scnn_8x8" in (tmp_path / "page.html").read_text()
    compared = zs.compare(["scnn", "dcnn"], "net.onnx", layers=["conv2"])
    assert str(compared).startswith("net, conv2 (1 of 3 layers) on scnn, dcnn")
    compared.save(tmp_path / "page.html")
    assert "<title>net, conv2 (1 of 3 layers) on scnn, dcnn" in (tmp_path / "page.html").read_text()
    assert zs.run("scnn", "net.onnx").to_dict()["title"] == "net"
    assert zs.load_workload("net.onnx", layer="conv2", name="own").title == "net.onnx, own (1 of 3 layers)"


def test_where_inputs_come_from_in_python_and_on_a_page(tmp_path):
    result = zs.run("scnn", "net.onnx")
    assert result.to_dict()["inputs"] == "captured from a drawn x"
    result.save(tmp_path / "page.html")
    words = "captured: what each layer saw when the network was run in floating point, from a drawn x"
    assert words in (tmp_path / "page.html").read_text()
    eye = np.eye(16)
    assert [zs.open_model(eye, **more).inputs for more in ({}, {"activation": np.ones(16)})] == ["drawn", "given"]


def test_pages_of_earlier_results_are_titled_by_their_workload(tmp_path):
    content = zs.run("scnn", "net.onnx:conv2").to_dict()
    del content["title"]
    (tmp_path / "old.json").write_text(json.dumps(content))
    call("report", tmp_path / "old.json", "-o", tmp_path / "old.html")
    assert "<title>conv2 on scnn_8x8" in (tmp_path / "old.html").read_text()


def test_the_only_layer_that_is_read_is_named_with_its_file(tmp_path):
    rng = np.random.default_rng(0)
    plain = {f"rnn.weight_{part}_l0": rng.normal(size=(5, size)) for part, size in (("ih", 7), ("hh", 5))}
    tensors = {name: array.astype(np.float32) for name, array in {**plain, "fc.weight": np.eye(16)}.items()}
    save_file(tensors, tmp_path / "net.safetensors")
    title, reason = "net.safetensors, fc (1 of 1 layers read)", "rnn is a plain recurrent layer of 7 inputs and 5 cells"
    output = call("run", "eie", tmp_path / "net.safetensors")
    assert f"{title} on eie_64pe" in output
    assert reason in " ".join(output.split())
    assert zs.run("eie", tmp_path / "net.safetensors").to_dict()["title"] == title
    assert zs.load_workload(tmp_path / "net.safetensors", layer="fc").title == title
    assert zs.load_workload(tmp_path / "net.safetensors", name="own").title == "own"
    np.savez(tmp_path / "net.npz", **{"rnn/weight_code": np.eye(3), "fc/weight": np.eye(16)})
    assert zs.load_workload(tmp_path / "net.npz").title == "net.npz, fc (1 of 1 layers read)"
