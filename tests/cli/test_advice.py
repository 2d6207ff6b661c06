"""A refusal says what to do about it."""

import numpy as np
import pytest
from support.own_networks import lstm, mlp
from typer.testing import CliRunner

import zeroskip as zs
from simulator.cli import app
from workloads.errors import InputError
from workloads.model import load_workload


def refusal(*arguments):
    """The sentence of the InputError that a command ends with."""
    done = CliRunner().invoke(app, [str(one) for one in arguments])
    assert isinstance(done.exception, InputError), done.output
    return str(done.exception)


@pytest.mark.parametrize("name", ["a.pt", "A.PTH", "pytorch_model.bin", "a.h5:dense", "a.keras", "a.tflite", "a.pb"])
def test_networks_of_other_programs(name, tmp_path):
    ending = "." + name.lower().partition(":")[0].rpartition(".")[2]
    expected = "expected the network exported to .onnx, or its tensors saved as .safetensors"
    sentence = f"a file that ends with {ending} is not read; {expected}"
    assert f"{name}: {sentence}" in refusal("run", "eie", name)
    assert f"{name}: {sentence}" in refusal("sweep", "eie", name, "--over", "pes=1,2")
    (tmp_path / name.partition(":")[0]).write_bytes(b"x")
    with pytest.raises(InputError, match=sentence):
        load_workload(tmp_path / name)


def test_more_steps_than_a_network_captures(tmp_path):
    pytest.importorskip("onnxruntime")
    sentence = refusal("run", "ese", lstm(tmp_path / "lstm.onnx"), "--steps", "20")
    assert "steps is 20; expected at most the 5 that lstm is given" in sentence
    assert "--input-shape where the network's input is drawn" in sentence
    assert "a machine that runs them" not in sentence


def test_no_layer_asks_for_a_dram(tmp_path):
    pytest.importorskip("onnxruntime")
    sentence = refusal("requests", "eie", mlp(tmp_path / "mlp.onnx"), "-o", tmp_path / "out")
    reason = "nothing is asked of a DRAM on eie_64pe; expected a layer that needs one"
    assert sentence.endswith(f"mlp: none of its layers ran: {reason}")


def test_no_layer_of_a_kind_that_the_machine_runs(tmp_path):
    pytest.importorskip("onnxruntime")
    sentence = refusal("run", "ese", mlp(tmp_path / "mlp.onnx"))
    assert sentence.endswith("runs no fully connected layers, only LSTM ones); expected a machine that runs them")


def test_a_model_in_memory(tmp_path):
    onnx = pytest.importorskip("onnx")
    with pytest.raises(
        InputError, match=r"it is a ModelProto in memory; expected the path of an .onnx file \(onnx.save"
    ):
        zs.run("eie", onnx.load(mlp(tmp_path / "mlp.onnx")))


def test_input_is_another_name_of_activation():
    x = np.arange(4.0)
    found = zs.load_workload(np.eye(4), input=x)
    assert found.layer.activation_density == 0.75
    assert zs.run("eie", np.eye(4), input=x).notes() == zs.run("eie", np.eye(4), x).notes()
    with pytest.raises(InputError, match="input and activation are given; expected one of them, as both are the input"):
        zs.run("eie", np.eye(4), x, input=x)


def test_the_list_names_what_an_npz_archive_holds():
    listed = " ".join(CliRunner().invoke(app, ["list"]).output.split())
    what = "arrays of a layer, of several layers as LAYER/weight, or a matrix that scipy.sparse.save_npz wrote"
    assert f".npz (an .npz archive: {what})" in listed
    assert "how lost packets sound: dilated convolutions and GRUs" in listed
