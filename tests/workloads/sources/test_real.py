"""Real networks by name. What needs the wheels is slow, as it downloads them; the rest stands in for them."""

import ast
import sys

import numpy as np
import pytest

from workloads.errors import InputError
from workloads.kinds.convolution.layer import Convolution
from workloads.kinds.fully_connected.layer import FullyConnected
from workloads.kinds.lstm.layer import Lstm
from workloads.sources.network import Network
from workloads.sources.pretrained import networks as real
from workloads.sources.pretrained.networks import (
    PHOTOS,
    REAL,
    TEXTS,
    RealNetwork,
    ddddocr_input,
    opennsfw_input,
    read_real,
)
from workloads.sources.pretrained.wheels import WHEELS, wheel_member


def toy(sample):
    inputs = np.arange(4) * np.float32(sample)
    return Network("file", (FullyConnected("fc", np.eye(4, dtype=np.float32), None, inputs, False),), ())


def test_networks_by_name(monkeypatch):
    monkeypatch.setitem(REAL, "toy", RealNetwork(WHEELS["tiara"], "a toy", toy))
    assert read_real("toy").name == "toy"
    np.testing.assert_array_equal(read_real("toy", 2).layers[-1].activation, [0, 2, 4, 6])
    with pytest.raises(InputError, match="gpt: there is no such real network; expected one of tiara-k4, "):
        read_real("gpt")


def test_the_inputs_are_what_the_networks_read():
    pytest.importorskip("skimage")
    photo = opennsfw_input(0)
    assert (photo.shape, photo.dtype) == ((1, 224, 224, 3), np.float32)
    colours = photo + np.array([104, 117, 123])
    assert 0 <= colours.min() < colours.max() <= 255
    text = ddddocr_input(0)
    assert text.shape[:3] == (1, 1, 64)
    assert text.dtype == np.float32
    assert (text.min(), text.max()) == (0, 1)
    with pytest.raises(InputError, match="opennsfw: sample is 6; expected a number from 0 to 5: astronaut, chelsea"):
        opennsfw_input(len(PHOTOS))
    with pytest.raises(InputError, match="ddddocr: sample is -1; expected a number from 0 to 5: zeroskip"):
        ddddocr_input(-1)


def test_without_scikit_image(monkeypatch):
    monkeypatch.setitem(sys.modules, "skimage.data", None)
    with pytest.raises(InputError, match=r"opennsfw: skimage.data is not installed; expected pip install 'zeroskip"):
        read_real("opennsfw")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("tiara-k6", {FullyConnected: 3}),
        ("tiara-second-k7", {FullyConnected: 3}),
        ("opennsfw", {Convolution: 53, FullyConnected: 1}),
        ("ddddocr", {Convolution: 21, Lstm: 2, FullyConnected: 1}),
    ],
)
def test_the_real_networks_have_all_their_layers_and_inputs(name, kinds):
    network = read_real(name, 1)
    assert network.skipped == ()
    assert {kind: sum(isinstance(layer, kind) for layer in network.layers) for kind in kinds} == kinds
    assert len(network.layers) == sum(kinds.values())
    assert all(layer.activation is not None for layer in network.layers)


@pytest.mark.slow
def test_a_real_layer_computes_what_the_next_one_reads():
    """A 1x1 convolution with ReLU, then the 3x3 one that reads it."""
    layers = {layer.name: layer for layer in read_real("opennsfw").layers}
    first, second = layers["conv_stage2_block1_branch2a/BiasAdd"], layers["Conv__514"]
    assert first.relu
    output = np.einsum("oi,iyx->oyx", first.weight[:, :, 0, 0], first.activation) + first.bias[:, None, None]
    np.testing.assert_allclose(np.maximum(output, 0), second.activation, rtol=1e-3, atol=1e-4)


@pytest.mark.slow
def test_the_real_network_reads_the_drawn_text():
    """Its capitals apart."""
    from workloads.sources.onnx.graph import load_graph
    from workloads.sources.onnx.running import run_graph

    tree = ast.parse(wheel_member("ddddocr", "ddddocr/charsets.py").read_text(encoding="utf-8"))
    letters = next(ast.literal_eval(part.value) for part in tree.body if part.targets[0].id == "CHARSET_BETA")
    graph = load_graph(wheel_member("ddddocr", "ddddocr/common.onnx"))
    for sample, text in enumerate(TEXTS):
        best = run_graph(graph, ddddocr_input(sample), ["387"])["387"][:, 0].argmax(axis=1)
        read = "".join(letters[code] for last, code in zip([-1, *best], best, strict=False) if code != last)
        assert read.lower() == text.lower()


@pytest.mark.slow
def test_densities_of_tiara_as_measured():
    networks = [read_real("tiara-k6", sample) for sample in range(0, 5523, 300)]
    inputs = [[np.count_nonzero(layer.activation) / layer.activation.size for layer in n.layers] for n in networks]
    np.testing.assert_allclose(np.mean(inputs, axis=0), [0.6531, 0.0219, 0.0434], atol=0.0005)


def test_every_name_says_what_it_is():
    assert all(known.about for known in real.REAL.values())
