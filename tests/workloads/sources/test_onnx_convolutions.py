"""Convolutions of ONNX: of one dimension, dilated, in groups, transposed; equal to onnxruntime, and run by machines."""

import numpy as np
import pytest
from support.onnx_models import check_layers, draw, node, save

from simulator.config.load import load_arch
from simulator.run.executor import run
from workloads.options import WorkloadOptions
from workloads.sources.onnx.reader import read_onnx

CASES = [
    {},
    {"strides": 2, "pads": 1},
    {"dilations": 2},
    {"dilations": 3, "strides": 2, "pads": 2},
    {"group": 2, "dilations": 2, "pads": 1},
    {"group": 4},
    {"auto_pad": "SAME_LOWER", "strides": 2},
    {"auto_pad": "SAME_UPPER", "strides": 3},
    {"auto_pad": "VALID", "dilations": 2},
]
TRANSPOSED = [
    {},
    {"strides": 2},
    {"strides": 3, "pads": 1, "output_padding": 1},
    {"dilations": 2, "pads": 1},
    {"group": 2, "strides": 2, "output_padding": 1},
    {"group": 4, "dilations": 2, "strides": 2},
    {"auto_pad": "SAME_UPPER", "strides": 2},
    {"auto_pad": "SAME_LOWER", "strides": 2},
    {"auto_pad": "VALID", "strides": 2},
    {"strides": 2, "output_shape": 10},
    {"auto_pad": "SAME_UPPER", "strides": 2, "output_shape": 11},
]


def attributes(case, dimensions):
    """The case for as many dimensions: sizes differ between them where they can."""
    found = {}
    for key, value in case.items():
        if key in ("group", "auto_pad"):
            found[key] = value
        elif key == "pads":
            found[key] = [value, *([0] * (dimensions - 1)), *([value + 1] * dimensions)]
            found[key] = found[key] if value + 1 < 3 else [value] * (2 * dimensions)
        else:
            found[key] = [value, 1][:dimensions] if key in ("dilations",) else [value] * dimensions
    return found


@pytest.mark.parametrize("dimensions", [1, 2])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_convolution(case, dimensions, tmp_path):
    plane, groups = (9, 11)[:dimensions], case.get("group", 1)
    constants = {"w": draw(8, 4 // groups, *(3, 2)[:dimensions]), "b": draw(8)}
    nodes = [node("Conv", ["x", "w", "b"], ["c"], **attributes(case, dimensions)), node("Relu", ["c"], ["y"])]
    x = draw(2, 4, *plane)
    found = check_layers(save(tmp_path / "net.onnx", nodes, {"x": x.shape}, **constants), x)
    (one,) = found.layers
    assert (found.skipped, one.layer.relu, one.layer.groups) == ((), True, groups)
    assert (one.weight, one.bias, one.output) == ("w", "b", "y")
    assert "its batch has 2 images, and the first one is run: cycles and energy are of one" in one.notes
    assert ("it has one dimension; it runs on an image of one row" in one.notes) == (dimensions == 1)


@pytest.mark.parametrize("dimensions", [1, 2])
@pytest.mark.parametrize("case", TRANSPOSED, ids=str)
def test_a_transposed_convolution(case, dimensions, tmp_path):
    groups = case.get("group", 1)
    constants = {"w": draw(4, 6 // groups if groups == 2 else 5, *(3, 4)[:dimensions]), "b": None}
    constants["b"] = draw(constants["w"].shape[1] * groups)
    nodes = [node("ConvTranspose", ["x", "w", "b"], ["c"], **attributes(case, dimensions)), node("Relu", ["c"], ["y"])]
    x = draw(1, 4, *(5, 6)[:dimensions])
    found = check_layers(save(tmp_path / "net.onnx", nodes, {"x": x.shape}, **constants), x)
    (one,) = found.layers
    assert (found.skipped, one.layer.relu, one.layer.stride) == ((), True, (1, 1))
    assert any("transposed convolution" in note for note in one.notes)


@pytest.mark.parametrize("machine", ["scnn", "dcnn", "dcnn_opt"])
def test_machines_run_them_and_count_true_weights_only(machine, tmp_path):
    nodes = [
        node("Conv", ["x", "w"], ["a"], dilations=[2, 3], pads=[2, 3, 2, 3], name="dilated"),
        node("Relu", ["a"], ["r"]),
        node("ConvTranspose", ["r", "v"], ["y"], strides=[2, 2], name="up"),
    ]
    x, w, v = draw(1, 3, 8, 9), draw(4, 3, 3, 3), draw(4, 2, 2, 2)
    w, v = (np.copysign(np.abs(one) + 0.1, one).astype(np.float32) for one in (w, v))  # none is a zero in 16 bits
    path = save(tmp_path / "net.onnx", nodes, {"x": x.shape}, w=w, v=v)
    (result,) = run([load_arch(machine)], str(path), WorkloadOptions(activation=x))
    assert result.total().output_matches_reference
    assert [row.layer for row in result.rows] == ["dilated", "up"]
    places = {"dilated": 8 * 9, "up": 16 * 18}
    for row, weight in zip(result.rows, (w, v), strict=True):
        assert row.operations == 2 * weight.size * places[row.layer]
        assert row.densities["weight"] == 1
    if machine != "scnn":
        (alone,) = run([load_arch(machine)], str(path), WorkloadOptions(activation=x, layer="dilated"))
        counts = alone.single.run.counts
        assert int(counts.multiplies.sum() + counts.gated.sum()) == w.size * places["dilated"]
        assert int(counts.dram_weight_bytes.sum()) == 2 * w.size


def test_what_is_left_out_says_why(tmp_path):
    cases = {
        "three": (
            [node("Conv", ["x", "w"], ["y"])],
            {"w": draw(8, 4, 3, 3, 3)},
            "Conv y: its weight has shape [8, 4, 3, 3, 3], and only convolutions of one and two dimensions are read",
        ),
        "cut": (
            [node("ConvTranspose", ["x", "w"], ["y"], pads=[2, 2, 2, 2])],
            {"w": draw(4, 2, 2, 2)},
            "ConvTranspose y: its pads are larger than its kernel, which is not read",
        ),
        "large": (
            [node("Conv", ["x", "w"], ["y"], dilations=[60000, 60000])],
            {"w": draw(4, 2, 2, 2)},
            "Conv y: its padded input or its dilated kernel has more than 4,194,304 elements",
        ),
        "wide": (
            [node("Conv", ["x", "w"], ["y"], pads=[60000, 60000, 60000, 60000], strides=[60000, 60000])],
            {"w": draw(4, 2, 2, 2)},
            "Conv y: its padded input or its dilated kernel has more than 4,194,304 elements",
        ),
    }
    for name, (nodes, constants, sentence) in cases.items():
        network = read_onnx(save(tmp_path / f"{name}.onnx", nodes, {"x": None}, **constants))
        assert (network.layers, network.skipped) == ((), (sentence,))


def test_a_note_reaches_the_result(tmp_path):
    nodes = [node("Conv", ["x", "w"], ["y"], name="c")]
    x = draw(1, 2, 7)
    path = save(tmp_path / "net.onnx", nodes, {"x": x.shape}, w=draw(3, 2, 2))
    (result,) = run([load_arch("scnn")], str(path), WorkloadOptions(activation=x))
    assert "it has one dimension; it runs on an image of one row" in result.rows[0].notes
