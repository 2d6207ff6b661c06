"""Options of inputs to draw are refused where none is drawn, and go to the layers that they fit."""

import numpy as np
import pytest
from support.own_networks import mlp

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
        sentence = f"{network}: activation_density is 0.2; expected none, as inputs are captured"
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
