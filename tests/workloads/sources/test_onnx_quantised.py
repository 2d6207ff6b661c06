"""Quantised graphs: between conversions, as operations on integers, and qonnx's `Quant`, after its documentation."""

import numpy as np
import pytest
from support.onnx_models import check_layers, draw, node, run, save

from workloads.sources.onnx.graph import load_graph
from workloads.sources.onnx.running import run_graph

RNG = np.random.default_rng(5)
QONNX = "qonnx.custom_op.general"


def whole(low, high, *shape, dtype):
    return RNG.integers(low, high, shape).astype(dtype)


def test_conversions_between_layers_hide_none(tmp_path):
    """Q and DQ at each input, weight and bias, as quantisers of ONNX write them: the input is what DQ gives."""

    def there_and_back(tensor, scale, zero):
        return [
            node("QuantizeLinear", [tensor, scale, zero], [f"{tensor}_q"]),
            node("DequantizeLinear", [f"{tensor}_q", scale, zero], [f"{tensor}_d"]),
        ]

    nodes = [
        *there_and_back("x", "xs", "xz"),
        node("DequantizeLinear", ["w", "ws", "wz"], ["w_d"], axis=0),
        node("DequantizeLinear", ["b", "bs"], ["b_d"], axis=0),
        node("Conv", ["x_d", "w_d", "b_d"], ["c"], name="first"),
        node("Relu", ["c"], ["r"]),
        *there_and_back("r", "xs", "xz"),
        node("Flatten", ["r_d"], ["f"]),
        node("DequantizeLinear", ["v", "xs", "vz"], ["v_d"]),
        node("Gemm", ["f", "v_d"], ["y"], name="second"),
    ]
    scales = np.abs(draw(4)) / 50
    constants = {"xs": np.float32(0.05), "xz": np.uint8(128), "vz": np.int8(3), "bs": scales * np.float32(0.05)}
    constants |= {"w": whole(-127, 128, 4, 2, 3, 3, dtype=np.int8), "ws": scales, "wz": np.zeros(4, np.int8)}
    constants |= {"b": whole(-900, 900, 4, dtype=np.int32), "v": whole(-127, 128, 4 * 9, 5, dtype=np.int8)}
    x = draw(1, 2, 5, 5)
    found = check_layers(save(tmp_path / "net.onnx", nodes, {"x": x.shape}, **constants), x)
    assert [one.layer.name for one in found.layers] == ["first", "second"]
    assert found.skipped == ()
    assert found.layers[0].layer.relu
    steps = found.layers[1].layer.activation / np.float32(0.05)
    np.testing.assert_allclose(steps, np.round(steps), atol=1e-4)  # the second layer reads quantised values
    assert found.layers[1].layer.activation.min() == 0


INTEGER = {
    "QLinearConv": (
        [node("QLinearConv", ["q", "xs", "xz", "w", "ws", "wz", "ys", "yz", "b"], ["o"], name="n", pads=[1, 1, 0, 0])],
        {"w": whole(-127, 128, 4, 2, 3, 3, dtype=np.int8), "b": whole(-900, 900, 4, dtype=np.int32)},
        {"ws": np.abs(draw(4)) / 50, "wz": np.zeros(4, np.int8)},
        lambda w, ws, wz: (w.astype(np.float64) - wz[:, None, None, None]) * ws[:, None, None, None],
    ),
    "QLinearMatMul": (
        [node("QLinearMatMul", ["q", "xs", "xz", "w", "ws", "wz", "ys", "yz"], ["o"], name="n")],
        {"w": whole(-127, 128, 5, 4, dtype=np.int8)},
        {"ws": np.abs(draw(4)) / 50, "wz": whole(-5, 6, 4, dtype=np.int8)},
        lambda w, ws, wz: ((w.astype(np.float64) - wz) * ws).T,
    ),
    "ConvInteger": (
        [node("ConvInteger", ["q", "w", "xz", "wz"], ["i"], name="n", strides=[2, 1])],
        {"w": whole(0, 256, 4, 2, 3, 3, dtype=np.uint8)},
        {"wz": np.array(128, np.uint8)},
        lambda w, wz: w.astype(np.float64) - wz,
    ),
    "MatMulInteger": (
        [node("MatMulInteger", ["q", "w", "xz", "wz"], ["i"], name="n")],
        {"w": whole(-127, 128, 5, 4, dtype=np.int8)},
        {"wz": whole(-5, 6, 4, dtype=np.int8)},
        lambda w, wz: (w.astype(np.float64) - wz).T,
    ),
}


@pytest.mark.parametrize("kind", INTEGER)
def test_operations_on_integers_are_read_in_floating_point(kind, tmp_path):
    nodes, arrays, quantised, weight = INTEGER[kind]
    quantise = node("QuantizeLinear", ["x", "xs", "xz"], ["q"])
    if kind.endswith("Integer"):
        end = [node("Cast", ["i"], ["y"], to=1)]
    else:
        end = [node("DequantizeLinear", ["o", "ys", "yz"], ["y"])]
    constants = {"xs": np.float32(0.03), "xz": np.uint8(120), "ys": np.float32(0.4), "yz": np.uint8(100)}
    x = draw(1, 2, 6, 5) if "Conv" in kind else draw(3, 5)
    path = save(tmp_path / "net.onnx", [quantise, *nodes, *end], {"x": x.shape}, **constants, **arrays, **quantised)
    found = check_layers(path, x)
    (one,) = found.layers
    assert (one.layer.name, found.skipped) == ("n", ())
    assert f"it was a {kind}; it is read in floating point" in one.notes
    np.testing.assert_allclose(one.layer.weight, weight(arrays["w"], **quantised), rtol=1e-6)
    ours, theirs = run_graph(load_graph(path), {"x": x}, ["y"])["y"], run(path, x=x)
    step = 1 if kind.endswith("Integer") else 0.4
    assert np.abs(ours - theirs).max() <= 1.01 * step  # they may round a half the other way
    assert np.abs(theirs).max() > 5 * step


# rounding modes of docs/qonnx-custom-ops/quant_op.md in github.com/fastmachinelearning/qonnx, column by column
NUMBERS = [5.5, 2.5, 1.6, 1.1, 1.0, -1.0, -1.1, -1.6, -2.5, -5.5]
ROUNDED = {
    "ROUND": [6, 2, 2, 1, 1, -1, -1, -2, -2, -6],
    "ceil": [6, 3, 2, 2, 1, -1, -1, -1, -2, -5],
    "FLOOR": [5, 2, 1, 1, 1, -1, -2, -2, -3, -6],
    "UP": [6, 3, 2, 2, 1, -1, -2, -2, -3, -6],
    "DOWN": [5, 2, 1, 1, 1, -1, -1, -1, -2, -5],
    "HALF_UP": [6, 3, 2, 1, 1, -1, -1, -2, -3, -6],
    "half_down": [5, 2, 2, 1, 1, -1, -1, -2, -2, -5],
}


def quant(tmp_path, values, bits=8, scale=1.0, zero=0.0, **attributes):
    """What a `Quant` makes of weights [1, n], and of an input [1, n] by a matrix of ones on the diagonal."""
    weights = np.array([values], np.float32)
    constants = {"v": weights, "s": np.float32(scale), "z": np.float32(zero), "bits": np.float32(bits)}
    nodes = [
        node("Quant", ["v", "s", "z", "bits"], ["w"], domain=QONNX, **attributes),
        node("Quant", ["x", "s", "z", "bits"], ["a"], domain=QONNX, **attributes),
        node("Gemm", ["a", "w"], ["y"], transB=1, name="fc"),
    ]
    path = save(tmp_path / "net.onnx", nodes, {"x": weights.shape}, domains=[QONNX], **constants)
    (one,) = check_layers(path, weights).layers
    np.testing.assert_array_equal(one.layer.weight[0], one.layer.activation)
    return one.layer.weight[0]


@pytest.mark.parametrize("mode", ROUNDED)
def test_rounding_modes_of_quant(mode, tmp_path):
    np.testing.assert_array_equal(quant(tmp_path, NUMBERS, rounding_mode=mode), ROUNDED[mode])


# min_int and max_int of the same page
@pytest.mark.parametrize(
    ("signed", "narrow", "lowest", "highest"),
    [(1, 1, -127, 127), (0, 1, 0, 254), (1, 0, -128, 127), (0, 0, 0, 255)],
)
def test_ranges_of_quant(signed, narrow, lowest, highest, tmp_path):
    scale, zero = 0.5, 3.0
    found = quant(tmp_path, [-1000, 1000, 10], scale=scale, zero=zero, signed=signed, narrow=narrow)
    np.testing.assert_array_equal(found, [(lowest - zero) * scale, (highest - zero) * scale, 10])


def test_bipolar_and_what_is_not_known(tmp_path):
    weights = draw(1, 6)
    weights[0, 0] = 0
    nodes = [
        node("BipolarQuant", ["v", "s"], ["w"], domain=QONNX),
        node("Gemm", ["x", "w"], ["y"], transB=1, name="fc"),
    ]
    path = save(tmp_path / "net.onnx", nodes, {"x": (1, 6)}, domains=[QONNX], v=weights, s=np.float32(0.5))
    (one,) = check_layers(path, draw(1, 6)).layers
    np.testing.assert_array_equal(one.layer.weight, np.where(weights >= 0, 0.5, -0.5))
    nodes[0] = node("Quant", ["v", "s", "s", "s"], ["w"], domain=QONNX, rounding_mode="by a coin")
    graph = load_graph(save(path, nodes, {"x": (1, 6)}, domains=[QONNX], v=weights, s=np.float32(0.5)))
    assert "w" not in graph.constants
