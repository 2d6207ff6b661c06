"""Compressed networks of all kinds: their levels are their weights, and they run."""

import json
import time
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.numpy import save_file
from support.damage import damage
from support.lstms import draw, save, torch_tensors
from support.stored_networks import CONV, FC, GRU, LSTM, SEEN, compressed, rewrite

from workloads.compression.stored import StoredLayer
from workloads.errors import InputError
from workloads.kinds import find_kind, reference_output
from workloads.kinds.fully_connected.compress import share_weights
from workloads.kinds.fully_connected.layer import FullyConnected
from workloads.kinds.gru.arrays import from_gru_arrays
from workloads.kinds.gru.layer import GruStack
from workloads.model import load_workload, open_model, read_matrices
from workloads.options import WorkloadOptions
from workloads.pipeline import compress_matrices
from workloads.sources.compressed.file import read_network, write_network
from workloads.sources.compressed.metadata import KEY


def pruned(weight, density, bits):
    """The levels of a weight, float32 of its shape."""
    matrix = FullyConnected("m", weight.reshape(-1, weight.shape[-1]), None, None, False)
    if weight.ndim == 4:
        matrix = matrix._replace(weight=weight.reshape(len(weight), -1))
    shared = share_weights(matrix, density, bits)
    return StoredLayer("m", "", (shared,), (weight.shape,), None).weights(0)


def test_a_convolution_is_that_of_its_levels(tmp_path):
    path, image = compressed(tmp_path, CONV), draw(4, 9, 7)
    ours = load_workload(path, activation=image)
    levels = CONV | {"weight": pruned(CONV["weight"], 0.6, 4), "activation": image}
    theirs = load_workload(levels)
    assert ours.notes == ()
    assert np.count_nonzero(ours.layer.weight) == round(0.6 * ours.layer.weight.size)
    for key in ("weight", "bias", "activation", "stride", "padding", "groups", "shift", "relu"):
        np.testing.assert_array_equal(getattr(ours.layer, key), getattr(theirs.layer, key))
    np.testing.assert_array_equal(reference_output(ours.layer), reference_output(theirs.layer))
    with pytest.raises(InputError, match="stride is 2; expected none, as its source gives it"):
        load_workload(path, stride=2)


def test_an_lstm_is_that_of_its_levels(tmp_path):
    path, x = compressed(tmp_path, LSTM), draw(6, 3)
    ours = load_workload(path, activation=x)
    levels = {key: pruned(LSTM[key], 0.6, 4) for key in ("weight_input", "weight_hidden", "projection")}
    theirs = load_workload(LSTM | levels | {"activation": x})
    np.testing.assert_array_equal(reference_output(ours.layer), reference_output(theirs.layer))
    np.testing.assert_array_equal(ours.layer.exact, theirs.layer.exact)
    assert ours.layer.layers[0].cell_gate == "sigmoid"


def test_a_gru_is_that_of_its_levels(tmp_path):
    path, x = compressed(tmp_path, GRU), draw(6, 3)
    ours = load_workload(path, activation=x)
    levels = {key: pruned(GRU[key], 0.6, 4) for key in ("weight_input", "weight_hidden")}
    theirs = load_workload(GRU | levels | {"activation": x})
    np.testing.assert_array_equal(reference_output(ours.layer), reference_output(theirs.layer))
    np.testing.assert_array_equal(ours.layer.exact, theirs.layer.exact)
    without = load_workload(GRU | levels | {"hidden_bias": np.zeros(4, np.float32), "activation": x})
    assert np.abs(ours.layer.exact - without.layer.exact).max() > 0.01  # so that the hidden bias is in the file


def test_grus_that_run_backwards_and_one_above_the_other():
    above = GRU | {"weight_input": draw(3, 4, 4)}
    layers = tuple(from_gru_arrays("net", name, one) for name, one in (("low", GRU), ("high", above)))
    stack, kind = GruStack("g", layers, reverse=True), find_kind("GRU")
    matrices = list(kind.matrices(stack))
    shared = tuple(share_weights(one.layer, None, 8) for one in matrices)
    found = kind.restore("net", StoredLayer("g", "GRU", shared, tuple(one.shape for one in matrices), kind.rest(stack)))
    assert (found.name, found.reverse, [one.name for one in found.layers]) == ("g", True, ["low", "high"])
    for ours, theirs in zip(found.layers, layers, strict=True):
        np.testing.assert_array_equal(ours.bias, theirs.bias)
        np.testing.assert_array_equal(ours.hidden_bias, theirs.hidden_bias)
        np.testing.assert_allclose(ours.weight_input, theirs.weight_input, atol=0.02)
        np.testing.assert_allclose(ours.weight_hidden, theirs.weight_hidden, atol=0.02)


def test_stacks_and_directions_are_restored(tmp_path):
    tensors = torch_tensors(3, proj=2, ends=("",)), torch_tensors(1, ends=("", "_reverse"))
    path, x = save(tmp_path / "net.safetensors", deep=tensors[0], two=tensors[1]), draw(5, 3)
    out = tmp_path / "out.safetensors"
    compress_matrices(read_matrices(str(path)), None, 8, 4).write(out, "x")
    layers = {one.name: one for one in open_model(path).layers}
    assert [one.name for one in open_model(out).layers] == list(layers) == ["deep", "two", "two.reverse"]
    for name in layers:
        given_ = {"activation": x}
        exact = load_workload(f"{path}:{name}", **given_).layer.exact
        found = load_workload(f"{out}:{name}", **given_).layer
        assert np.abs(found.exact - exact).max() < 0.02  # 255 levels, and no pruning


def test_a_fully_connected_layers_codes_stay_as_they_are(tmp_path):
    path, x = compressed(tmp_path, FC), draw(5)
    ours, (shared,) = load_workload(path, activation=x).layer, read_network(path).matrices
    assert all(np.array_equal(a, b[: a.size]) for a, b in zip(shared.columns[1:], ours.columns[1:], strict=True))
    theirs = load_workload(FC | {"activation": x}, density=0.6).layer
    np.testing.assert_array_equal(ours.codebook, theirs.codebook)
    np.testing.assert_array_equal(ours.columns.code, theirs.columns.code)


@pytest.fixture
def network(tmp_path):
    """A compressed network of one layer of each kind."""
    parts = {"c": CONV, "l": LSTM, "f": FC}
    return compressed(tmp_path, {f"{name}/{key}": one for name, part in parts.items() for key, one in part.items()})


def test_a_network_of_all_kinds_runs_whole(network):
    model = open_model(network, WorkloadOptions(activation={"f": draw(5)}, steps=3, input_shape=None))
    assert (model.name, model.network, model.left_out) == ("out", True, ())
    found = {layer.name: layer.load({}) for layer in model.layers}
    assert [one.kind for one in found.values()] == ["convolution", "fully connected", "LSTM"]
    assert found["f"].notes == ()
    assert found["l"].layer.activation.shape == (1, 3, 3)
    assert "is drawn" in found["c"].notes[0]
    assert all(reference_output(one.layer).size for one in found.values())
    assert load_workload(f"{network}:f", activation=draw(1, 5)).layer.inputs == 5


@pytest.mark.parametrize("option", [{"density": 0.5}, {"scale": 0.5}, {"granularity": 1}])
def test_what_is_compressed_is_not_compressed_again(network, option):
    with pytest.raises(InputError, match="it is compressed already; expected neither density, granularity nor scale"):
        open_model(network, WorkloadOptions(**option))
    with pytest.raises(InputError, match="it is a compressed network; expected a source of weights in floating point"):
        read_matrices(str(network))


def test_weights_without_a_geometry_stay_so(tmp_path):
    save_file({"c.weight": CONV["weight"][:, :, :, :], "g.weight": draw(5, 3, 4)}, tmp_path / "net.safetensors")
    out = tmp_path / "out.safetensors"
    compress_matrices(read_matrices(str(tmp_path / "net.safetensors")), None, 4, 4).write(out, "x")
    assert load_workload(f"{out}:c", stride=2).layer.stride == (2, 2)
    line = load_workload(f"{out}:g", padding=2, activation=draw(3, 1, 9))
    assert (line.layer.padding, line.layer.output_plane) == ((0, 2, 0, 2), (1, 10))


def first_version(path):
    """Rewrite a file as version 1."""
    with safe_open(path, "numpy") as file:
        found = json.loads(file.metadata()[KEY])
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    del found["layers"]
    found |= {"version": 1, "layers": found.pop("matrices")}
    save_file(tensors, path, {KEY: json.dumps(found)})


def test_version_1_is_read(network):
    first_version(network)
    model = open_model(network)
    assert [layer.name for layer in model.layers] == ["c", "f", "l.projection"]
    matrices = ("l.input", (4, 5, 3)), ("l.hidden", (4, 5, 2))
    assert model.left_out[:2] == tuple(
        f"{name} has weights {list(shape)}, a matrix of an LSTM; expected a file of version 2 or 3, which holds what "
        "makes it a layer"
        for name, shape in matrices
    )
    found = load_workload(f"{network}:c", padding=1, activation=draw(4, 5, 5))
    assert (found.layer.stride, found.layer.padding, found.layer.groups) == ((1, 1), (1, 1, 1, 1), 2)


@pytest.mark.parametrize(
    ("arrays", "changes", "sentence"),
    [
        (FC, {"matrices": []}, "it has 0 matrices; expected 1, as its layers say"),
        (FC, {"kind": "spline"}, r"net: kind is 'spline'; expected one of fully connected, convolution, LSTM"),
        (FC, {"kind": "LSTM"}, "net: reverse is missing; expected a value"),
        (FC, {"kind": "convolution"}, r"net has weights \[7, 5\]; expected one weight of three or four dimensions"),
        (CONV, {"kind": "fully connected"}, r"net has weights \[6, 2, 3, 2\]; expected one matrix, as it is fully con"),
        (CONV, {"values": {"colour": 1}}, "it has an unknown key colour; expected only weight, bias"),
        (CONV, {"values": {"stride": "x"}}, r"stride is <U1 \[\]; expected 1 or 2 integers"),
        (CONV, {"arrays": ["none"]}, "its tensor none is missing or of another type; expected float32"),
        (LSTM, {"values": {"reverse": False, "layers": []}}, "layers is .*; expected a list of 1 or more"),
        (LSTM, {"values": {"reverse": 1, "layers": []}}, "reverse is 1; expected a valid boolean"),
        (
            GRU,
            {"values": {"reverse": False, "layers": [{"name": "a"}] * 2}},
            "it has 2 matrices; expected 4, as its layer",
        ),
        (GRU, {"values": {"reverse": False, "layers": [{"name": "a", "x": 1}]}}, "unknown key"),
        (
            LSTM,
            {"values": {"reverse": False, "layers": [{"name": "a", "cell_gate": "x", "projection": False}]}},
            "it has 3 matrices; expected 2, as its layers say",
        ),
        (
            LSTM,
            {"values": {"reverse": False, "layers": [{"name": "a", "cell_gate": "x", "projection": True}]}},
            "cell_gate is 'x'; expected tanh or sigmoid",
        ),
    ],
)
def test_layers_that_do_not_fit_their_matrices(arrays, changes, sentence, tmp_path):
    path = compressed(tmp_path, arrays)
    rewrite(path, **changes)
    with pytest.raises(InputError, match=sentence):
        load_workload(path)


def test_two_layers_of_one_name(tmp_path):
    (shared,) = read_network(compressed(tmp_path, FC)).matrices
    write_network(tmp_path / "two.safetensors", [shared, shared], [4, 4], "x")
    with pytest.raises(InputError, match="two of its layers have the same name; expected a name for each"):
        read_network(tmp_path / "two.safetensors")


@pytest.mark.parametrize("inputs", [1 << 30, 1 << 25])
def test_what_a_small_file_claims_is_bounded_by_its_tensors(inputs, tmp_path):
    path = compressed(tmp_path, FC)
    with safe_open(path, "numpy") as file:
        found = json.loads(file.metadata()[KEY])
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    found["matrices"][0] |= {"inputs": inputs, "shape": [7, inputs]}
    save_file(tensors, path, {KEY: json.dumps(found)})
    size = sum(one.nbytes for one in tensors.values())
    tracemalloc.start()
    start = time.perf_counter()
    with pytest.raises(InputError) as error:
        read_network(path)
    assert time.perf_counter() - start < 1
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()
    bounds = f"at most {(1 << 27) + (size << 10)} for {(1 << 24) + (size << 4)}"
    claim = f"it claims {7 * inputs} weights for {inputs} inputs in {size} bytes of tensors; expected {bounds}"
    assert str(error.value) == f"{path}: {claim}"


def test_nothing_kept_of_a_large_matrix_is_still_read(tmp_path):
    shared = share_weights(FullyConnected("fc", np.zeros((4096, 9216), np.float32), None, None, False), None, 4)
    write_network(tmp_path / "zero.safetensors", [shared], [4], "x")
    assert read_network(tmp_path / "zero.safetensors").matrices[0].columns.row.size == 0


@given(st.data())
def test_a_damaged_network_is_refused_in_a_sentence_or_still_runs(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("damaged")
    path = compressed(folder, data.draw(st.sampled_from([FC, CONV, LSTM, GRU, SEEN])))
    damage(data, path)
    try:
        for layer in open_model(path).layers:
            assert reference_output(layer.load({}).layer).size
    except InputError as error:
        assert "; expected " in str(error)


def test_a_kind_without_a_restore_says_so():
    from workloads.kinds.kind import Kind

    class Plain(Kind):
        name, phrase = "plain", "a plain layer"

    assert Plain().rest(None) == ({}, {})
    assert find_kind("LSTM").missing({}) == {}
    with pytest.raises(InputError, match="here: it is a plain layer; expected a kind that is restored from its matric"):
        Plain().restore("here", StoredLayer("it", "plain", (), (), None))
