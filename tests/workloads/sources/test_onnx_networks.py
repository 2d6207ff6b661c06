"""Whole networks: each layer equals onnxruntime's tensor, what is none is named, and the order in the file is free."""

import random

import numpy as np
import onnx
import pytest
from support.onnx_models import check_layers, draw, node, proto, save
from support.onnx_networks import NETWORKS, transformer_block

from simulator.config.load import load_arch
from simulator.run.executor import run
from workloads.errors import InputError
from workloads.kinds import kind_of
from workloads.options import WorkloadOptions
from workloads.sources.onnx.reader import read_onnx

OPSET = 17
"""The first with LayerNormalization."""


def built(path, name):
    nodes, inputs, constants, layers = NETWORKS[name]()
    return save(path, nodes, inputs, opset=OPSET, **constants), layers


@pytest.mark.parametrize("name", NETWORKS)
def test_every_layer_equals_onnxruntime(name, tmp_path):
    path, layers = built(tmp_path / "net.onnx", name)
    found = check_layers(path)
    assert [one.layer.name for one in found.layers] == layers
    assert all(one.layer.activation is not None for one in found.layers)


def test_what_is_no_layer_is_named(tmp_path):
    path, _ = built(tmp_path / "net.onnx", "Transformer block")
    network = read_onnx(path, draw(1, 5, 8))
    assert network.skipped == (
        "LayerNormalization norm: it has weights [8], and its kind is not read",
        "MatMul scores: both of its factors are computed: it has no weights",
        "MatMul mixed: both of its factors are computed: it has no weights",
    )
    assert set(network.notes) == {"to_q", "to_k", "to_v", "out", "up", "down"}
    assert set(network.notes.values()) == {
        ("it is applied to 5 vectors, and the first one is run: cycles and energy are of one",)
    }
    path, _ = built(tmp_path / "mobile.onnx", "MobileNet block")
    assert read_onnx(path).skipped == ("PRelu slopes: it has weights [3, 1, 1], and its kind is not read",)


def same(ours, theirs):
    assert type(ours) is type(theirs)
    for mine, other in zip(ours, theirs, strict=True):
        if isinstance(mine, np.ndarray):
            np.testing.assert_array_equal(mine, other)
        else:
            assert mine == other


@pytest.mark.parametrize("name", NETWORKS)
def test_the_order_of_nodes_in_the_file_is_free(name, tmp_path):
    path, _ = built(tmp_path / "net.onnx", name)
    model, shuffled = onnx.load(path), tmp_path / "shuffled" / "net.onnx"
    shuffled.parent.mkdir()
    x = draw(*NETWORKS[name]()[1]["x"])
    network = read_onnx(path, x)
    for seed in range(4):
        nodes = list(model.graph.node)
        random.Random(seed).shuffle(nodes)
        changed = onnx.ModelProto()
        changed.CopyFrom(model)
        del changed.graph.node[:]
        changed.graph.node.extend(nodes)
        onnx.save(changed, shuffled)
        other = read_onnx(shuffled, x)
        assert (other.skipped, other.notes) == (network.skipped, network.notes)
        for ours, theirs in zip(network.layers, other.layers, strict=True):
            same(ours, theirs)


def test_a_shuffled_file_gives_the_same_result(tmp_path):
    path, layers = built(tmp_path / "net.onnx", "ResNet block")
    results = []
    for place in ("first", "last"):
        model = onnx.load(path)
        nodes = list(model.graph.node)
        del model.graph.node[:]
        model.graph.node.extend(nodes if place == "first" else nodes[::-1])
        onnx.save(model, path)
        (result,) = run([load_arch("scnn")], str(path), WorkloadOptions(density=0.5, scale=1.0))
        results.append(result)
    first, last = results
    assert [row.layer for row in first.rows] == layers
    assert first.to_dict() == last.to_dict()
    assert first.total().cycles == sum(row.cycles for row in first.rows) > 0


@pytest.mark.parametrize("name", ["MLP", "ResNet block", "MobileNet block", "speech"])
def test_machines_run_every_layer_of_their_kinds(name, tmp_path):
    path, layers = built(tmp_path / "net.onnx", name)
    found = check_layers(path)
    kinds = {one.layer.name: kind_of(one.layer).name for one in found.layers}
    for machine, runs in ((name, ("convolution", "fully connected")) for name in ("scnn", "dcnn", "eyeriss_v2")):
        (result,) = run([load_arch(machine)], str(path), WorkloadOptions())
        assert [row.layer for row in result.rows] == layers
        for row in result.rows:
            assert (row.cycles is not None) == (kinds[row.layer] in runs), row.reason
        assert result.total().output_matches_reference


def test_names_are_unique_and_do_not_take_each_others(tmp_path):
    names = ["same", "same", "same_2", "same"]
    chain = ["x", "a", "b", "c", "y"]
    nodes = [node("Gemm", [chain[k], "w"], [chain[k + 1]], name=name) for k, name in enumerate(names)]
    path = save(tmp_path / "net.onnx", nodes, {"x": (1, 3)}, w=draw(3, 3))
    assert [layer.name for layer in read_onnx(path).layers] == ["same", "same_3", "same_2", "same_4"]


def test_a_cycle_and_a_tensor_that_is_made_twice(tmp_path):
    nodes = [node("Gemm", ["b", "w"], ["a"], name="one"), node("Gemm", ["a", "w"], ["b"], name="two")]
    path = save(tmp_path / "net.onnx", [*nodes, node("Gemm", ["b", "w"], ["y"])], {"x": (1, 3)}, w=draw(3, 3))
    with pytest.raises(InputError, match=r"net.onnx: Gemm (one|two) is part of a cycle; expected a graph without"):
        read_onnx(path)
    nodes = [node("Gemm", ["x", "w"], ["y"]), node("Gemm", ["x", "w"], ["y"])]
    with pytest.raises(InputError, match=r"the tensor 'y' is made more than once; expected a name for each"):
        read_onnx(save(path, nodes, {"x": (1, 3)}, w=draw(3, 3)))
    twice = proto([nodes[0]], {"x": (1, 3)}, w=draw(3, 3))
    twice.graph.initializer.append(twice.graph.initializer[0])
    onnx.save(twice, path)
    with pytest.raises(InputError, match=r"two of its constants have the same name; expected a name for each"):
        read_onnx(path)


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_a_constant_as_the_left_factor(rank, tmp_path):
    x = draw(*(7,) if rank == 1 else (2, 7, 4)[3 - rank :])
    nodes = [node("MatMul", ["w", "x"], ["m"], name="left"), node("Add", ["m", "b"], ["y"])]
    bias = draw(5) if rank == 1 else draw(5, 1)
    found = check_layers(save(tmp_path / "net.onnx", nodes, {"x": x.shape}, w=draw(5, 7), b=bias), x)
    (one,) = found.layers
    assert (one.layer.bias is not None, found.skipped) == (True, ())
    count = {1: 1, 2: 4, 3: 8}[rank]
    assert one.notes == (
        ()
        if count == 1
        else (f"it is applied to {count} vectors, and the first one is run: cycles and energy are of one",)
    )


def test_recurrent_nodes_that_are_not_read_are_named(tmp_path):
    nodes = [
        node("GRU", ["x", "w", "r"], ["a"], name="g1", hidden_size=4, direction="bidirectional"),
        node("RNN", ["x", "v", "s"], ["b"], name="r1", hidden_size=3),
    ]
    constants = {"w": draw(2, 12, 6), "r": draw(2, 12, 4), "v": draw(1, 3, 6), "s": draw(1, 3, 3)}
    network = read_onnx(save(tmp_path / "net.onnx", nodes, {"x": (5, 1, 6)}, ("a", "b"), **constants))
    assert network.skipped == (
        "GRU g1: its reset gate multiplies the state before the product, which no machine computes",
        "RNN r1: 6 inputs, 3 cells, 1 direction; no machine runs it",
    )


def test_given_whole_networks_their_input_as_an_array_or_by_name(tmp_path):
    path, layers = built(tmp_path / "net.onnx", "Transformer block")
    x = draw(*transformer_block()[1]["x"])
    np.savez(tmp_path / "x.npz", x=x)
    totals = set()
    for given in (x, {"x": x}, str(tmp_path / "x.npz")):
        (result,) = run([load_arch("scnn")], str(path), WorkloadOptions(activation=given))
        assert [row.layer for row in result.rows] == layers
        totals.add((result.total().cycles, result.total().energy_uj))
    assert len(totals) == 1


@pytest.mark.parametrize(("value", "sentence"), [(1e300, r"holds 1e\+300, which float32"), (1e-300, "is zero in")])
def test_an_input_that_its_dtype_does_not_hold(value, sentence, tmp_path):
    path = save(tmp_path / "net.onnx", [node("MatMul", ["x", "w"], ["y"])], {"x": (1, 4)}, w=draw(4, 3))
    given = np.ones((1, 4))
    given[0, 2] = value
    with pytest.raises(InputError, match=f"input x.* {sentence}"):
        check_layers(path, given)
