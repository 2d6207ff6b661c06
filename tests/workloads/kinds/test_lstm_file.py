"""LSTMs out of files: PyTorch's layout by its formulas, our own, ONNX; and as matrices to compress."""

import numpy as np
import pytest
from support.lstms import GOOD, PLAIN, draw, read_lstms, run, save, torch_tensors

from workloads.errors import InputError
from workloads.kinds.lstm.arrays import from_lstm_arrays
from workloads.kinds.lstm.layer import Lstm
from workloads.kinds.recurrent import STEPS
from workloads.sources.network import Network, network_matrices


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def torch_layer(tensors, end, sequence):
    """The equations of nn.LSTM's documentation, gate by gate, [steps, inputs] -> [steps, outputs]; end: `_l0`."""
    weight_ih, weight_hh = tensors[f"weight_ih{end}"].astype(float), tensors[f"weight_hh{end}"].astype(float)
    cells = len(weight_ih) // 4
    w_ii, w_if, w_ig, w_io = (weight_ih[q * cells : (q + 1) * cells] for q in range(4))
    w_hi, w_hf, w_hg, w_ho = (weight_hh[q * cells : (q + 1) * cells] for q in range(4))
    b_ii, b_if, b_ig, b_io = np.split(tensors.get(f"bias_ih{end}", np.zeros(4 * cells)), 4)
    b_hi, b_hf, b_hg, b_ho = np.split(tensors.get(f"bias_hh{end}", np.zeros(4 * cells)), 4)
    c, h, output = np.zeros(cells), np.zeros(weight_hh.shape[1]), []
    for x in sequence:
        i = sigmoid(w_ii @ x + b_ii + w_hi @ h + b_hi)
        f = sigmoid(w_if @ x + b_if + w_hf @ h + b_hf)
        g = np.tanh(w_ig @ x + b_ig + w_hg @ h + b_hg)
        o = sigmoid(w_io @ x + b_io + w_ho @ h + b_ho)
        c = f * c + i * g
        h = o * np.tanh(c)
        if f"weight_hr{end}" in tensors:
            h = tensors[f"weight_hr{end}"] @ h
        output.append(h)
    return np.array(output)


@pytest.mark.parametrize("layers", [1, 12])
@pytest.mark.parametrize("proj", [0, 2])
@pytest.mark.parametrize("biases", [(), ("bias_ih",), ("bias_hh",), ("bias_ih", "bias_hh")])
def test_pytorchs_layout(layers, proj, biases, tmp_path):
    tensors, x = torch_tensors(layers, proj=proj, biases=biases), draw(2, 5, 3)
    stack = read_lstms(save(tmp_path / "net.safetensors", rnn=tensors), x, None)
    names = ["rnn"] if layers == 1 else [f"rnn.l{k}" for k in range(layers)]
    assert [layer.name for layer in stack] == names
    assert [layer.activation is None for layer in stack] == [False] + [True] * (layers - 1)
    for voice in range(2):
        signal = x[voice]
        for k in range(layers):
            signal = torch_layer(tensors, f"_l{k}", signal)
        np.testing.assert_allclose(run(stack)[voice], signal, rtol=1e-5, atol=1e-6)
    for layer in stack:
        assert (layer.bias is None, layer.projection is None) == (not biases, not proj)
        arrays = [one for one in layer if isinstance(one, np.ndarray)]
        assert all(one.dtype == np.float32 and one.flags.c_contiguous for one in arrays)


def test_the_backward_direction_is_a_stack_of_its_own_that_reads_from_the_end(tmp_path):
    tensors, x = torch_tensors(1, proj=2, ends=("", "_reverse")), draw(5, 3)
    path = save(tmp_path / "net.safetensors", rnn=tensors, fc={"weight": draw(2, 2)})
    np.testing.assert_allclose(run(read_lstms(path, x, "rnn"))[0], torch_layer(tensors, "_l0", x), rtol=1e-5, atol=1e-6)
    for sequences in (x, np.stack([x, draw(5, 3)])):
        stack = read_lstms(path, sequences, "rnn.reverse")
        expected = torch_layer(tensors, "_l0_reverse", x[::-1])
        np.testing.assert_allclose(run(stack)[0], expected, rtol=1e-5, atol=1e-6)
    assert stack[0].name == "rnn.reverse"
    with pytest.raises(InputError, match="net: no layer is chosen; expected one of its layers: rnn, rnn.reverse, fc"):
        read_lstms(path, None, None)
    with pytest.raises(InputError, match="net.safetensors: one array is the input of a network; expected arrays by"):
        read_lstms(path, x, None)


def test_prefixes(tmp_path):
    """Names from a file of several, from a file without a prefix, and a prefix with dots in it."""
    x, first, second, bare = draw(5, 3), torch_tensors(1), torch_tensors(2), torch_tensors(1, ends=("", "_reverse"))
    path = save(tmp_path / "net.safetensors", **{"a": first, "a.b_l0": second, "_": bare})
    assert [one.name for one in read_lstms(path, x, "a")] == ["a"]
    assert [one.name for one in read_lstms(path, x, "a.b_l0")] == ["a.b_l0.l0", "a.b_l0.l1"]
    np.testing.assert_allclose(run(read_lstms(path, x, "net"))[0], torch_layer(bare, "_l0", x), rtol=1e-5, atol=1e-6)
    back = run(read_lstms(path, x, "net.reverse"))[0]
    np.testing.assert_allclose(back, torch_layer(bare, "_l0_reverse", x[::-1]), rtol=1e-5, atol=1e-6)
    with pytest.raises(InputError, match="layer is 'b'; expected .* with one of net, net.reverse, a, a.b_l0"):
        read_lstms(path, x, "b")


def test_the_input_in_a_file_by_the_stacks_name_or_as_activation(tmp_path):
    path = save(tmp_path / "net.safetensors", rnn=torch_tensors(1))
    x, other, source = draw(5, 3), draw(5, 3), tmp_path / "x.npz"
    np.savez(source, rnn=x, activation=other)
    np.testing.assert_array_equal(read_lstms(path, source, None)[0].activation, x)
    np.savez(source, activation=other, more=x)
    np.testing.assert_array_equal(read_lstms(path, source, None)[0].activation, other)
    words = np.eye(3, dtype=np.int64)
    assert read_lstms(path, words, None)[0].activation.dtype == np.float32
    np.savez(source, more=x)
    with pytest.raises(InputError, match=r"x.npz: it has more; expected an array called rnn or activation"):
        read_lstms(path, source, None)


def test_our_own_archives(tmp_path):
    path = tmp_path / "mine.npz"
    np.savez(path, **GOOD)
    (layer,) = read_lstms(path, None, None)
    assert (layer.name, layer.cell_gate) == ("mine", "sigmoid")
    for key, array in GOOD.items():
        if key != "cell_gate":
            assert getattr(layer, key).dtype == np.float32
            np.testing.assert_array_equal(getattr(layer, key), array.astype(np.float32))
    x = draw(2, 4, 3)
    (layer,) = read_lstms(path, x, "mine")  # an input that is given goes before the file's
    np.testing.assert_array_equal(layer.activation, x)
    np.savez(path, **PLAIN)
    (layer,) = read_lstms(path, x, None)
    assert (layer.bias, layer.peephole, layer.projection, layer.cell_gate) == (None, None, None, "tanh")
    assert from_lstm_arrays("here", "rnn", PLAIN).activation is None
    (layer,) = read_lstms(path, None, None)
    assert layer.activation.shape == (STEPS, 3)  # drawn
    with pytest.raises(InputError, match="layer is 'yours'; expected .* with one of mine"):
        read_lstms(path, x, "yours")
    endings = r"\(.npz, .yaml, .safetensors, .onnx, .mtx, .smtx\)"
    with pytest.raises(InputError, match=f"net.abc: there is no such workload; expected a file {endings} or one of"):
        read_lstms(tmp_path / "net.abc", None, None)


@pytest.fixture
def onnx_model(tmp_path):
    """Two LSTMs one behind the other, with a squeeze between them; the second one's peepholes see its cell."""
    onnx = pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    constants = {
        "w": draw(1, 12, 5),
        "r": draw(1, 12, 3),
        "one": np.array([1]),
        "v": draw(1, 8, 3),
        "s": draw(1, 8, 2),
        "p": draw(1, 6),
    }
    nodes = [
        onnx.helper.make_node("LSTM", ["x", "w", "r"], ["a"], name="low", hidden_size=3),
        onnx.helper.make_node("Squeeze", ["a", "one"], ["b"]),
        onnx.helper.make_node("LSTM", ["b", "v", "s", "", "", "", "", "p"], ["y"], name="high", hidden_size=2),
    ]
    value = onnx.helper.make_tensor_value_info
    graph = onnx.helper.make_graph(
        nodes,
        "net",
        [value("x", onnx.TensorProto.FLOAT, (6, 2, 5))],
        [value("y", onnx.TensorProto.FLOAT, None)],
        [onnx.numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 13)], ir_version=8)
    onnx.save(model, tmp_path / "net.onnx")
    return tmp_path / "net.onnx"


def test_a_layer_of_an_onnx_model(onnx_model, tmp_path):
    x = draw(6, 2, 5)
    (low,), (high,) = (read_lstms(onnx_model, x, name) for name in ("low", "high"))
    np.testing.assert_array_equal(low.activation, x[:, 0])
    np.testing.assert_allclose(run([low])[0], high.activation, rtol=1e-5, atol=1e-6)
    assert high.peephole.shape == (3, 2)
    for name in ("x", "activation"):  # the only array, or the one that the model asks for
        np.savez(tmp_path / "x.npz", **{name: x})
        np.testing.assert_array_equal(read_lstms(onnx_model, tmp_path / "x.npz", "low")[0].activation, x[:, 0])
    np.savez(tmp_path / "x.npz", x=x, z=x)
    with pytest.raises(InputError, match="net.onnx: the input is given for x, z; expected arrays for x"):
        read_lstms(onnx_model, tmp_path / "x.npz", "low")
    with pytest.raises(InputError, match="net: no layer is chosen; expected one of its layers: low, high"):
        read_lstms(onnx_model, x, None)
    assert read_lstms(onnx_model, None, "low")[0].activation.shape == (6, 5)  # the model's input is drawn


def test_onnx_models_without_an_lstm_that_is_read(onnx_model):
    import onnx

    model = onnx.load(onnx_model)
    for node in model.graph.node:
        if node.op_type == "LSTM":
            node.attribute.append(onnx.helper.make_attribute("clip", 3.0))
    onnx.save(model, onnx_model)
    why = r"\(LSTM low: its cell is clipped, which is not read; LSTM high: .*\)"
    with pytest.raises(InputError, match=f"net.onnx: it has no layer that is read {why}; expected one with weights"):
        read_lstms(onnx_model, draw(6, 2, 5), None)


def test_no_matrix_of_an_lstm_is_lost_between_a_network_and_its_matrices():
    layer = from_lstm_arrays("here", "rnn", GOOD)
    read = network_matrices(Network("net", (layer, Lstm("plain", *PLAIN.values(), None, None)), ("Gather: not read",)))
    shapes = {matrix.layer.name: (matrix.shape, matrix.layer.weight.shape) for matrix in read.matrices}
    assert shapes == {
        "rnn.input": ((4, 5, 3), (20, 3)),
        "rnn.hidden": ((4, 5, 2), (20, 2)),
        "rnn.projection": ((2, 5), (2, 5)),
        "plain.input": ((4, 5, 3), (20, 3)),
        "plain.hidden": ((4, 5, 5), (20, 5)),
    }
    np.testing.assert_array_equal(read.matrices[2].layer.weight, GOOD["projection"])
    assert [matrix.layer.bias is None for matrix in read.matrices] == [False, True, True, True, True]
    assert read.left_out == ("Gather: not read", "Lstm rnn: its peepholes [3, 5] are no matrix")
