"""Weights that are put back into a model: the same ones give the same outputs, others what the layer computes."""

import numpy as np
import pytest

from workloads.sources.onnx.float_check import layer_errors
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
MORE = {
    "gemm, a bias for each row": ([node("Gemm", ["x", "w", "b"], ["y"], beta=0.5)], (3, 5),
                                  {"w": draw(5, 4), "b": draw(3, 4)}),
    "gemm, a number for each row": ([node("Gemm", ["x", "w", "b"], ["y"])], (3, 5), {"w": draw(5, 4), "b": draw(3, 1)}),
    "matmul of a vector from the left": ([node("MatMul", ["w", "x"], ["a"]), node("Add", ["a", "b"], ["y"])], (5,),
                                         {"w": draw(4, 5), "b": draw(4)}),
    "convolution, a sum of more axes": ([node("Conv", ["x", "w"], ["a"]), node("Add", ["a", "b"], ["y"])], (1, 3, 5, 5),
                                        {"w": draw(4, 3, 2, 2), "b": draw(1, 1, 4, 1, 1)}),
    "matmul of a vector, more axes": ([node("MatMul", ["x", "w"], ["a"]), node("Add", ["a", "b"], ["y"])], (5,),
                                      {"w": draw(5, 4), "b": draw(1, 4)}),
}  # fmt: skip
"""Parts of these are no bias of a layer: they stay as they are."""


def of_layer(layer):
    """What `Kind.float_arrays` would give for weights that are kept to the last bit."""
    names = ("weight", "bias", "weight_input", "weight_hidden", "peephole")
    found = {name: getattr(layer, name, None) for name in names}
    return {name: array for name, array in found.items() if array is not None}


def as_product(arrays):
    """The same with the weights as a matrix, as a layer has them that ran as a matrix product."""
    return {name: array.reshape(len(array), -1) if name == "weight" else array for name, array in arrays.items()}


@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("case", CASES)
def test_the_same_weights_give_the_same_output(case, flat, tmp_path):
    nodes, shape, constants = CASES[case]
    graph = load_graph(save(tmp_path / "net.onnx", nodes, {"x": shape}, **constants))
    given = {"x": draw(*shape)}
    layers = find_layers(graph, {}).layers
    assert layers
    form = as_product if flat else dict
    changed = put_back(graph, layers, {one.layer.name: form(of_layer(one.layer)) for one in layers})
    exact, again = (run_graph(one, given, ["y"])["y"] for one in (graph, make_graph(graph.path, changed)))
    np.testing.assert_allclose(again, exact, atol=2e-5 if case != "half precision" else 2e-3, rtol=1e-4)
    zero = {one.layer.name: {key: 0 * array for key, array in of_layer(one.layer).items()} for one in layers}
    nothing = run_graph(make_graph(graph.path, put_back(graph, layers, zero)), given, ["y"])["y"]
    assert nothing.shape == exact.shape
    assert not nothing.any()
    untouched = run_graph(make_graph(graph.path, put_back(graph, layers, {})), given, ["y"])["y"]
    np.testing.assert_array_equal(untouched, exact)


@pytest.mark.parametrize("case", MORE)
def test_what_a_layer_does_not_hold_stays(case, tmp_path):
    nodes, shape, constants = MORE[case]
    graph = load_graph(save(tmp_path / "net.onnx", nodes, {"x": shape}, **constants))
    given = {"x": draw(*shape)}
    layers = find_layers(graph, run_graph(graph, given, ["x"])).layers
    assert all(error < 1e-5 for error in layer_errors(graph, given, layers).values())
    changed = put_back(graph, layers, {one.layer.name: of_layer(one.layer) for one in layers})
    exact, again = (run_graph(one, given, ["y"])["y"] for one in (graph, make_graph(graph.path, changed)))
    np.testing.assert_allclose(again, exact, atol=2e-5, rtol=1e-4)


def test_constants_that_are_inputs_too_as_before_version_4(tmp_path):
    path = save(tmp_path / "net.onnx", *CASES["gemm"][:1], {"x": (3, 5)}, **CASES["gemm"][2])
    model = onnx.load(path)
    model.ir_version = 3
    for one in model.graph.initializer:
        model.graph.input.append(onnx.helper.make_tensor_value_info(one.name, one.data_type, list(one.dims)))
    graph, x = make_graph(path, model), draw(3, 5)
    given = {"x": x}
    layers = find_layers(graph, run_graph(graph, given, ["x"])).layers
    changed = graph._replace(model=put_back(graph, layers, {one.layer.name: of_layer(one.layer) for one in layers}))
    np.testing.assert_allclose(run_graph(changed, given, ["y"])["y"], run_graph(graph, given, ["y"])["y"], rtol=1e-5)
