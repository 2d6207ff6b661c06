"""Models with an `If`, nested ones too, and with functions: the taken branch gives the layers and the same numbers."""

import sys
from pathlib import Path

import numpy as np
import pytest

from workloads.model import open_model, read_matrices
from workloads.options import WorkloadOptions
from workloads.sources.onnx.branches import take_branches
from workloads.sources.onnx.graph import load_graph
from workloads.sources.onnx.running import run_graph

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")
node = onnx.helper.make_node
FLOAT = onnx.TensorProto.FLOAT
RNG = np.random.default_rng(3)
POSITIVE, NEGATIVE = (RNG.standard_normal((4, 3)).astype(np.float32) for _ in range(2))


def tensor(name, array):
    return onnx.numpy_helper.from_array(np.asarray(array), name)


def value(name, shape=None, dtype=FLOAT):
    return onnx.helper.make_tensor_value_info(name, dtype, shape)


def branch(output, nodes, *constants):
    return onnx.helper.make_graph(nodes, "branch", [], [value(output)], list(constants))


def save(path, nodes, *constants, functions=(), domains=()):
    graph = onnx.helper.make_graph(nodes, "net", [value("x", [1, 4])], [value("y")], list(constants))
    opsets = [onnx.helper.make_opsetid(one, 17) for one in ("", *domains)]
    onnx.save(onnx.helper.make_model(graph, opset_imports=opsets, ir_version=8, functions=list(functions)), path)
    return path


def chosen_by_sum(path):
    """Gemm by one matrix where the sum of x is positive, and by another of the same name where it is not; then Relu."""
    inner = branch("same", [node("Identity", ["x"], ["same"])])  # gives what is outside of it
    deep = node("If", ["yes"], ["kept"], name="inner", then_branch=inner, else_branch=inner)
    then = branch("out", [deep, node("Gemm", ["kept", "w"], ["out"], name="g")], tensor("w", POSITIVE))
    other = branch("out", [node("Gemm", ["x", "w"], ["out"], name="g")], tensor("w", NEGATIVE))
    nodes = [
        node("ReduceSum", ["x"], ["sum"], keepdims=0),
        node("Greater", ["sum", "zero"], ["yes"]),
        node("If", ["yes"], ["z"], name="outer", then_branch=then, else_branch=other),
        node("Relu", ["z"], ["y"]),
    ]
    return save(path, nodes, tensor("zero", np.float32(0)))


@pytest.mark.parametrize(("sign", "weight", "taken"), [(1, POSITIVE, "then"), (-1, NEGATIVE, "else")])
def test_the_branch_that_the_input_takes(sign, weight, taken, tmp_path):
    path, x = chosen_by_sum(tmp_path / "net.onnx"), np.full((1, 4), sign, np.float32)
    graph = load_graph(path)
    changed, notes = take_branches(graph, {"x": x})
    assert not any(one.kind == "If" for one in changed.nodes)
    before, after = (run_graph(one, {"x": x}, ["y"])["y"] for one in (graph, changed))
    np.testing.assert_array_equal(before, after)
    np.testing.assert_allclose(after, np.maximum(x @ weight, 0), rtol=1e-6)
    assert notes[0] == f"If outer: its {taken} branch is taken on this input"
    assert len(notes) == (2 if sign > 0 else 1)
    model = open_model(path, WorkloadOptions(activation=x))
    (layer,) = model.layers
    workload = layer.load({})
    assert workload.layer.name == "outer/g"
    assert workload.notes == notes
    assert workload.layer.output_value(workload.layer.activation).shape == (4,)


def test_an_if_that_cannot_be_run_is_left_out_and_the_rest_is_compressed(tmp_path, monkeypatch):
    """What a model holds outside of its `If` is compressed where onnxruntime is not installed, too."""
    out = onnx.helper.make_tensor_value_info("o", FLOAT, None)
    branches = {
        name: onnx.helper.make_graph([node("MatMul", ["h", "w"], ["o"])], name, [], [out], [tensor("w", weight)])
        for name, weight in (("then_branch", POSITIVE), ("else_branch", NEGATIVE))
    }
    x = onnx.helper.make_tensor_value_info("x", FLOAT, [1, 4])
    c = onnx.helper.make_tensor_value_info("c", onnx.TensorProto.BOOL, [])
    y = onnx.helper.make_tensor_value_info("y", FLOAT, None)
    nodes = [node("MatMul", ["x", "v"], ["h"]), node("If", ["c"], ["y"], name="iff", **branches)]
    graph = onnx.helper.make_graph(nodes, "net", [x, c], [y], [tensor("v", np.eye(4, dtype=np.float32))])
    opsets = [onnx.helper.make_opsetid("", 17)]
    onnx.save(onnx.helper.make_model(graph, opset_imports=opsets, ir_version=8), tmp_path / "net.onnx")
    assert len(read_matrices(str(tmp_path / "net.onnx")).matrices) == 2
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    found = read_matrices(str(tmp_path / "net.onnx"))
    assert len(found.matrices) == 1
    assert any(sentence.startswith("If iff") for sentence in found.left_out)


def test_sparse_constants_of_a_branch(tmp_path):
    """Each branch has a sparse matrix under one name; the condition chooses."""
    branches = {}
    for name, weight in (("then_branch", POSITIVE), ("else_branch", NEGATIVE)):
        values, places = weight.ravel()[[1, 5]], np.array([1, 5])
        sparse = onnx.helper.make_sparse_tensor(tensor("w", values), tensor("i", places), weight.shape)
        out = onnx.helper.make_tensor_value_info("o", FLOAT, None)
        inner = onnx.helper.make_graph([node("MatMul", ["x", "w"], ["o"])], name, [], [out])
        inner.sparse_initializer.append(sparse)
        branches[name] = inner
    x = onnx.helper.make_tensor_value_info("x", FLOAT, [1, 4])
    c = onnx.helper.make_tensor_value_info("c", onnx.TensorProto.BOOL, [])
    y = onnx.helper.make_tensor_value_info("y", FLOAT, None)
    graph = onnx.helper.make_graph([node("If", ["c"], ["y"], **branches)], "net", [x, c], [y])
    opsets = [onnx.helper.make_opsetid("", 17)]
    onnx.save(onnx.helper.make_model(graph, opset_imports=opsets, ir_version=8), tmp_path / "net.onnx")
    for condition, weight in ((True, POSITIVE), (False, NEGATIVE)):
        given = {"x": np.ones((1, 4), np.float32), "c": np.array(condition)}
        (layer,) = open_model(tmp_path / "net.onnx", WorkloadOptions(activation=given)).layers
        found = layer.load({}).layer
        assert found.weight_density == pytest.approx(2 / weight.size)


def test_a_function_is_read_in_line(tmp_path):
    body = [node("Gemm", ["a", "b"], ["c"], name="g")]
    function = onnx.helper.make_function("own", "Dense", ["a", "b"], ["c"], body, [onnx.helper.make_opsetid("", 17)])
    call = node("Dense", ["x", "w"], ["y"], domain="own")
    path = save(Path(tmp_path) / "f.onnx", [call], tensor("w", POSITIVE), functions=[function], domains=["own"])
    (layer,) = open_model(path).layers
    assert layer.load({}).layer.inputs == 4
