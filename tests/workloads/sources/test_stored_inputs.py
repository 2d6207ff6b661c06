"""Compressed networks know the size and the density of the inputs that they were compressed with."""

import json

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save_file
from support.lstms import draw
from support.own_networks import cnn
from support.stored_networks import CONV, LSTM, SEEN, compressed, rewrite
from typer.testing import CliRunner

from simulator.cli import app
from workloads.compression.stored import known_input
from workloads.errors import InputError
from workloads.model import load_workload, open_model, read_matrices
from workloads.pipeline import compress_matrices
from workloads.sources.compressed.file import read_network
from workloads.sources.compressed.metadata import KEY


def second_version(path):
    """Rewrite a file as version 2."""
    with safe_open(path, "numpy") as file:
        found = json.loads(file.metadata()[KEY])
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    for layer in found["layers"]:
        del layer["input"]
    save_file(tensors, path, {KEY: json.dumps({**found, "version": 2})})


def test_version_2_is_read_and_knows_no_input(tmp_path):
    path = compressed(tmp_path, SEEN)
    second_version(path)
    assert read_network(path).layers[0].input is None
    found = load_workload(path)
    assert found.layer.activation.shape == (4, 32, 32)
    assert found.notes == ("its input [4, 32, 32] is drawn, all of it non-zero (--activation-density)",)


AFTER = "of the input that it was compressed with (--activation-density, --input-shape)"


def test_an_input_is_drawn_in_the_size_and_density_of_the_one_it_was_compressed_with(tmp_path):
    path = compressed(tmp_path, SEEN)
    share = np.count_nonzero(SEEN["activation"]) / SEEN["activation"].size
    assert read_network(path).layers[0].input == ((4, 9, 7), share)
    found = load_workload(path)
    assert found.layer.activation.shape == (4, 9, 7)
    assert np.count_nonzero(found.layer.activation) == np.count_nonzero(SEEN["activation"])
    begin = f"its input [4, 9, 7] is drawn, {100 * share:.4g} % of it non-zero, with the"
    assert found.notes == (f"{begin} size and the density {AFTER}",)


def test_options_come_before_the_input_it_was_compressed_with(tmp_path):
    path = compressed(tmp_path, SEEN)
    found = load_workload(path, input_shape="4,8,8", activation_density=0.5)
    assert (found.layer.activation.shape, found.layer.activation_density) == ((4, 8, 8), 0.5)
    asked = "(--activation-density, --input-shape)"
    assert found.notes == (f"its input [4, 8, 8] is drawn, 50 % of it non-zero {asked}",)
    assert f"50 % of it non-zero, with the size {AFTER}" in load_workload(path, activation_density=0.5).notes[0]
    given = load_workload(path, activation=draw(4, 11, 11))
    assert (given.layer.activation.shape, given.notes) == ((4, 11, 11), ())


def test_of_several_sequences_one_is_drawn_in_the_length_of_the_first(tmp_path):
    path = compressed(tmp_path, LSTM | {"activation": draw(2, 5, 3)})
    assert load_workload(path).layer.activation.shape == (1, 5, 3)
    assert load_workload(path, steps=9).layer.activation.shape == (1, 9, 3)


def test_a_compressed_onnx_network_has_the_planes_of_the_run(tmp_path):
    pytest.importorskip("onnxruntime")
    source, path = cnn(tmp_path / "cnn.onnx"), tmp_path / "c.safetensors"
    captured = {one.name: one.load({}).layer.activation for one in open_model(source).layers}
    done = CliRunner().invoke(app, ["compress", str(source), "--density", "0.5", "-o", str(path)])
    assert done.exit_code == 0, done.output
    for one in open_model(path).layers:
        ours = one.load({}).layer.activation
        assert ours.shape == captured[one.name].shape
        assert abs(np.count_nonzero(ours) - np.count_nonzero(captured[one.name])) <= 2  # rounded to zero in 16 bits


def test_a_compressed_layer_of_the_zoo_keeps_geometry_and_plane(tmp_path):
    path = tmp_path / "c.safetensors"
    compress_matrices(read_matrices("alexnet-conv2"), None, 4, 4).write(path, "x")
    ours, theirs = load_workload(path).layer, load_workload("alexnet-conv2").layer
    for key in ("stride", "padding", "groups", "output_plane"):
        assert getattr(ours, key) == getattr(theirs, key)
    assert ours.activation_density == theirs.activation_density


@pytest.mark.parametrize(
    ("known", "sentence"),
    [
        (
            {"shape": [4, 1 << 13, 1 << 13], "density": 0.5},
            r"net had an input \[4, 8192, 8192\]; expected one of at most",
        ),
        (
            {"shape": [1 << 32, 1, 1], "density": 0.5},
            r"layers.0.input.shape.0 is 4294967296; expected less than or equal",
        ),
        ({"shape": [4, 0, 3], "density": 0.5}, r"layers.0.input.shape.1 is 0; expected greater than or equal to 1"),
        ({"shape": [], "density": 0.5}, r"layers.0.input.shape is \[\]; expected"),
        ({"shape": [4, 9, 7], "density": 1.5}, r"layers.0.input.density is 1.5; expected less than or equal to 1"),
        (
            {"shape": [3, 9, 7], "density": 0.5},
            r"the input that it states does not fit: net: input_shape is \[3, 9, 7\]",
        ),
        ({"shape": [4, 9], "density": 0.5}, r"the input that it states does not fit: net: input_shape is \(4, 9\)"),
    ],
)
def test_an_input_that_a_file_cannot_have(known, sentence, tmp_path):
    path = compressed(tmp_path, CONV)
    rewrite(path, input=known)
    with pytest.raises(InputError, match=sentence):
        load_workload(path)


def test_an_input_larger_than_a_file_states_is_not_kept():
    assert known_input(np.broadcast_to(np.float32(1), (1 << 14, 1 << 13))) is None
    assert known_input(np.zeros((3, 0))) is None
