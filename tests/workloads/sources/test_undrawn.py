"""Options of inputs to draw are refused where none is drawn, and go to the layers that they fit."""

import numpy as np
import pytest
from safetensors.numpy import save_file
from support.own_networks import mlp

import zeroskip
from workloads.errors import InputError
from workloads.kinds.fully_connected.layer import FullyConnected
from workloads.model import make_options, open_model
from workloads.sources.loading import Read, given_model


@pytest.fixture
def network(tmp_path):
    pytest.importorskip("onnxruntime")
    return mlp(tmp_path / "mlp.onnx")


def test_a_captured_input_has_no_density_to_ask_for(network):
    names = [layer.name for layer in open_model(network).layers]
    for more in {}, {"layer": names[0]}:
        with pytest.raises(InputError) as refused:
            open_model(network, activation_density=0.2, **more)
        sentence = f"{network}: activation_density is 0.2; expected none, as inputs are captured as the network runs; "
        sentence += "the network's own input is given by --input"
        assert str(refused.value) == sentence


def test_a_given_input_has_no_shape_to_ask_for(network):
    given = np.zeros((1, 16), np.float32)
    with pytest.raises(InputError) as refused:
        open_model(network, activation=given, input_shape="1,16")
    assert str(refused.value) == f"{network}: input_shape is 1,16; expected none, as the input is given"


def test_a_network_whose_layers_all_have_inputs_draws_none():
    one = FullyConnected("a", np.eye(3, dtype=np.float32), None, np.ones(3, np.float32), False)
    for key, value in ("activation_density", 0.5), ("input_shape", "3"):
        with pytest.raises(InputError, match=f"{key} is {value}; expected none, as its inputs are given"):
            given_model("net", "net", [Read(one), Read(one._replace(name="b"))], make_options(**{key: value}), "given")


def test_a_refusal_of_the_only_layer_names_what_else_the_file_has(tmp_path):
    rng = np.random.default_rng(0)
    plain = {f"rnn.weight_{part}_l0": rng.normal(size=(5, size)) for part, size in (("ih", 7), ("hh", 5))}
    drawn = {**plain, "fc.weight": rng.normal(size=(2, 2))}
    tensors = {name: array.astype(np.float32) for name, array in drawn.items()}
    path = tmp_path / "net.safetensors"
    save_file(tensors, path)
    left_out = (
        "rnn is a plain recurrent layer of 7 inputs and 5 cells; expected an LSTM or a GRU, as no machine runs a "
    )
    left_out += "plain recurrent layer"
    with pytest.raises(InputError) as refused:
        zeroskip.run("ese", str(path))
    expected = f"fc: its kind is fully connected (left out of its file: {left_out}); expected LSTM on "
    assert str(refused.value).startswith(expected)
    with pytest.raises(InputError) as chosen:
        zeroskip.run("ese", f"{path}:fc")
    assert str(chosen.value).startswith("fc: its kind is fully connected; expected LSTM")
