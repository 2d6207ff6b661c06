"""A few numbers ask for a large layer: refused for what it would take, before anything of it is drawn."""

from time import process_time

import numpy as np
import pytest

from workloads.errors import InputError
from workloads.kinds import kind_of_recipe
from workloads.kinds.convolution.format import ConvolutionFormat
from workloads.kinds.drawing import parse_shape
from workloads.model import load_workload, open_model
from workloads.options import WorkloadOptions
from workloads.sources.zoo.recipes import zoo
from workloads.yaml_files import dump_yaml

FULL, CONVOLUTION, LSTM = (zoo()[name] for name in ("vgg16-fc6", "alexnet-conv3", "google-lstm"))
PLAIN = {"kernel": 1, "groups": 1, "padding": 0, "stride": 1}


def changed(recipe, **sizes):
    content = recipe.model_dump(mode="json")
    for key, value in sizes.items():
        place = content["shape"] if "shape" in content else content[key]
        place["value" if "shape" not in content else key] = value
    return content


TOO_LARGE = {
    "400 million weights": (changed(FULL, inputs=20_000, outputs=20_000), r"expected at most 2\*\*28 to draw"),
    "all weights are kept": (
        changed(FULL, inputs=16_000, outputs=16_000, weight_density=1.0),
        "which take about 10.5 GiB",
    ),
    "cells": (changed(LSTM, cells=1 << 20), "1,048,576 cells .* GiB to draw"),
    "outputs": (changed(LSTM, outputs=1 << 32), "4,294,967,296 outputs .* GiB to draw"),
    "kernels": (changed(CONVOLUTION, inputs=8192, outputs=16384, groups=1, kernel=1), "134,217,728 weights"),
    "a plane": (changed(CONVOLUTION, inputs=16, outputs=1, height=4096, width=2048, **PLAIN), "134,217,728 elements"),
    "planes": (changed(CONVOLUTION, inputs=1, outputs=1 << 20, height=512, width=512, **PLAIN), "274,877,906,944 out"),
}


@pytest.mark.parametrize(("recipe", "sentence"), TOO_LARGE.values(), ids=TOO_LARGE)
def test_what_is_refused(recipe, sentence, tmp_path):
    (tmp_path / "large.yaml").write_text(dump_yaml({"large": recipe}))
    began = process_time()
    with pytest.raises(InputError, match=sentence):
        load_workload(tmp_path / "large.yaml")
    assert process_time() - began < 5


def test_published_layers_may_be_drawn():
    from workloads.kinds.fully_connected.recipe import KEPT_BYTES, WEIGHT_BYTES

    for inputs, outputs, density in ((25088, 4096, 0.04), (28672, 8192, 0.1)):
        assert inputs * outputs < 1 << 28
        assert inputs * outputs * (WEIGHT_BYTES + KEPT_BYTES * density) < 2 << 30


def test_a_density_that_the_user_asks_for_is_no_claim_of_a_file():
    recipe = FULL.model_copy(update={"weight_density": FULL.weight_density.model_copy(update={"value": 1.0})})
    kind = kind_of_recipe(recipe)
    with pytest.raises(InputError, match="keeps 100 % of them"):
        kind.draw("fc6", recipe, WorkloadOptions())
    assert kind.draw("fc6", recipe, WorkloadOptions(scale=0.01, density=1.0)).weight.shape == (41, 251)


def test_matrices_of_an_lstm_that_are_missing_or_hold_too_much(tmp_path):
    for change, sentence in (
        ({"Wix": None}, "it is a mapping; expected packed_bytes of Wix, Wox"),
        ({}, "as packed_bytes.Wix"),
    ):
        content = LSTM.model_dump(mode="json")
        content["packed_bytes"]["Wix"]["value"] = 1 << 30
        content["packed_bytes"] = {k: v for k, v in content["packed_bytes"].items() if k not in change}
        (tmp_path / "odd.yaml").write_text(dump_yaml({"odd": content}))
        with pytest.raises(InputError, match=rf"odd\.yaml: odd: {sentence}|odd\.yaml: odd: it .*{sentence}"):
            open_model(tmp_path / "odd.yaml")


@pytest.mark.parametrize(
    ("outputs", "side", "kernel", "sentence"),
    [(60_000, 240, 1, "its output has 3,456,000,000 elements"), (1, 100, 300, "it has .* multiplications")],
)
def test_small_arrays_with_a_large_output(outputs, side, kernel, sentence):
    weight = np.ones((outputs, 1, kernel, kernel), np.float32)
    model = open_model(weight, activation=np.ones((1, side, side), np.float32), padding=0 if kernel == 1 else 1000)
    with pytest.raises(InputError, match=sentence):
        model.layers[0].load({})


def test_windows_of_a_convolution_that_are_too_many_for_a_matrix_product(monkeypatch):
    def allocate(*_):
        raise AssertionError("it is unfolded")

    monkeypatch.setattr(np, "pad", allocate)
    weight, image = np.ones((2, 4, 11, 11), np.float32), np.ones((4, 32, 32), np.float32)
    model = open_model(weight, activation=image, padding=480)
    what = "as a matrix product it has 964,324 tokens of 484 inputs; expected tokens x inputs of at most 50,331,648"
    with pytest.raises(InputError, match=what):
        model.layers[0].load({"convolution": ConvolutionFormat(as_product=True)})


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"tokens": 1_000_000}, "tokens is 1,000,000 with 82 inputs"),
        ({"tokens": 2**63 - 1}, "tokens is 9,223,372,036,854,775,807 with 82 inputs"),
    ],
)
def test_more_tokens_than_are_drawn(options, what):
    from zeroskip import run

    with pytest.raises(InputError, match=rf"{what}, an input of [\d,]+ values; expected at most 67,108,864"):
        run("tensor", "alexnet-fc8", scale=0.02, **options)
    with pytest.raises(InputError, match="input_shape is '1000000,82', an input of 82,000,000 values; expected at"):
        parse_shape("layer", "1000000,82", 2, "TOKENS,82")


@pytest.mark.parametrize("shape", [(1, 20_000_000), (20_000_000, 1)])
def test_a_packed_file_of_zeros_with_a_long_side(shape, tmp_path):
    np.savez_compressed(tmp_path / "zeros.npz", weight=np.zeros(shape, np.float32))
    assert (tmp_path / "zeros.npz").stat().st_size < 200_000
    with pytest.raises(InputError, match=r"zeros: it has .* outputs; expected at most 16,777,216 of each"):
        load_workload(tmp_path / "zeros.npz")


def test_a_mask_with_values_that_are_no_number(tmp_path):
    weight = np.ones((3, 3), np.float32)
    np.savez(tmp_path / "odd.npz", **{"a.weight_orig": weight, "a.weight_mask": weight * np.float32("nan")})
    with pytest.raises(InputError, match="a.weight_mask has other values than 0 and 1"):
        load_workload(tmp_path / "odd.npz")


@pytest.mark.parametrize(
    ("machine", "inputs", "sentence"),
    [
        ("eie", 3_000_000, r"3000000 columns on 64 PEs; expected at most 2\*\*27 slices"),
        ("scnn", 2_000_000, r"2,000,000 inputs in 1 phases on 64 tiles; expected at most 2\*\*26 blocks"),
    ],
)
def test_many_inputs_of_a_machine_of_many_parts(machine, inputs, sentence):
    from zeroskip import run

    with pytest.raises(InputError, match=sentence):
        run(machine, np.ones((1, inputs), np.float32))  # of zeros alone, SCNN stores no block
