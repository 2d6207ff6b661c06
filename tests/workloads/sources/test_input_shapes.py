"""Sizes of drawn inputs by the names of layers."""

import numpy as np
import pytest
from safetensors.numpy import save_file

from workloads.errors import InputError
from workloads.model import load_workload, open_model


@pytest.fixture
def path(tmp_path):
    """Two convolutions of four channels and a fully connected layer."""
    shapes = {"stem": (4, 4, 3, 3), "block/conv": (2, 4, 1, 1), "fc": (3, 5)}
    tensors = {f"{name}.weight": np.ones(shape, np.float32) for name, shape in shapes.items()}
    save_file(tensors, tmp_path / "net.safetensors")
    return tmp_path / "net.safetensors"


def planes(path, shape):
    """The shape of each layer's input."""
    return {one.name: one.load({}).layer.activation.shape for one in open_model(path, input_shape=shape).layers}


@pytest.mark.parametrize("shape", ["stem=4,9,8;block/conv=4,2,2", {"stem": (4, 9, 8), "block/conv": "4,2,2"}])
def test_each_layer_has_its_own(path, shape):
    assert planes(path, shape) == {"block/conv": (4, 2, 2), "fc": (5,), "stem": (4, 9, 8)}


def test_others_are_as_without(path):
    assert planes(path, "stem=4,9,8")["block/conv"] == (4, 32, 32)
    assert planes(path, "4,9,8") == {"block/conv": (4, 9, 8), "fc": (5,), "stem": (4, 9, 8)}


def test_a_chosen_layer_by_name(path):
    assert load_workload(f"{path}:stem", input_shape="stem=4,9,8").layer.activation.shape == (4, 9, 8)
    with pytest.raises(InputError, match="input_shape names fc; expected a layer whose input is drawn \\(stem\\)"):
        load_workload(f"{path}:stem", input_shape="fc=5")


def test_names_and_sizes_that_do_not_fit(path):
    known = "block/conv, fc, stem"
    with pytest.raises(InputError) as error:
        open_model(path, input_shape="head=4,9,8")
    assert str(error.value) == f"{path}: input_shape names head; expected a layer whose input is drawn ({known})"
    with pytest.raises(InputError, match="input_shape is \\[3, 9, 8\\]; expected \\[4, height, width\\]"):
        planes(path, "stem=3,9,8")
    with pytest.raises(
        InputError, match=r"input_shape names fc; expected a layer whose input is drawn \(block/conv, stem"
    ):
        open_model(path, input_shape="fc=5", activation={"fc": np.ones(5)})
