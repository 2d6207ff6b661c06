"""LSTMs of ONNX with lengths of sequences, initial states, both directions and either layout; notes reach results."""

import numpy as np
import onnx
import pytest
from support.onnx_models import check_layers, draw, node, save

from simulator.config.load import load_arch
from simulator.run.executor import run
from workloads.options import WorkloadOptions
from workloads.sources.onnx.float_check import layer_errors
from workloads.sources.onnx.graph import load_graph
from workloads.sources.onnx.reader import find_layers, read_onnx
from workloads.sources.onnx.running import run_graph

STEPS, BATCH, INPUTS, CELLS = 7, 2, 5, 3
WORDS = onnx.TensorProto.INT32


def model(path, direction="forward", layout=0, lengths=None, states=None, more=()):
    """An LSTM on x; lengths: of the sequences; states: of the hidden state and the cell."""
    directions = 2 if direction == "bidirectional" else 1
    constants = {"w": draw(directions, 4 * CELLS, INPUTS), "r": draw(directions, 4 * CELLS, CELLS)}
    constants["b"] = draw(directions, 8 * CELLS)
    inputs = ["x", "w", "r", "b", "", "", ""]
    if lengths is not None:
        constants["n"], inputs[4] = np.array(lengths, np.int32), "n"
    for place, name in enumerate(states or {}, start=5):
        inputs[place] = name
        if states[name] is not None:
            constants[name] = states[name]
    lstm = node("LSTM", inputs, ["y"], name="rnn", hidden_size=CELLS, direction=direction, layout=layout)
    shape = (BATCH, STEPS, INPUTS) if layout else (STEPS, BATCH, INPUTS)
    return save(path, [*more, lstm], {"x": shape}, opset=14, **constants), draw(*shape)


DIRECTIONS = ["forward", "reverse", "bidirectional"]


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("lengths", [None, [4, 7], [7, 2]])
def test_lengths_of_sequences(direction, lengths, tmp_path):
    path, x = model(tmp_path / "net.onnx", direction, lengths=lengths)
    found = check_layers(path, x)
    steps = STEPS if lengths is None else lengths[0]
    for one in found.layers:
        assert one.layer.activation.shape == (steps, INPUTS)
        cut = f"its sequence has {steps} of {STEPS} steps, by its lengths of sequences"
        assert (cut in one.notes) == (steps < STEPS)
        assert f"its batch has {BATCH} sequences, and the first one is run: cycles and energy are of one" in one.notes
    assert len(found.layers) == (2 if direction == "bidirectional" else 1)


def test_lengths_that_the_model_computes(tmp_path):
    """Three times the sign of an entry of x."""
    path, x = model(tmp_path / "net.onnx", lengths=[4, 7])
    net = onnx.load(path)
    del net.graph.initializer[[one.name for one in net.graph.initializer].index("n")]
    first = [
        node("ReduceSum", ["x", "axes"], ["sums"], keepdims=0),
        node("Sign", ["sums"], ["signs"]),
        node("Abs", ["signs"], ["ones"]),
        node("Mul", ["ones", "three"], ["threes"]),
        node("Cast", ["threes"], ["n"], to=WORDS),
    ]
    net.graph.initializer.append(onnx.numpy_helper.from_array(np.array([0, 2]), "axes"))
    net.graph.initializer.append(onnx.numpy_helper.from_array(np.float32(3), "three"))
    net.graph.node.extend(first)
    onnx.save(net, path)
    (one,) = check_layers(path, x).layers
    assert len(one.layer.activation) == 3


def test_an_empty_sequence_is_left_out(tmp_path):
    path, x = model(tmp_path / "net.onnx", lengths=[0, 7])
    network = read_onnx(path, x)
    assert (network.layers, network.skipped) == ((), ("LSTM rnn: its first sequence has no steps",))


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_batch_first(direction, tmp_path):
    """onnxruntime runs no such model; its weights and sequence are read."""
    path, _ = model(tmp_path / "net.onnx", direction, layout=1)
    assert len(read_onnx(path).layers) == (2 if direction == "bidirectional" else 1)


NOT_ZERO = "its initial {} is not zero, and it is run from zero"


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_initial_states(direction, tmp_path):
    """A note for each direction whose state is not zero for the first of the batch; none where it is."""
    directions = 2 if direction == "bidirectional" else 1
    zero = np.zeros((directions, BATCH, CELLS), np.float32)
    other, last = zero.copy(), zero.copy()
    other[:, 1], last[-1, 0] = 1, 1
    path, x = model(tmp_path / "net.onnx", direction, states={"h": other, "c": last})
    notes = [one for one in read_onnx(path, x).notes.values() for one in one if "initial" in one]
    assert notes == [NOT_ZERO.format("cell state")]
    path, x = model(tmp_path / "zero.onnx", direction, states={"h": zero, "c": other})
    check_layers(path, x)
    assert not [one for one in read_onnx(path, x).notes.values() for one in one if "initial" in one]


def test_states_that_the_model_computes_or_does_not_say(tmp_path):
    fill = node("ConstantOfShape", ["d"], ["h"], value=onnx.numpy_helper.from_array(np.array([0.5], np.float32)))
    path, x = model(tmp_path / "net.onnx", states={"h": None}, more=[fill])
    net = onnx.load(path)
    net.graph.initializer.append(onnx.numpy_helper.from_array(np.array([1, BATCH, CELLS]), "d"))
    onnx.save(net, path)
    assert NOT_ZERO.format("hidden state") in read_onnx(path, x).notes["rnn"]
    path, x = model(tmp_path / "given.onnx", states={"h": None})
    net = onnx.load(path)
    net.graph.input.append(onnx.helper.make_tensor_value_info("h", onnx.TensorProto.FLOAT, [1, BATCH, CELLS]))
    onnx.save(net, path)
    assert read_onnx(path).notes == {"rnn": ("its initial hidden state is not read; it is taken to be zero",)}
    state = np.zeros((1, BATCH, CELLS), np.float32)
    assert not [one for one in read_onnx(path, {"x": x, "h": state}).notes["rnn"] if "initial" in one]
    assert NOT_ZERO.format("hidden state") in read_onnx(path, {"x": x, "h": state + 1}).notes["rnn"]


def test_both_directions_run_with_a_total_and_notes_reach_the_result(tmp_path):
    state = np.ones((2, BATCH, CELLS), np.float32)
    path, x = model(tmp_path / "net.onnx", "bidirectional", lengths=[4, 7], states={"h": state})
    (result,) = run([load_arch("ese")], str(path), WorkloadOptions(activation=x))
    assert [row.layer for row in result.rows] == ["rnn.forward", "rnn.backward"]
    assert result.total().cycles == sum(row.cycles for row in result.rows)
    for row in result.rows:
        assert NOT_ZERO.format("hidden state") in row.notes
        assert "its sequence has 4 of 7 steps, by its lengths of sequences" in row.notes
        assert row.output_matches_reference


def test_cells_are_not_compared_with_states(tmp_path):
    nodes = [node("LSTM", ["x", "w", "r"], ["", "", "y"], hidden_size=3)]
    path = save(tmp_path / "net.onnx", nodes, {"x": (4, 1, 5)}, w=draw(1, 12, 5), r=draw(1, 12, 3))
    graph = load_graph(path)
    given = {"x": draw(4, 1, 5)}
    layers = find_layers(graph, run_graph(graph, given, ["x"])).layers
    assert list(layer_errors(graph, given, layers).values()) == [None]
