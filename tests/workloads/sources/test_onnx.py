"""Models made here, read, evaluated in numpy, and compared with what onnxruntime says."""

import re
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.onnx_models import draw, evaluate, node, proto, run, save

from workloads.errors import InputError
from workloads.kinds.lstm.forward import forward
from workloads.sources.onnx.reader import read_onnx

onnx = pytest.importorskip("onnx")


def close(a, b):
    np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("trans_a", [0, 1])
@pytest.mark.parametrize("trans_b", [0, 1])
@pytest.mark.parametrize("shape", [None, (), (5,), (1, 5), (3, 5), (3, 1)])
def test_gemm(trans_a, trans_b, shape, tmp_path):
    w, x = draw(7, 5), draw(3, 7)
    c = {} if shape is None else {"c": draw(*shape)}
    gemm = node("Gemm", ["x", "w", *c], ["y"], alpha=0.5, beta=2.0, transA=trans_a, transB=trans_b)
    given_x = x.T.copy() if trans_a else x
    path = save(tmp_path / "net.onnx", [gemm], {"x": given_x.shape}, w=w.T.copy() if trans_b else w, **c)
    network = read_onnx(path, given_x)
    (layer,) = network.layers
    assert (network.name, network.skipped, layer.name, layer.relu) == ("net", (), "y", False)
    assert layer.weight.shape == (5, 7)
    assert layer.weight.flags.c_contiguous
    close(evaluate(layer), run(path, x=given_x)[0])


@pytest.mark.parametrize("bias", [(5,), (1, 5), (1, 1, 5), (1,)])
def test_matmul_with_added_constant_and_relu_and_the_first_row_of_all(bias, tmp_path):
    nodes = [node("MatMul", ["x", "w"], ["a"]), node("Add", ["b", "a"], ["s"]), node("Relu", ["s"], ["y"])]
    x = draw(2, 4, 7)
    path = save(tmp_path / "net.onnx", nodes, {"x": x.shape}, w=draw(7, 5), b=draw(*bias))
    (layer,) = read_onnx(path, {"x": x.astype(np.float64)}).layers
    assert layer.relu
    np.testing.assert_array_equal(layer.activation, x[0, 0])
    close(evaluate(layer), run(path, x=x).reshape(-1, 5)[0])
    assert read_onnx(path).layers[0].activation is None


def test_a_relu_or_sum_that_someone_else_reads_too_is_not_folded(tmp_path):
    nodes = [
        node("MatMul", ["x", "w"], ["a"]),
        node("Relu", ["a"], ["r"]),
        node("Sub", ["a", "r"], ["m"]),
        node("MatMul", ["m", "v"], ["n"]),
        node("Add", ["n", "rows"], ["y"]),
    ]
    x = draw(2, 7)
    path = save(tmp_path / "net.onnx", nodes, {"x": x.shape}, w=draw(7, 5), v=draw(5, 4), rows=draw(2, 4))
    network = read_onnx(path, x)
    assert [(layer.relu, layer.bias) for layer in network.layers] == [(False, None), (False, None)]
    assert network.skipped == ("Add y: it has weights [2, 4], and its kind is not read",)
    close(evaluate(network.layers[0]), (x @ onnx_constant(path, "w"))[0])


def onnx_constant(path, name):
    return next(onnx.numpy_helper.to_array(t) for t in onnx.load(path).graph.initializer if t.name == name)


CONVOLUTIONS = [
    {},
    {"strides": [2, 1], "pads": [1, 0, 2, 3]},
    {"group": 2, "strides": [1, 3]},
    {"auto_pad": "VALID", "strides": [2, 2]},
    {"auto_pad": "SAME_UPPER"},
    {"auto_pad": "SAME_UPPER", "strides": [2, 3]},
    {"auto_pad": "SAME_LOWER", "strides": [3, 2]},
]


@pytest.mark.parametrize("attributes", CONVOLUTIONS)
@pytest.mark.parametrize("normalised", [False, True])
def test_convolutions_with_bias_normalisation_and_relu(attributes, normalised, tmp_path):
    x, groups = draw(2, 4, 9, 8), attributes.get("group", 1)
    constants = {"w": draw(6, 4 // groups, 3, 2), "b": draw(6)}
    nodes = [node("Conv", ["x", "w", "b"], ["c"], **attributes)]
    if normalised:
        constants |= {"scale": draw(6), "shift": draw(6), "mean": draw(6), "var": draw(6) ** 2}
        nodes.append(node("BatchNormalization", ["c", "scale", "shift", "mean", "var"], ["n"], epsilon=0.1))
    nodes.append(node("Relu", [nodes[-1].output[0]], ["y"]))
    path = save(tmp_path / "net.onnx", nodes, {"x": x.shape}, **constants)
    network = read_onnx(path, x)
    (layer,) = network.layers
    assert (network.skipped, layer.relu, layer.groups) == ((), True, groups)
    close(evaluate(layer), run(path, x=x)[0])
    assert read_onnx(path).layers[0].padding == layer.padding  # the model says the size of x


def test_normalisation_after_gemm_and_a_constant_per_channel(tmp_path):
    norm = {"s": draw(5), "t": draw(5), "m": draw(5), "v": draw(5) ** 2}
    nodes = [node("Gemm", ["x", "w"], ["g"]), node("BatchNormalization", ["g", *norm], ["y"])]
    x = draw(1, 7)
    path = save(tmp_path / "gemm.onnx", nodes, {"x": x.shape}, w=draw(7, 5), **norm)
    (layer,) = read_onnx(path, x).layers
    close(evaluate(layer), run(path, x=x)[0])
    nodes = [node("Conv", ["x", "w"], ["c"]), node("Add", ["c", "b"], ["y"])]
    x = draw(1, 3, 5, 5)
    path = save(tmp_path / "conv.onnx", nodes, {"x": x.shape}, w=draw(4, 3, 2, 2), b=draw(1, 4, 1, 1))
    (layer,) = read_onnx(path, x).layers
    close(evaluate(layer), run(path, x=x)[0])


@pytest.mark.parametrize("direction", ["forward", "reverse", "bidirectional"])
@pytest.mark.parametrize("biased", [False, True])
@pytest.mark.parametrize("peephole", [False, True])
@pytest.mark.parametrize("cell_gate", ["tanh", "sigmoid", None])
def test_lstm(direction, biased, peephole, cell_gate, tmp_path):
    directions = 2 if direction == "bidirectional" else 1
    constants = {"w": draw(directions, 12, 5), "r": draw(directions, 12, 3)}
    optional = {"b": biased * draw(directions, 24), "p": peephole * draw(directions, 9)}
    constants |= {name: array for name, array in optional.items() if array.any()}
    inputs = ["x", "w", "r", "b" if biased else "", "", "", "", *(["p"] if peephole else [])]
    attributes = {} if cell_gate is None else {"activations": ["Sigmoid", cell_gate.title(), "TANH"] * directions}
    nodes = [node("LSTM", inputs, ["y"], name="rnn", direction=direction, hidden_size=3, **attributes)]
    x = draw(6, 2, 5)
    path = save(tmp_path / "net.onnx", nodes, {"x": x.shape}, **constants)
    network = read_onnx(path, x)
    assert network.skipped == ()
    backward = {"forward": [False], "reverse": [True], "bidirectional": [False, True]}[direction]
    output = run(path, x=x)[:, :, 0]  # [steps, directions, cells] of the first in the batch
    for d, (layer, reverse) in enumerate(zip(network.layers, backward, strict=True)):
        assert layer.activation.shape == (6, 5)
        assert (layer.peephole is None, layer.cell_gate) == (not peephole, cell_gate or "tanh")
        ours = forward(layer, layer.activation[None]).output[0]
        close(ours[::-1] if reverse else ours, output[:, d])
    names = {"forward": ["rnn"], "reverse": ["rnn"], "bidirectional": ["rnn.forward", "rnn.backward"]}
    assert [layer.name for layer in network.layers] == names[direction]


def test_each_direction_has_its_own_activations(tmp_path):
    chosen = ["Sigmoid", "Tanh", "Tanh", "Sigmoid", "Sigmoid", "Tanh"]
    nodes = [node("LSTM", ["x", "w", "r"], ["y"], direction="bidirectional", hidden_size=3, activations=chosen)]
    x = draw(4, 1, 5)
    path = save(tmp_path / "net.onnx", nodes, {"x": x.shape}, w=draw(2, 12, 5), r=draw(2, 12, 3))
    ahead, back = read_onnx(path, x).layers
    assert (ahead.cell_gate, back.cell_gate) == ("tanh", "sigmoid")
    output = run(path, x=x)[:, :, 0]
    close(forward(ahead, ahead.activation[None]).output[0], output[:, 0])
    close(forward(back, back.activation[None]).output[0, ::-1], output[:, 1])


LSTM = {"w": draw(1, 12, 5), "r": draw(1, 12, 3), "b": draw(1, 24)}
SKIPPED = {
    "three dimensions": (
        [node("Conv", ["x", "w"], ["y"])],
        {"w": draw(2, 3, 2, 2, 2)},
        "Conv y: its weight has shape [2, 3, 2, 2, 2], and only convolutions of one and two dimensions are read",
    ),
    "unknown size": (
        [node("Abs", ["x"], ["a"]), node("Conv", ["a", "w"], ["y"], auto_pad="SAME_UPPER", strides=[2, 2])],
        {"w": draw(2, 3, 2, 2)},
        "Conv y: auto_pad is SAME_UPPER, and the size of its input is not known without an input",
    ),
    "computed weight": (
        [node("Mul", ["x", "w"], ["e"]), node("Gemm", ["x", "e"], ["y"])],
        {"w": draw(2, 3)},
        "Gemm y: its weight is computed, and only constants are read",
    ),
    "given weight": (
        [node("Gemm", ["w", "x"], ["y"])],
        {"w": draw(2, 3)},
        "Gemm y: its weight is an input of the model, and only constants are read",
    ),
    "integers": (
        [node("MatMul", ["x", "w"], ["y"])],
        {"w": np.ones((3, 2), np.int32)},
        "MatMul y: its weight has dtype int32, and only floating point is read",
    ),
    "two activations": (
        [node("MatMul", ["x", "x"], ["y"])],
        {},
        "MatMul y: both of its factors are computed: it has no weights",
    ),
    "batch of matrices": (
        [node("MatMul", ["x", "w"], ["y"])],
        {"w": draw(2, 3, 4)},
        "MatMul y: its weight has shape [2, 3, 4], and only two dimensions are read",
    ),
    "embedding": (
        [node("Gather", ["w", "x"], ["y"], name="words")],
        {"w": draw(9, 3)},
        "Gather words: it looks up a table [9, 3], and has no layer of weights",
    ),
    "computed peepholes": (
        [
            node("Mul", ["p", "x"], ["e"]),
            node("LSTM", ["x", "w", "r", "b", "", "", "", "e"], ["y"], hidden_size=3),
        ],
        {**LSTM, "p": draw(1, 9)},
        "LSTM y: its peephole is computed, and only constants are read",
    ),
    "other activations": (
        [node("LSTM", ["x", "w", "r", "b"], ["y"], activations=["Relu", "Tanh", "Tanh"], hidden_size=3)],
        LSTM,
        "LSTM y: its activations are Relu, Tanh, Tanh, and only Sigmoid, Tanh (or Sigmoid), Tanh are read",
    ),
    "coupled": (
        [node("LSTM", ["x", "w", "r", "b"], ["y"], input_forget=1)],
        LSTM,
        "LSTM y: its input and forget gates are coupled, which is not read",
    ),
}


@pytest.mark.parametrize("case", SKIPPED)
def test_what_is_not_supported_is_named(case, tmp_path):
    nodes, constants, sentence = SKIPPED[case]
    network = read_onnx(save(tmp_path / "net.onnx", nodes, {"x": None}, **constants))
    assert network.layers == ()
    assert sentence in network.skipped


def test_renamed_and_transposed_constants_are_constants(tmp_path):
    nodes = [
        node("Constant", [], ["k"], value=onnx.numpy_helper.from_array(draw(7, 5))),
        node("Identity", ["k"], ["i"]),
        node("Transpose", ["i"], ["t"]),
        node("MatMul", ["x", "i"], ["a"]),
        node("MatMul", ["a", "t"], ["y"]),
    ]
    x = draw(1, 7)
    path = save(tmp_path / "net.onnx", nodes, {"x": x.shape})
    close(evaluate(read_onnx(path, x).layers[1]), run(path, x=x)[0])


GEMM = [node("Gemm", ["x", "w"], ["y"])]
BAD = {
    "nan": (GEMM, {"w": np.full((3, 2), np.nan, np.float32)}, "Gemm y: weight[0, 0] is nan (6 such values)"),
    "no weight": ([node("Gemm", ["x"], ["y"])], {}, "Gemm y: it has no weight"),
    "vector": (GEMM, {"w": draw(3)}, "Gemm y: its weight has shape [3]"),
    "bias": ([node("Gemm", ["x", "w", "b"], ["y"])], {"w": draw(3, 2), "b": draw(3)}, "Gemm y: its bias has shape [3]"),
    "alpha": ([node("Gemm", ["x", "w"], ["y"], alpha=[1, 2])], {"w": draw(3, 2)}, "Gemm y: alpha is (1, 2)"),
    "stride": ([node("Conv", ["x", "w"], ["y"], strides=[0, 1])], {"w": draw(2, 2, 2, 2)}, "Conv y: strides is [0, 1]"),
    "pads": ([node("Conv", ["x", "w"], ["y"], pads=[1, 1])], {"w": draw(2, 2, 2, 2)}, "Conv y: pads is [1, 1]"),
    "groups": ([node("Conv", ["x", "w"], ["y"], group=3)], {"w": draw(2, 2, 2, 2)}, "Conv y: it has weight [2, 2, 2"),
    "lstm": ([node("LSTM", ["x", "w", "r"], ["y"])], {**LSTM, "r": draw(1, 9, 3)}, "LSTM y: its weights have shapes"),
    "names": ([node("LSTM", ["x", "w", "r"], ["y"], activations=3)], LSTM, "LSTM y: activations is 3; expected names"),
    "count": (
        [node("LSTM", ["x", "w", "r"], ["y"], activations=2 * ["Sigmoid", "Tanh", "Tanh"])],
        LSTM,
        "LSTM y: it has 6 activations; expected 3, three for each direction",
    ),
    "peephole": (
        [node("LSTM", ["x", "w", "r", "", "", "", "", "p"], ["y"])],
        {**LSTM, "p": draw(1, 8)},
        "LSTM y: its peephole has shape [1, 8]; expected [1, 9]",
    ),
    "large biases": (
        [node("LSTM", ["x", "w", "r", "b"], ["y"])],
        {**LSTM, "b": np.full((1, 24), 3e38, np.float32)},
        "LSTM y: the sum of its biases[0, 0, 0] is 6",
    ),
    "no weights": ([node("Relu", ["x"], ["y"])], {}, "none of its nodes has weights"),
    "nothing": ([], {}, "it has no nodes"),
}


@pytest.mark.parametrize("case", BAD)
def test_wrong_models(case, tmp_path):
    nodes, constants, sentence = BAD[case]
    path = save(tmp_path / "net.onnx", nodes, {"x": None}, **constants)
    with pytest.raises(InputError) as error:
        read_onnx(path)
    assert str(error.value).startswith(f"{path}: {sentence}")
    assert "; expected " in str(error.value)


@pytest.mark.parametrize(
    ("inputs", "sentence"),
    [
        ({"z": draw(1, 3)}, "the input is given for z; expected arrays for x"),
        ({}, "the input is given for nothing; expected arrays for x"),
        (draw(1, 4), "it does not run on the given input ([ONNXRuntimeError]"),
        (np.full((1, 3), np.inf, np.float32), "Gemm a: its input[0, 0] is inf (3 such values); expected finite"),
        (np.array([["a", "b", "c"]]), "it does not run on the given input ("),
    ],
)
def test_wrong_inputs(inputs, sentence, tmp_path):
    nodes = [node("Gemm", ["x", "w"], ["a"]), node("Gemm", ["a", "v"], ["y"])]
    path = save(tmp_path / "net.onnx", nodes, {"x": (1, 3)}, w=draw(3, 2), v=draw(2, 2))
    with pytest.raises(InputError) as error:
        read_onnx(path, inputs)
    assert str(error.value).startswith(f"{path}: {sentence}")


def test_no_file_no_model_and_no_onnx(tmp_path, monkeypatch):
    with pytest.raises(InputError, match="there is no such file; expected an ONNX model"):
        read_onnx(tmp_path / "none.onnx")
    path = tmp_path / "text.onnx"
    path.write_text("no model at all")
    with pytest.raises(InputError, match="it cannot be read .*; expected an ONNX model"):
        read_onnx(path)
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(InputError, match=r"onnx is not installed; expected pip install 'zeroskip\[onnx\]'"):
        read_onnx(path)


ALL_KINDS = proto(
    [
        node("Conv", ["x", "cw", "cb"], ["c"], pads=[1, 1, 0, 0], strides=[1, 2]),
        node("BatchNormalization", ["c", "cb", "cb", "cb", "var"], ["n"]),
        node("Relu", ["n"], ["r"]),
        node("Reshape", ["r", "shape"], ["f"]),
        node("LSTM", ["f", "w", "r_", "b", "", "", "", "p"], ["", "h"], hidden_size=3),
        node("Squeeze", ["h", "axis"], ["s"]),
        node("Gemm", ["s", "g", "gb"], ["y"], transB=1),
    ],
    {"x": (1, 1, 4, 5)},
    cw=draw(2, 1, 2, 3),
    cb=draw(2),
    var=draw(2) ** 2,
    shape=np.array([-1, 1, 4]),
    w=draw(1, 12, 4),
    r_=LSTM["r"],
    b=LSTM["b"],
    p=draw(1, 9),
    axis=np.array([0]),
    g=draw(4, 3),
    gb=draw(4),
).SerializeToString()


@settings(max_examples=300)
@given(st.data())
def test_a_damaged_model_is_refused_in_a_sentence_or_still_a_network(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("damaged") / "net.onnx"
    content = bytearray(ALL_KINDS)
    if data.draw(st.integers(0, 3)) == 0:
        content = content[: data.draw(st.integers(0, len(content) - 1))]
    else:
        for _ in range(data.draw(st.integers(1, 3))):
            content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(content)
    try:
        read_onnx(path, np.ones((1, 1, 4, 5), np.float32) if data.draw(st.booleans()) else None)
    except InputError as error:
        assert re.fullmatch(r".*net\.onnx: .*; expected .*", str(error), re.DOTALL)


def test_the_undamaged_model_has_all_layers(tmp_path):
    path = tmp_path / "net.onnx"
    path.write_bytes(ALL_KINDS)
    x = np.ones((1, 1, 4, 5), np.float32)
    network = read_onnx(path, x)
    assert [type(layer).__name__ for layer in network.layers] == ["Convolution", "Lstm", "FullyConnected"]
    assert network.skipped == ()
    close(evaluate(network.layers[-1]), run(path, x=x)[0])
    lstm = network.layers[1]
    state = forward(lstm, lstm.activation[None]).output[0, -1]
    np.testing.assert_allclose(state, network.layers[2].activation, rtol=1e-4)
