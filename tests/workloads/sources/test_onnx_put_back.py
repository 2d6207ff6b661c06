"""Weights that are put back into a model: the same ones give the same outputs, others what the layer computes."""

import numpy as np
import pytest

from workloads.sources.onnx.graph import load_graph, make_graph
from workloads.sources.onnx.put_back import put_back
from workloads.sources.onnx.reader import find_layers
from workloads.sources.onnx.running import run_graph

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")
node = onnx.helper.make_node
RNG = np.random.default_rng(8)


def draw(*shape):
    return RNG.standard_normal(shape).astype(np.float32)


def save(path, nodes, inputs, **constants):
    value = onnx.helper.make_tensor_value_info
    graph = onnx.helper.make_graph(
        nodes,
        "net",
        [value(name, onnx.TensorProto.FLOAT, shape) for name, shape in inputs.items()],
        [value("y", onnx.TensorProto.FLOAT, None)],
        [onnx.numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    onnx.save(onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8), path)
    return path


NORMALISATION = {name: np.abs(draw(4)) + 0.5 for name in ("scale", "shift", "mean", "variance")}
CASES = {
    "gemm": ([node("Gemm", ["x", "w", "b"], ["a"], alpha=0.5, beta=2.0), node("Relu", ["a"], ["y"])], (3, 5),
             {"w": draw(5, 4), "b": draw(4)}),
    "gemm, transposed": ([node("Gemm", ["x", "w"], ["y"], transB=1, transA=1)], (5, 3), {"w": draw(4, 5)}),
    "matmul": ([node("MatMul", ["x", "w"], ["a"]), node("Add", ["a", "b"], ["c"]), node("Relu", ["c"], ["y"])],
               (2, 3, 5), {"w": draw(5, 4), "b": draw(4)}),
    "matmul from the left": ([node("MatMul", ["w", "x"], ["a"]), node("Add", ["a", "b"], ["y"])], (5, 3),
                             {"w": draw(4, 5), "b": draw(4, 1)}),
    "convolution": ([node("Conv", ["x", "w"], ["a"], group=2, dilations=[2, 1], pads=[1, 0, 1, 0]),
                     node("BatchNormalization", ["a", "scale", "shift", "mean", "variance"], ["c"]),
                     node("Relu", ["c"], ["y"])], (1, 6, 8, 7), {"w": draw(4, 3, 3, 2), **NORMALISATION}),
    "convolution of a line": ([node("Conv", ["x", "w", "b"], ["y"], strides=[2])], (1, 3, 9),
                              {"w": draw(4, 3, 3), "b": draw(4)}),
    "transposed convolution": ([node("ConvTranspose", ["x", "w", "b"], ["y"], strides=[2, 2], group=2)], (1, 4, 5, 6),
                               {"w": draw(4, 3, 2, 3), "b": draw(6)}),
    "half precision": ([node("Cast", ["x"], ["h"], to=10), node("MatMul", ["h", "w"], ["g"]),
                        node("Cast", ["g"], ["y"], to=1)], (2, 5), {"w": draw(5, 4).astype(np.float16)}),
    "lstm": ([node("LSTM", ["x", "w", "r", "b", "", "", "", "p"], ["y"], hidden_size=3, direction="bidirectional")],
             (6, 1, 5), {"w": draw(2, 12, 5), "r": draw(2, 12, 3), "b": draw(2, 24), "p": draw(2, 9)}),
    "last states of an lstm": ([node("LSTM", ["x", "w", "r", "b"], ["", "y"], hidden_size=3,
                                      direction="bidirectional")], (6, 1, 5),
                                {"w": draw(2, 12, 5), "r": draw(2, 12, 3), "b": draw(2, 24)}),
}  # fmt: skip


def of_layer(layer):
    """What `Kind.float_arrays` would give for weights that are kept to the last bit."""
    names = ("weight", "bias", "weight_input", "weight_hidden", "peephole")
    found = {name: getattr(layer, name, None) for name in names}
    return {name: array for name, array in found.items() if array is not None}


@pytest.mark.parametrize("case", CASES)
def test_the_same_weights_give_the_same_output(case, tmp_path):
    nodes, shape, constants = CASES[case]
    graph = load_graph(save(tmp_path / "net.onnx", nodes, {"x": shape}, **constants))
    given = {"x": draw(*shape)}
    layers = find_layers(graph, {}).layers
    assert layers
    changed = put_back(graph, layers, {one.layer.name: of_layer(one.layer) for one in layers})
    exact, again = (run_graph(one, given, ["y"])["y"] for one in (graph, make_graph(graph.path, changed)))
    np.testing.assert_allclose(again, exact, atol=2e-5 if case != "half precision" else 2e-3, rtol=1e-4)
    zero = {one.layer.name: {key: 0 * array for key, array in of_layer(one.layer).items()} for one in layers}
    nothing = run_graph(make_graph(graph.path, put_back(graph, layers, zero)), given, ["y"])["y"]
    assert nothing.shape == exact.shape
    assert not nothing.any()
    untouched = run_graph(make_graph(graph.path, put_back(graph, layers, {})), given, ["y"])["y"]
    np.testing.assert_array_equal(untouched, exact)
