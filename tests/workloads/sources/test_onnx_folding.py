"""Weights that a graph computes of constants: of all number formats, masked, reshaped, sparse; and a limit of size."""

import ml_dtypes
import numpy as np
import onnx
import pytest
from support.onnx_models import check_layers, draw, node, save

from workloads.errors import InputError
from workloads.sources.onnx import folding
from workloads.sources.onnx.graph import load_graph
from workloads.sources.onnx.reader import read_onnx

RNG = np.random.default_rng(7)
X = draw(1, 8)


def whole(low, high, *shape, dtype):
    return RNG.integers(low, high, shape).astype(dtype)


def tensor(array):
    return onnx.numpy_helper.from_array(array)


CODES = whole(-128, 128, 6, 8, dtype=np.int8)
SCALES, ZEROS = np.abs(draw(6)) / 64, whole(-9, 9, 6, dtype=np.int8)
BYTES, NIBBLES = whole(0, 256, 6, 8, dtype=np.uint8), whole(-8, 8, 6, 8, dtype=ml_dtypes.int4)
W, MASK = draw(6, 8), RNG.random((6, 8)) < 0.3
SPARSE = np.where(MASK, W, 0)
PLACES = np.argwhere(MASK)
BRAIN, EIGHT = W.astype(ml_dtypes.bfloat16), W.astype(ml_dtypes.float8_e4m3fn)

# nodes that compute `w` [6, 8] of constants, the constants, and the weights as a formula
WEIGHTS = {
    "int8 with a scale and a zero for each row": (
        [node("DequantizeLinear", ["q", "s", "z"], ["w"], axis=0)],
        {"q": CODES, "s": SCALES, "z": ZEROS},
        (CODES.astype(np.int64) - ZEROS[:, None]) * SCALES[:, None],
    ),
    "uint8": (
        [node("DequantizeLinear", ["q", "s", "z"], ["w"])],
        {"q": BYTES, "s": np.float32(0.25), "z": np.uint8(100)},
        (BYTES.astype(np.int64) - 100) / 4,
    ),
    "int4": (
        [node("DequantizeLinear", ["q", "s"], ["w"])],
        {"q": tensor(NIBBLES), "s": np.float32(0.5)},
        NIBBLES.astype(np.float64) / 2,
    ),
    "quantised and back": (
        [node("QuantizeLinear", ["v", "s", "z"], ["q"]), node("DequantizeLinear", ["q", "s", "z"], ["w"])],
        {"v": W, "s": np.float32(1 / 16), "z": np.int8(0)},
        np.clip(np.round(W.astype(np.float64) * 16), -128, 127) / 16,
    ),
    "float16": ([node("Cast", ["v"], ["w"], to=1)], {"v": W.astype(np.float16)}, W.astype(np.float16)),
    "bfloat16": ([node("Cast", ["v"], ["w"], to=1)], {"v": tensor(BRAIN)}, BRAIN.astype(np.float64)),
    "float8": ([node("Cast", ["v"], ["w"], to=1)], {"v": tensor(EIGHT)}, EIGHT.astype(np.float64)),
    "a mask": ([node("Mul", ["v", "m"], ["w"])], {"v": W, "m": MASK.astype(np.float32)}, SPARSE),
    "a mask of truth values": (
        [node("Cast", ["m"], ["f"], to=1), node("Mul", ["v", "f"], ["w"])],
        {"v": W, "m": MASK},
        SPARSE,
    ),
    "where": ([node("Where", ["m", "v", "o"], ["w"])], {"v": W, "m": MASK, "o": np.float32(0)}, SPARSE),
    "a shape": (
        [
            node("Shape", ["like"], ["d"]),
            node("Constant", [], ["five"], value_ints=[5]),
            node("Sub", ["d", "five"], ["r"]),
            node("Reshape", ["v", "r"], ["w"]),
        ],
        {"v": W.reshape(4, 12), "like": np.zeros((11, 13), np.float32)},
        W,
    ),
    "parts": (
        [
            node("Slice", ["v", "a", "b", "c"], ["left"]),
            node("Gather", ["v", "i"], ["right"], axis=1),
            node("Concat", ["left", "right"], ["w"], axis=1),
        ],
        {"v": W, "a": np.array([0]), "b": np.array([3]), "c": np.array([1]), "i": np.array([7, 3, 5, 1, 2])},
        np.concatenate([W[:, :3], W[:, [7, 3, 5, 1, 2]]], axis=1),
    ),
    "axes": (
        [
            node("Unsqueeze", ["v", "o"], ["u"]),
            node("Identity", ["u"], ["i"]),
            node("Squeeze", ["i", "o"], ["s"]),
            node("Transpose", ["s"], ["w"]),
        ],
        {"v": W.T.copy(), "o": np.array([1])},
        W,
    ),
    "a fill": (
        [
            node("ConstantOfShape", ["d"], ["k"], value=tensor(np.array([0.5], np.float32))),
            node("Div", ["v", "k"], ["h"]),
            node("Add", ["h", "k"], ["w"]),
        ],
        {"v": W, "d": np.array([6, 8])},
        W.astype(np.float64) * 2 + 0.5,
    ),
    "two factors": (
        [node("MatMul", ["u", "v"], ["w"])],
        {"u": W[:, :2].copy(), "v": W[:2].copy()},
        W[:, :2].astype(np.float64) @ W[:2],
    ),
}


@pytest.mark.parametrize("case", WEIGHTS)
def test_weights_are_folded_and_the_layer_is_onnxruntimes(case, tmp_path):
    nodes, constants, expected = WEIGHTS[case]
    gemm = node("Gemm", ["x", "w"], ["y"], transB=1, name="fc")
    path = save(tmp_path / "net.onnx", [*nodes, gemm], {"x": X.shape}, opset=21, **constants)
    (one,) = check_layers(path, X).layers
    np.testing.assert_allclose(one.layer.weight, expected, rtol=1e-6, atol=1e-7)
    assert (one.weight, one.node.name) == ("w", "fc")


def test_weights_in_a_format_of_their_own_without_a_cast(tmp_path):
    """A weight of bfloat16, which numpy does not know and onnxruntime does not run: `compress` reads it."""
    graph = [node("Gemm", ["x", "w"], ["y"], transB=1)]
    path = save(tmp_path / "net.onnx", graph, {"x": X.shape}, w=tensor(BRAIN))
    (layer,) = read_onnx(path).layers
    np.testing.assert_array_equal(layer.weight, BRAIN.astype(np.float32))


@pytest.mark.parametrize("flat", [True, False])
@pytest.mark.parametrize("made_by", ["initializer", "Constant"])
def test_sparse_tensors(flat, made_by, tmp_path):
    places = PLACES @ [8, 1] if flat else PLACES
    values = onnx.numpy_helper.from_array(SPARSE[MASK], "w")
    sparse = onnx.helper.make_sparse_tensor(values, onnx.numpy_helper.from_array(places), [6, 8])
    path = tmp_path / "net.onnx"
    first = [node("Constant", [], ["w"], sparse_value=sparse)] if made_by == "Constant" else []
    save(path, [*first, node("Gemm", ["x", "w"], ["y"], transB=1)], {"x": X.shape})
    if made_by == "initializer":
        model = onnx.load(path)
        model.graph.sparse_initializer.append(sparse)
        onnx.save(model, path)
    (one,) = check_layers(path, X).layers
    np.testing.assert_array_equal(one.layer.weight, SPARSE)


@pytest.mark.parametrize(
    ("dims", "places", "sentence"),
    [
        ([1 << 20, 1 << 20], PLACES, "at most 2**28 elements are read"),
        ([3, 8], PLACES, "it cannot be read"),
        ([6, 8], PLACES[:-1], "it cannot be read"),
    ],
)
def test_a_sparse_tensor_that_is_too_large_or_damaged(dims, places, sentence, tmp_path):
    model = onnx.load(save(tmp_path / "net.onnx", [node("Gemm", ["x", "w"], ["y"])], {"x": X.shape}))
    sparse = model.graph.sparse_initializer.add()
    sparse.CopyFrom(onnx.helper.make_sparse_tensor(tensor(SPARSE[MASK]), tensor(places), dims))
    sparse.values.name = "w"
    onnx.save(model, tmp_path / "net.onnx")
    with pytest.raises(InputError) as error:
        read_onnx(tmp_path / "net.onnx")
    assert sentence in str(error.value)


def test_a_small_file_does_not_claim_gigabytes(tmp_path, monkeypatch):
    """Constants of more elements than there is room for stay computed: alone, or the last of many."""
    huge = [node("ConstantOfShape", ["s"], ["w"]), node("MatMul", ["x", "w"], ["y"], name="m")]
    path = save(tmp_path / "net.onnx", huge, {"x": X.shape}, s=np.array([8, 1 << 40]))
    assert read_onnx(path).skipped == ("MatMul m: both of its factors are computed: it has no weights",)
    monkeypatch.setattr(folding, "LEAST_ROOM", 100)
    many = [node("ConstantOfShape", ["s"], [f"c{k}"]) for k in range(10)]
    ends = [node("Sum", [f"c{k}" for k in range(10)], ["y"])]
    graph = load_graph(save(tmp_path / "many.onnx", many + ends, {"x": X.shape}, s=np.array([30])))
    assert sum(name in graph.constants for name in (f"c{k}" for k in range(10))) == 3


def test_nothing_random_is_folded_and_damaged_nodes_stay(tmp_path):
    nodes = [
        node("RandomNormal", [], ["w"], shape=[8, 3]),
        node("Reshape", ["v", "bad"], ["r"]),
        node("MatMul", ["x", "w"], ["a"], name="drawn"),
        node("Gemm", ["x", "r"], ["y"], name="damaged"),
    ]
    network = read_onnx(save(tmp_path / "net.onnx", nodes, {"x": X.shape}, v=draw(8, 3), bad=np.array([5, 5])))
    assert network.skipped == (
        "Reshape r: it has weights [8, 3], and its kind is not read",
        "Gemm damaged: its weight is computed, and only constants are read",
        "MatMul drawn: both of its factors are computed: it has no weights",
    )


def test_a_softmax_of_old_operators_is_not_folded(tmp_path):
    """Before version 13 it was over all axes from the given one on, which is not what onnx evaluates."""
    nodes = [node("Softmax", ["w"], ["s"], axis=0), node("MatMul", ["x", "s"], ["y"])]
    for opset, count in ((11, 0), (13, 1)):
        path = save(tmp_path / "net.onnx", nodes, {"x": (2, 8)}, opset=opset, w=draw(8, 5))
        found = check_layers(path)
        assert len(found.layers) == count
        assert len(found.skipped) == 2 * (1 - count)
