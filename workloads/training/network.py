"""Layers with a forward and a backward step each; a network is a list of them.

A batch of images is float32 [n, channels, height, width], a batch of vectors [n, features]. ReLU follows every layer
with weights but the last. Weights live outside the layers, so that a constraint may say what they are.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


class Dense(NamedTuple):
    """Fully connected; images are flattened. Weight [outputs, inputs]."""

    inputs: int
    outputs: int

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the weight."""
        return self.outputs, self.inputs


class Convolution(NamedTuple):
    """Stride 1, no padding, by im2col. Weight [outputs, inputs, size, size]."""

    inputs: int
    outputs: int
    size: int

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the weight."""
        return self.outputs, self.inputs, self.size, self.size


class Pool(NamedTuple):
    """Maximum over squares side by side; the image's sides are multiples of `size`."""

    size: int


Layer = Dense | Convolution | Pool
Parameters = list[tuple[np.ndarray, np.ndarray]]
"""Weight and bias of each layer that has some, in order."""


def initialise(layers: Sequence[Layer], rng: np.random.Generator) -> Parameters:
    """Gaussian weights of variance 2 / fan-in (He et al., 2015), biases zero."""
    drawn = []
    for layer in layers:
        if not isinstance(layer, Pool):
            scale = np.float32(np.sqrt(2 / np.prod(layer.shape[1:])))
            weight = rng.standard_normal(layer.shape, dtype=np.float32) * scale
            drawn.append((weight, np.zeros(layer.outputs, np.float32)))
    return drawn


def forward(layers: Sequence[Layer], parameters: Parameters, batch: np.ndarray) -> tuple[np.ndarray, list[Any]]:
    """Return the scores, float32 [n, classes], and what `backward` needs."""
    held: list[Any] = []
    own = iter(parameters)
    left = len(parameters)
    for layer in layers:
        if isinstance(layer, Pool):
            batch, kept = _pool(layer, batch)
        else:
            left -= 1
            batch, kept = _affine(layer, *next(own), batch, relu=left > 0)
        held.append(kept)
    return batch, held


def backward(layers: Sequence[Layer], parameters: Parameters, held: list[Any], slope: np.ndarray) -> Parameters:
    """Return the gradient of each weight and bias, given that of the scores."""
    found: Parameters = []
    own = iter(reversed(parameters))
    for layer, kept in zip(reversed(layers), reversed(held), strict=True):
        if isinstance(layer, Pool):
            slope = _pool_back(layer, kept, slope)
        else:
            weight, _ = next(own)
            slope, gradient = _affine_back(layer, weight, kept, slope)
            found.append(gradient)
    return found[::-1]


def softmax_slope(scores: np.ndarray, labels: np.ndarray) -> tuple[float, np.ndarray]:
    """Mean cross-entropy of a batch and its gradient by the scores; labels int [n]."""
    shifted = scores - scores.max(axis=1, keepdims=True)
    likelihood = np.exp(shifted)
    likelihood /= likelihood.sum(axis=1, keepdims=True)
    place = np.arange(labels.size)
    loss = -float(np.log(np.maximum(likelihood[place, labels], 1e-30)).mean())
    likelihood[place, labels] -= 1
    return loss, likelihood / labels.size


def _affine(
    layer: Dense | Convolution, weight: np.ndarray, bias: np.ndarray, batch: np.ndarray, relu: bool
) -> tuple[np.ndarray, Any]:
    """Rows of patches times the weight; for a convolution a row is what the kernel sees at one place."""
    rows = _rows(layer, batch)
    out = rows @ weight.reshape(layer.outputs, -1).T + bias
    if relu:
        np.maximum(out, 0, out=out)
    kept = rows, (out > 0) if relu else None, batch.shape
    if isinstance(layer, Convolution):
        side = batch.shape[2] - layer.size + 1
        out = out.reshape(batch.shape[0], side, -1, layer.outputs).transpose(0, 3, 1, 2)
    return out, kept


def _affine_back(
    layer: Dense | Convolution, weight: np.ndarray, kept: Any, slope: np.ndarray
) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray]]:
    rows, positive, shape = kept
    if isinstance(layer, Convolution):
        slope = slope.transpose(0, 2, 3, 1).reshape(-1, layer.outputs)
    if positive is not None:
        slope = slope * positive
    gradient = (slope.T @ rows).reshape(layer.shape), slope.sum(axis=0)
    back = slope @ weight.reshape(layer.outputs, -1)
    return _unrows(layer, back, shape), gradient


def _rows(layer: Dense | Convolution, batch: np.ndarray) -> np.ndarray:
    if isinstance(layer, Dense):
        return batch.reshape(batch.shape[0], -1)
    windows = sliding_window_view(batch, (layer.size, layer.size), axis=(2, 3))
    return windows.transpose(0, 2, 3, 1, 4, 5).reshape(-1, layer.inputs * layer.size**2)


def _unrows(layer: Dense | Convolution, back: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Each place's patch, added where it was taken from."""
    if isinstance(layer, Dense):
        return back.reshape(shape)
    height, width = shape[2] - layer.size + 1, shape[3] - layer.size + 1
    patches = back.reshape(shape[0], height, width, layer.inputs, layer.size, layer.size)
    slope = np.zeros(shape, back.dtype)
    for i in range(layer.size):
        for j in range(layer.size):
            slope[:, :, i : i + height, j : j + width] += patches[..., i, j].transpose(0, 3, 1, 2)
    return slope


def _pool(layer: Pool, batch: np.ndarray) -> tuple[np.ndarray, Any]:
    n, channels, height, width = batch.shape
    squares = batch.reshape(n, channels, height // layer.size, layer.size, width // layer.size, layer.size)
    squares = squares.transpose(0, 1, 2, 4, 3, 5).reshape(n, channels, height // layer.size, width // layer.size, -1)
    place = squares.argmax(axis=-1)
    return np.take_along_axis(squares, place[..., None], axis=-1)[..., 0], (place, batch.shape)


def _pool_back(layer: Pool, kept: Any, slope: np.ndarray) -> np.ndarray:
    """The gradient goes to the first of the greatest."""
    place, (n, channels, height, width) = kept
    squares = np.zeros((*place.shape, layer.size**2), slope.dtype)
    np.put_along_axis(squares, place[..., None], slope[..., None], axis=-1)
    squares = squares.reshape(n, channels, height // layer.size, width // layer.size, layer.size, layer.size)
    return squares.transpose(0, 1, 2, 4, 3, 5).reshape(n, channels, height, width)
