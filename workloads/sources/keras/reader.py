"""Keras models in HDF5 -> layers, and the input of each layer where the model is given an image."""

from collections.abc import Callable
from os import PathLike
from pathlib import Path

import numpy as np

from workloads.array_checks import float32
from workloads.errors import refuse
from workloads.file_names import stem_text
from workloads.kinds.convolution.layer import Convolution
from workloads.kinds.fully_connected.layer import FullyConnected
from workloads.kinds.lstm.layer import Lstm
from workloads.sources.keras.file import EXPECTED, KerasLayer, complain, load_keras, sizes, weight
from workloads.sources.keras.forward import FUNCTIONS, activate, convolve, pool, same_zeros
from workloads.sources.keras.walk import (
    Walk,
    apply_normalisation,
    fold_waiting,
    normalisation,
    skip_waiting,
    with_weights,
)
from workloads.sources.network import Network
from workloads.sources.onnx.nodes.node import UnsupportedError
from workloads.yaml_files import shorten


def read_keras(path: str | PathLike[str], image: np.ndarray | None = None) -> Network:
    """Read the layers of a Sequential Keras model in HDF5, and their inputs where an image is given.

    image: the model's input without the batch, float [height, width, channels] or [inputs], converted to float32. Dense
    and Conv2D become layers, with channels last. A BatchNormalization is folded into the layer that it directly
    follows, or else into the one that directly follows it, unless that pads with zeros; a ReLU into the layer before.
    A flattened image keeps the file's order: row, column, channel. Other layers are named in `skipped`, and the layers
    after them have no input. For trusted files only: see `file.load_keras`. InputError where the file is no such model,
    the image does not fit, or h5py is not installed.
    """
    path = Path(path)
    found = load_keras(path)
    walk = Walk(path, None if image is None else float32(path, "the image", image), _input_rank(path, found, image))
    for layer in found:
        if walk.waiting is not None and layer.kind not in ("Conv2D", "Dense", "Dropout"):
            skip_waiting(walk)
        try:
            with np.errstate(all="ignore"):
                READERS.get(layer.kind, _unknown)(walk, layer)
        except UnsupportedError as reason:
            if walk.waiting is not None:
                skip_waiting(walk)
            walk.skipped.append(f"{layer}: {reason}")
            walk.values, walk.rank, walk.open = None, None, False
    if walk.waiting is not None:
        skip_waiting(walk)
    if not walk.layers and not walk.skipped:
        refuse(path, "none of its layers has weights", EXPECTED)
    return Network(stem_text(path), tuple(walk.layers), tuple(walk.skipped))


def _conv(walk: Walk, layer: KerasLayer) -> None:
    """Read a Conv2D."""
    _need_channels_last(layer)
    if layer.config.get("groups", 1) != 1 or sizes(layer, "dilation_rate", (1, 1)) != (1, 1):
        raise UnsupportedError("it has groups or a dilation, and only 1 is read")
    kernel = weight(layer, "kernel", 4).transpose(3, 2, 0, 1)
    height, width, stride, same = *kernel.shape[2:], sizes(layer, "strides", (1, 1)), _is_same(layer)
    if walk.waiting is not None and same:
        skip_waiting(walk)
    image = _image(walk, layer, kernel.shape[1])
    if image is not None and not same and (image.shape[0] < height or image.shape[1] < width):
        complain(layer, f"its input has shape {list(image.shape)}", f"at least {height} x {width}")
    if image is None and same and stride != (1, 1):
        raise UnsupportedError("its padding is same, and the size of its input is not known without an image")
    down, right = image.shape[:2] if image is not None else (1, 1)
    zeros = (same_zeros(down, height, stride[0]), same_zeros(right, width, stride[1])) if same else ((0, 0), (0, 0))
    given = None if image is None else np.ascontiguousarray(image.transpose(2, 0, 1))
    padding = (zeros[0][0], zeros[1][0], zeros[0][1], zeros[1][1])
    read = fold_waiting(
        walk, Convolution(layer.name, kernel, _bias(layer, len(kernel)), given, False, stride, padding, 1)
    )
    walk.rank, walk.values = 3, None if image is None else convolve(image, read)
    _add(walk, layer, read)


def _dense(walk: Walk, layer: KerasLayer) -> None:
    """Read a Dense layer."""
    if walk.rank not in (1, None):
        raise UnsupportedError(f"its input has {walk.rank} dimensions, and only one is read")
    kernel = np.ascontiguousarray(weight(layer, "kernel", 2).T)
    vector = walk.values
    if vector is not None and vector.shape != (kernel.shape[1],):
        complain(layer, f"its input has shape {list(vector.shape)}", f"[{kernel.shape[1]}]")
    given = None if vector is None else float32(walk.path, f"{layer}: its input", vector)
    read = fold_waiting(walk, FullyConnected(layer.name, kernel, _bias(layer, len(kernel)), given, False))
    walk.rank = 1
    if vector is not None:
        walk.values = read.weight @ vector + (0 if read.bias is None else read.bias)
    _add(walk, layer, read)


def _add(walk: Walk, layer: KerasLayer, read: FullyConnected | Convolution) -> None:
    """Append a layer, and apply the activation function that the file gives it."""
    walk.layers.append(read)
    walk.open = True
    function = layer.config.get("activation", "linear")
    if function != "linear":
        _apply_function(walk, function)


def _activation(walk: Walk, layer: KerasLayer) -> None:
    _apply_function(walk, layer.config.get("activation"))


def _relu(walk: Walk, layer: KerasLayer) -> None:
    changed = [key for key in ("max_value", "negative_slope", "threshold") if layer.config.get(key)]
    if changed:
        raise UnsupportedError(f"it has a {changed[0]}, and only the plain one is read")
    _apply_function(walk, "relu")


def _apply_function(walk: Walk, function: object) -> None:
    """Apply an activation function to the values; a ReLU becomes part of the layer before."""
    if not isinstance(function, str) or function not in FUNCTIONS:
        raise UnsupportedError(f"its activation function is {shorten(repr(function), 60)}, which is not read")
    if walk.values is not None:
        walk.values = activate(walk.values, function)
    if function == "relu" and walk.open:
        walk.layers[-1] = walk.layers[-1]._replace(relu=True)  # type: ignore[call-arg]
    walk.open = walk.open and function == "linear"


def _normalise(walk: Walk, layer: KerasLayer) -> None:
    """Fold a BatchNormalization into the layer before, or let it wait for the one after."""
    axis = layer.config.get("axis", -1)
    axis = axis[0] if isinstance(axis, list) and len(axis) == 1 else axis
    if axis != -1 and axis != walk.rank:
        raise UnsupportedError(f"its axis is {shorten(repr(axis), 60)}, and only the last is read")
    found = normalisation(layer)
    if walk.values is not None and walk.values.shape[-1:] != found.factor.shape:
        complain(layer, f"its input has shape {list(walk.values.shape)}", f"[..., {found.factor.size}]")
    if not walk.open:
        walk.waiting = found
        return
    last = walk.layers[-1]
    assert not isinstance(last, Lstm)
    if len(last.weight) != found.factor.size:
        complain(layer, f"it has {found.factor.size} channels", f"{len(last.weight)}, the outputs of {last.name}")
    factor = found.factor.reshape(-1, *(1 for _ in last.weight.shape[1:]))
    bias = (0 if last.bias is None else last.bias * found.factor) + found.shift
    walk.layers[-1] = with_weights(layer, last, last.weight * factor, bias)  # type: ignore[type-var]
    apply_normalisation(walk, found)


def _pool(walk: Walk, layer: KerasLayer) -> None:
    _need_channels_last(layer)
    window = sizes(layer, "pool_size", (2, 2))
    stride, same = sizes(layer, "strides", window), _is_same(layer)
    walk.rank, walk.open = 3, False
    image = _image(walk, layer, None)
    if image is None:
        return
    if not same and (image.shape[0] < window[0] or image.shape[1] < window[1]):
        complain(layer, f"its input has shape {list(image.shape)}", f"at least {window[0]} x {window[1]}")
    walk.values = pool(image, window, stride, same)


def _flatten(walk: Walk, layer: KerasLayer) -> None:
    _need_channels_last(layer)
    walk.values = None if walk.values is None else walk.values.reshape(-1)
    walk.rank, walk.open = 1, False


def _reshape(walk: Walk, layer: KerasLayer) -> None:
    target = layer.config.get("target_shape")
    if not isinstance(target, list) or not target or not all(type(one) is int for one in target):
        complain(layer, f"target_shape is {shorten(repr(target), 60)}", "a list of numbers")
    if walk.values is not None:
        try:
            walk.values = walk.values.reshape(target)
        except ValueError:
            complain(layer, f"its input has shape {list(walk.values.shape)}", f"as many numbers as {target}")
    walk.rank, walk.open = len(target), False


def _input_rank(path: Path, found: list[KerasLayer], image: np.ndarray | None) -> int | None:
    """How many dimensions the model's input has, None where unknown; InputError where the image does not fit."""
    config = found[0].config if found else {}
    shape = config.get("batch_input_shape", config.get("batch_shape"))
    if not isinstance(shape, list):
        return None if image is None else image.ndim
    sides = shape[1:]
    if image is None:
        return len(sides)
    if len(sides) != image.ndim or any(a not in (None, b) for a, b in zip(sides, image.shape, strict=True)):
        refuse(path, f"the image has shape {list(image.shape)}", shorten(f"{sides}, where None is any size", 200))
    return len(sides)


def _image(walk: Walk, layer: KerasLayer, channels: int | None) -> np.ndarray | None:
    """The layer's input as finite float32 [height, width, channels]; None where there is none."""
    if walk.values is None:
        return None
    if walk.values.ndim != 3 or channels not in (None, walk.values.shape[2]):
        complain(layer, f"its input has shape {list(walk.values.shape)}", f"[height, width, {channels or 'channels'}]")
    return float32(walk.path, f"{layer}: its input", walk.values)


def _bias(layer: KerasLayer, outputs: int) -> np.ndarray | None:
    """The layer's bias, float32 [outputs]; None where it has none."""
    if "bias" not in layer.weights:
        return None
    bias = weight(layer, "bias", 1)
    if bias.size != outputs:
        complain(layer, f"it has {bias.size} biases", f"{outputs}, one for each output")
    return bias


def _is_same(layer: KerasLayer) -> bool:
    """Whether the layer pads with zeros so that its output is as large as its input, for a stride of 1."""
    padding = layer.config.get("padding", "valid")
    if padding not in ("valid", "same"):
        raise UnsupportedError(f"its padding is {shorten(repr(padding), 60)}, and only valid and same are read")
    return bool(padding == "same")


def _need_channels_last(layer: KerasLayer) -> None:
    """UnsupportedError where the channels come first."""
    order = layer.config.get("data_format") or "channels_last"
    if order != "channels_last":
        raise UnsupportedError(f"its data_format is {shorten(repr(order), 60)}, and only channels_last is read")


def _nothing(_walk: Walk, _layer: KerasLayer) -> None:
    """Skip a layer that has no effect in inference."""


def _unknown(_walk: Walk, _layer: KerasLayer) -> None:
    """UnsupportedError for every kind of layer that is not in READERS."""
    raise UnsupportedError("its kind is not read")


READERS: dict[str, Callable[[Walk, KerasLayer], None]] = {
    "Activation": _activation,
    "BatchNormalization": _normalise,
    "Conv2D": _conv,
    "Dense": _dense,
    "Dropout": _nothing,
    "Flatten": _flatten,
    "InputLayer": _nothing,
    "MaxPooling2D": _pool,
    "ReLU": _relu,
    "Reshape": _reshape,
}
