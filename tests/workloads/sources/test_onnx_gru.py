"""ONNX GRU nodes: layers that compute what onnxruntime does, variants that are left out, weights put back."""

import numpy as np
import pytest
from support.onnx_models import draw, node, save

from workloads.errors import InputError
from workloads.kinds.gru.forward import forward
from workloads.sources.onnx.graph import load_graph
from workloads.sources.onnx.nodes.gru import OUR_GATES
from workloads.sources.onnx.reader import find_layers, read_onnx, wanted_tensors
from workloads.sources.onnx.replaced import run_with_states
from workloads.sources.onnx.running import run_graph
from zeroskip import run

DIRECTIONS = [("forward", 1), ("reverse", 1), ("bidirectional", 2)]


def gru(path, direction="forward", count=1, bias=True, **attributes):
    """A GRU of 4 inputs and 3 cells over 6 steps."""
    constants = {"w": draw(count, 9, 4), "r": draw(count, 9, 3), **({"b": draw(count, 18)} if bias else {})}
    settings = {"hidden_size": 3, "direction": direction, "linear_before_reset": 1, **attributes}
    one = node("GRU", ["x", "w", "r", *(["b"] if bias else [])], ["y"], name="g", **settings)
    return save(path, [one], {"x": (6, 1, 4)}, ("y",), **constants)


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize(("direction", "count"), DIRECTIONS)
def test_each_direction_computes_what_onnxruntime_does(direction, count, bias, tmp_path):
    path, x = gru(tmp_path / "net.onnx", direction, count, bias), draw(6, 1, 4)
    network, graph = read_onnx(path, x), load_graph(path)
    states = run_graph(graph, {"x": x}, ["y"])["y"][:, :, 0]  # [steps, directions, cells]
    assert len(network.layers) == count
    for place, layer in enumerate(network.layers):
        ours = forward(layer, layer.activation)
        backward = direction == "reverse" or place == 1
        assert (ours[::-1] if backward else ours) == pytest.approx(states[:, place], abs=1e-5)
    assert max(network.in_float.layer_errors().values()) < 1e-5


def test_gates_are_put_in_our_order_and_back():
    assert [OUR_GATES[gate] for gate in OUR_GATES] == [0, 1, 2]


@pytest.mark.parametrize(
    ("attributes", "sentence"),
    [
        ({"linear_before_reset": 0}, "its reset gate multiplies the state before the product"),
        ({"clip": 1.0}, "its sums are clipped"),
        ({"activations": ["Sigmoid", "Relu"]}, "its activations are Sigmoid, Relu"),
    ],
)
def test_variants_that_are_not_read_are_named(attributes, sentence, tmp_path):
    network = read_onnx(gru(tmp_path / "net.onnx", **attributes), draw(6, 1, 4))
    assert network.layers == ()
    assert sentence in network.skipped[0]


@pytest.mark.parametrize("shapes", [{"w": (1, 8, 4)}, {"b": (1, 17)}])
def test_wrong_shapes_are_an_error(shapes, tmp_path):
    constants = {"w": (1, 9, 4), "r": (1, 9, 3), "b": (1, 18), **shapes}
    one = node("GRU", ["x", *constants], ["y"], name="g", hidden_size=3, linear_before_reset=1)
    arrays = {name: draw(*shape) for name, shape in constants.items()}
    with pytest.raises(InputError, match="GRU g: its"):
        read_onnx(save(tmp_path / "net.onnx", [one], {"x": (6, 1, 4)}, ("y",), **arrays), draw(6, 1, 4))


def test_a_network_runs_and_its_output_moves_by_its_words(tmp_path):
    found = run("edgedrnn", gru(tmp_path / "net.onnx", "bidirectional", 2), input_shape="6,1,4")
    assert [row.layer for row in found.rows] == ["g.forward", "g.backward"]
    assert found.total().output_matches_reference


@pytest.mark.parametrize(("direction", "count"), DIRECTIONS)
def test_replaced_states_reach_the_output(direction, count, tmp_path):
    """With a layer's own states in place of the node, the model puts out what it did."""
    graph, x = load_graph(gru(tmp_path / "net.onnx", direction, count)), draw(6, 1, 4)
    layers = find_layers(graph, run_graph(graph, {"x": x}, wanted_tensors(graph))).layers
    states = {one.layer.name: forward(one.layer, one.layer.activation) for one in layers}
    found = run_with_states(graph, {"x": x}, layers, states, ["y"])["y"]
    assert found == pytest.approx(run_graph(graph, {"x": x}, ["y"])["y"], abs=1e-5)
    doubled = {name: 2 * one for name, one in states.items()}
    assert run_with_states(graph, {"x": x}, layers, doubled, ["y"])["y"] == pytest.approx(2 * found, abs=1e-5)
    assert np.abs(found).max() > 0.1
