"""Keras models in HDF5: layers, folding and inputs against loops in numpy; other files; the networks of a wheel."""

import json
import sys

import numpy as np
import pytest

from workloads.errors import InputError
from workloads.kinds.convolution.layer import Convolution
from workloads.kinds.fully_connected.layer import FullyConnected
from workloads.sources.keras.reader import read_keras
from workloads.sources.pretrained.inaspeech import FILES, chirp, log_mel, spectrogram
from workloads.sources.pretrained.networks import read_real

h5py = pytest.importorskip("h5py")
RNG = np.random.default_rng(5)
IMAGE = RNG.standard_normal((7, 6, 2)).astype(np.float32)
NORMAL = ("gamma", "beta", "moving_mean", "moving_variance")


def draw(*shape):
    return RNG.standard_normal(shape).astype(np.float32)


def normal(name, channels, **config):
    arrays = [draw(channels), draw(channels), draw(channels), np.abs(draw(channels))]
    return "BatchNormalization", {"name": name, "epsilon": 0.01, **config}, dict(zip(NORMAL, arrays, strict=True))


def linear(kind, name, *shape, **config):
    return kind, {"name": name, **config}, {"kernel": draw(*shape), "bias": draw(shape[-1])}


def plain(kind, **config):
    return kind, {"name": kind.lower(), **config}, {}


def write(path, layers, kind="Sequential"):
    entries = [{"class_name": what, "config": config} for what, config, _ in layers]
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps({"class_name": kind, "config": {"layers": entries}})
        for _, config, arrays in layers:
            group = file.create_group(f"model_weights/{config['name']}")
            group.attrs["weight_names"] = [f"{config['name']}/{key}:0".encode() for key in arrays]
            for key, array in arrays.items():
                group[f"{config['name']}/{key}:0"] = array
    return path


def whole_model():
    first = {"strides": [2, 2], "padding": "same", "activation": "relu", "batch_input_shape": [None, 7, 6, 2]}
    return [
        linear("Conv2D", "c1", 3, 2, 2, 4, **first),
        normal("n1", 4),
        linear("Conv2D", "c2", 2, 2, 4, 3, padding="valid"),
        normal("n2", 3, axis=[3]),
        plain("Activation", activation="relu"),
        plain("MaxPooling2D", pool_size=[2, 2], strides=None, padding="same"),
        plain("Flatten"),
        linear("Dense", "d1", 6, 5, activation="linear"),
        plain("Dropout", rate=0.5),
        normal("n3", 5, axis=1),
        plain("ReLU"),
        linear("Dense", "d2", 5, 2, activation="softmax"),
    ]


def normalise(values, arrays):
    gamma, beta, mean, variance = (arrays[key] for key in NORMAL)
    return (values - mean) / np.sqrt(variance + 0.01) * gamma + beta


def convolve(image, kernel, bias, stride):
    rows, columns = ((size - width) // stride + 1 for size, width in zip(image.shape, kernel.shape[:2], strict=False))
    output = np.zeros((rows, columns, kernel.shape[3]))
    for y, x, o in np.ndindex(*output.shape):
        window = image[y * stride : y * stride + kernel.shape[0], x * stride : x * stride + kernel.shape[1]]
        output[y, x, o] = (window * kernel[..., o]).sum() + bias[o]
    return output


def by_hand(model):
    """The inputs of the four layers, and the output before softmax."""
    (c1, n1, c2, n2), (d1, n3, d2) = [one[2] for one in model[:4]], [model[i][2] for i in (7, 9, 11)]
    padded = np.pad(IMAGE, ((1, 1), (0, 0), (0, 0)))  # 7 rows to 4 by windows of 3: two zeros; 6 columns fit
    first = np.maximum(convolve(padded, *c1.values(), 2), 0)
    second = np.maximum(normalise(convolve(normalise(first, n1), *c2.values(), 1), n2), 0)
    pooled = np.array([second[:2].max(axis=(0, 1)), second[2:].max(axis=(0, 1))])
    flat = pooled.reshape(-1)
    third = np.maximum(normalise(flat @ d1["kernel"] + d1["bias"], n3), 0)
    return [IMAGE, first, flat, third], third @ d2["kernel"] + d2["bias"]


def test_a_model_by_hand(tmp_path):
    model = whole_model()
    network = read_keras(write(tmp_path / "m.hdf5", model), IMAGE)
    assert (network.name, network.skipped) == ("m", ())
    assert [(type(one), one.name, one.relu) for one in network.layers] == [
        (Convolution, "c1", True),
        (Convolution, "c2", True),
        (FullyConnected, "d1", True),
        (FullyConnected, "d2", False),
    ]
    first, second, third, last = network.layers
    assert (first.stride, first.padding, second.padding) == ((2, 2), (1, 0, 1, 0), (0, 0, 0, 0))
    inputs, output = by_hand(model)
    for layer, values in zip(network.layers, inputs, strict=True):
        expected = values.transpose(2, 0, 1) if values.ndim == 3 else values
        assert layer.activation.dtype == layer.weight.dtype == layer.bias.dtype == np.float32
        np.testing.assert_allclose(layer.activation, expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(first.weight, model[0][2]["kernel"].transpose(3, 2, 0, 1))
    np.testing.assert_allclose(last.weight @ last.activation + last.bias, output, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(
        np.maximum(third.weight @ third.activation + third.bias, 0), last.activation, rtol=1e-4, atol=1e-5
    )


def test_folded_weights_alone_compute_the_next_input(tmp_path):
    _, layer, *_ = read_keras(write(tmp_path / "m.h5", whole_model()), IMAGE).layers
    image, kernel = layer.activation.transpose(1, 2, 0), layer.weight.transpose(2, 3, 1, 0)
    again = np.maximum(convolve(image, kernel, layer.bias, 1), 0)
    pooled = np.array([again[:2].max(axis=(0, 1)), again[2:].max(axis=(0, 1))])
    found = read_keras(tmp_path / "m.h5", IMAGE).layers[2].activation
    np.testing.assert_allclose(pooled.reshape(-1), found, rtol=1e-4, atol=1e-5)


def test_without_an_image(tmp_path):
    network = read_keras(write(tmp_path / "m.h5", whole_model()))
    assert [layer.name for layer in network.layers] == ["c2", "d1", "d2"]
    assert all(layer.activation is None for layer in network.layers)
    reason = "its padding is same, and the size of its input is not known without an image"
    assert network.skipped == (f"Conv2D c1: {reason}",)


def test_what_is_not_read_is_named(tmp_path):
    model = [
        linear("Conv2D", "c1", 1, 1, 2, 2, activation="relu"),
        normal("n1", 2),
        plain("MaxPooling2D"),
        linear("Conv2D", "c2", 2, 2, 2, 3, dilation_rate=[2, 2]),
        plain("GlobalAveragePooling2D"),
        linear("Dense", "d1", 3, 2, activation="elu"),
        linear("Dense", "d2", 2, 2),
    ]
    network = read_keras(write(tmp_path / "m.h5", model), IMAGE)
    assert network.skipped == (
        "BatchNormalization n1: there is no layer directly before or after it that it can be folded into",
        "Conv2D c2: it has groups or a dilation, and only 1 is read",
        "GlobalAveragePooling2D globalaveragepooling2d: its kind is not read",
        "Dense d1: its activation function is 'elu', which is not read",
    )
    assert [(layer.name, layer.activation is None) for layer in network.layers] == [
        ("c1", False),
        ("d1", True),
        ("d2", True),
    ]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda m: m[0][1].update(batch_input_shape=[None, 7, 7, 2]), r"the image has shape \[7, 6, 2\]; expected \[7"),
        (lambda m: m[0][2].update(kernel=draw(3, 2, 3, 4)), r"c1: its input has shape \[7, 6, 2\]; expected \[height"),
        (lambda m: m[0][2].update(bias=draw(3)), "c1: it has 3 biases; expected 4, one for each output"),
        (lambda m: m[0][2].pop("kernel"), r"c1: it has no kernel \(it has bias\); expected 4 dimensions"),
        (lambda m: m[0][1].update(strides=[0, 1]), r"strides is \[0, 1\]; expected two numbers from 1 to"),
        (lambda m: m[1][2].update(gamma=draw(3)), "n1: its arrays do not fit; expected as many"),
        (lambda m: m[2][2]["kernel"].fill(np.inf), r"c2: kernel\[0, 0, 0, 0\] is inf \(48 such values\)"),
        (
            lambda m: m[2][2].update(kernel=draw(9, 2, 4, 3)),
            r"c2: its input has shape \[4, 3, 4\]; expected at least 9",
        ),
        (lambda m: m[3][2].update(moving_variance=-np.ones(3)), "n2: its arrays do not fit"),
        (lambda m: m[7][2].update(kernel=draw(7, 5)), r"d1: its input has shape \[6\]; expected \[7\]"),
        (lambda m: m[5][1].update(padding="valid", pool_size=9), r"its input has shape \[3, 2, 3\]; expected at least"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(tmp_path, change, sentence):
    model = whole_model()
    change(model)
    with pytest.raises(InputError, match=sentence):
        read_keras(write(tmp_path / "m.h5", model), IMAGE)


def test_other_files_are_refused(tmp_path, monkeypatch):
    with pytest.raises(InputError, match="there is no such file; expected a Sequential model as Keras writes it"):
        read_keras(tmp_path / "none.h5")
    (tmp_path / "text.h5").write_text("hello")
    with pytest.raises(InputError, match=r"text.h5: it cannot be read \(.*\); expected a Sequential model"):
        read_keras(tmp_path / "text.h5")
    with pytest.raises(InputError, match="its model is 'Functional'"):
        read_keras(write(tmp_path / "m.h5", [], "Functional"))
    with pytest.raises(InputError, match="none of its layers has weights"):
        read_keras(write(tmp_path / "m.h5", [plain("Flatten")]))
    h5py.File(tmp_path / "empty.h5", "w").close()
    with pytest.raises(InputError, match="it has no model_config"):
        read_keras(tmp_path / "empty.h5")
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(InputError, match=r"h5py is not installed; expected pip install 'zeroskip\[real\]'"):
        read_keras(tmp_path / "empty.h5")


def test_a_file_reads_no_other_file_and_claims_no_more_than_it_holds(tmp_path):
    other = write(tmp_path / "other.h5", [linear("Dense", "d", 3, 2)])
    link, name = h5py.ExternalLink(other, "model_weights/d/d/kernel:0"), "kernel:0"
    for change, sentence in (
        (lambda group: group.__setitem__(name, link), "there is no d/kernel:0 in the file"),
        (lambda group: group.create_dataset(name, (3, 2), "f4", external=str(other)), "is no array of this file"),
        (lambda group: group.create_dataset(name, (1 << 20, 1 << 20), "f4", chunks=(8, 8)), "no larger than the file"),
    ):
        path = write(tmp_path / "m.h5", [linear("Dense", "d", 3, 2)])
        with h5py.File(path, "a") as file:
            del file["model_weights/d/d/kernel:0"]
            change(file["model_weights/d/d"])
        with pytest.raises(InputError, match=sentence):
            read_keras(path)


def test_a_chirp_lies_in_the_band_of_its_frequency():
    bands = log_mel(chirp(1000, 1000))
    assert bands.shape == (68, 24)
    mel = 2595 * np.log10(1 + np.array([100, 1000, 8000]) / 700)
    nearest = round((mel[1] - mel[0]) / (mel[2] - mel[0]) * 25) - 1
    assert (bands.argmax(axis=1) == nearest).all()
    patch = spectrogram(0, 21)
    assert (patch.shape, patch.dtype) == ((68, 21), np.float32)
    np.testing.assert_allclose([patch.mean(), patch.std()], [0, 1], atol=1e-5)
    with pytest.raises(InputError, match="inaspeech: sample is 6; expected a number from 0 to 5: 100 to 4000 Hz"):
        read_real("inaspeech", 6)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "convolutions"), [("inaspeech", 4), ("inaspeech-music", 4), ("inaspeech-gender", 5)])
def test_the_networks_of_the_wheel(name, convolutions):
    network = read_real(name, 1)
    assert network.skipped == ()
    assert [type(layer) for layer in network.layers] == [Convolution] * convolutions + [FullyConnected] * 5
    assert [layer.relu for layer in network.layers] == [True] * (convolutions + 4) + [False]
    assert network.layers[0].activation.shape == (1, 68, FILES[name][1])
    for before, after in zip(network.layers[-5:], network.layers[-4:], strict=False):
        output = np.maximum(before.weight @ before.activation + before.bias, 0)
        np.testing.assert_allclose(output, after.activation, rtol=1e-4, atol=1e-4)
