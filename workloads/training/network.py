"""Networks for training: a sequence of layers, each with a forward and a backward pass.

A batch of images is float32 [n, channels, height, width], a batch of vectors float32 [n, features]. ReLU follows every
layer with weights but the last. Weights are kept outside of the layers, so that a constraint can compute them.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


class Kept(NamedTuple):
    """What a layer's backward pass needs of its forward pass."""

    values: np.ndarray  # float32 [rows, inputs of an output]; of a pooling int64: which pixel of a square was greatest
    positive: np.ndarray | None  # bool [rows, outputs]: where ReLU let the sum pass; None: no ReLU follows
    shape: tuple[int, ...]  # of the input


class DenseLayer(NamedTuple):
    """A fully connected layer; images are flattened. Its weight is float32 [outputs, inputs]."""

    inputs: int
    outputs: int

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the weight."""
        return self.outputs, self.inputs


class ConvolutionLayer(NamedTuple):
    """A convolution of stride 1 without padding, by im2col. Its weight is float32 [outputs, inputs, size, size]."""

    inputs: int
    outputs: int
    size: int

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the weight."""
        return self.outputs, self.inputs, self.size, self.size


class PoolLayer(NamedTuple):
    """The maximum of adjacent squares of `size` x `size` pixels; the image's sides are multiples of `size`."""

    size: int


TrainingLayer = DenseLayer | ConvolutionLayer | PoolLayer
Parameters = list[tuple[np.ndarray, np.ndarray]]
"""Weight, float32 [outputs, ...], and bias, float32 [outputs], of each layer that has them, in order."""


def initialise(layers: Sequence[TrainingLayer], rng: np.random.Generator) -> Parameters:
    """Draw Gaussian weights of variance 2 / fan-in (He et al., 2015), float32; biases are zero, float32 [outputs]."""
    drawn = []
    for layer in layers:
        if not isinstance(layer, PoolLayer):
            scale = np.float32(np.sqrt(2 / np.prod(layer.shape[1:])))
            weight = rng.standard_normal(layer.shape, dtype=np.float32) * scale
            drawn.append((weight, np.zeros(layer.outputs, np.float32)))
    return drawn


Rounding = Callable[[np.ndarray], np.ndarray]
"""Changes what a layer with weights reads, float32 [n, ...], without changing its shape."""


def exact(values: np.ndarray) -> np.ndarray:
    """Values, float32 [any shape], as they are."""
    return values


def forward(
    layers: Sequence[TrainingLayer], parameters: Parameters, batch: np.ndarray, rounding: Rounding = exact
) -> tuple[np.ndarray, list[Kept]]:
    """Return the scores of `batch`, float32 [n, classes], and for each layer what `backward` needs.

    batch: float32 [n, channels, height, width] or [n, features]. rounding: of what layers with weights read; gradients
    pass it unchanged.
    """
    saved: list[Kept] = []
    remaining = iter(parameters)
    left = len(parameters)
    for layer in layers:
        if isinstance(layer, PoolLayer):
            batch, kept = _pool(layer, batch)
        else:
            left -= 1
            batch, kept = _affine(layer, *next(remaining), rounding(batch), relu=left > 0)
        saved.append(kept)
    return batch, saved


def backward(
    layers: Sequence[TrainingLayer], parameters: Parameters, saved: list[Kept], gradient: np.ndarray
) -> Parameters:
    """Return the loss's gradient by each weight and bias, float32, the shapes of `parameters`.

    saved: what `forward` returned for the batch; gradient: the loss's gradient by the scores, float32 [n, classes].
    """
    gradients: Parameters = []
    remaining = iter(reversed(parameters))
    for layer, kept in zip(reversed(layers), reversed(saved), strict=True):
        if isinstance(layer, PoolLayer):
            gradient = _pool_back(layer, kept, gradient)
        else:
            weight, _ = next(remaining)
            gradient, of_parameters = _affine_back(layer, weight, kept, gradient)
            gradients.append(of_parameters)
    return gradients[::-1]


def cross_entropy(scores: np.ndarray, labels: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the mean cross-entropy of a batch after softmax, and its gradient by the scores, float32 [n, classes].

    scores: float32 [n, classes]; labels: int [n], the right class of each example.
    """
    shifted = scores - scores.max(axis=1, keepdims=True)
    likelihood = np.exp(shifted)
    likelihood /= likelihood.sum(axis=1, keepdims=True)
    position = np.arange(labels.size)
    loss = -float(np.log(np.maximum(likelihood[position, labels], 1e-30)).mean())
    likelihood[position, labels] -= 1
    return loss, likelihood / labels.size


def divergence(scores: np.ndarray, teacher: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the mean KL divergence of a teacher's softmax to that of scores, and its gradient by the scores, float32.

    scores, teacher: float32 [n, classes]. The divergence is the teacher's mean of ln(its probability / the student's).
    """
    wanted, given = _log_softmax(teacher), _log_softmax(scores)
    share = np.exp(wanted)
    value = float((share * (wanted - given)).sum(axis=1).mean())
    return value, ((np.exp(given) - share) / len(scores)).astype(np.float32)


def _log_softmax(scores: np.ndarray) -> np.ndarray:
    """Logarithms of probabilities, float64 [n, classes]."""
    shifted = scores.astype(np.float64) - scores.max(axis=1, keepdims=True)
    found: np.ndarray = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return found


def _affine(
    layer: DenseLayer | ConvolutionLayer, weight: np.ndarray, bias: np.ndarray, batch: np.ndarray, relu: bool
) -> tuple[np.ndarray, Kept]:
    """Rows of inputs times the weight; a convolution has one row for each position of its kernel."""
    rows = _rows(layer, batch)
    out = rows @ weight.reshape(layer.outputs, -1).T + bias
    if relu:
        np.maximum(out, 0, out=out)
    kept = Kept(rows, (out > 0) if relu else None, batch.shape)
    if isinstance(layer, ConvolutionLayer):
        side = batch.shape[2] - layer.size + 1
        out = out.reshape(batch.shape[0], side, -1, layer.outputs).transpose(0, 3, 1, 2)
    return out, kept


def _affine_back(
    layer: DenseLayer | ConvolutionLayer, weight: np.ndarray, kept: Kept, gradient: np.ndarray
) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray]]:
    """The gradient by the layer's input, and those by its weight and bias."""
    rows, positive, shape = kept
    if isinstance(layer, ConvolutionLayer):
        gradient = gradient.transpose(0, 2, 3, 1).reshape(-1, layer.outputs)
    if positive is not None:
        gradient = gradient * positive
    of_parameters = (gradient.T @ rows).reshape(layer.shape), gradient.sum(axis=0)
    back = gradient @ weight.reshape(layer.outputs, -1)
    return _unrows(layer, back, shape), of_parameters


def _rows(layer: DenseLayer | ConvolutionLayer, batch: np.ndarray) -> np.ndarray:
    """Inputs as rows, [n x positions, inputs of an output]."""
    if isinstance(layer, DenseLayer):
        return batch.reshape(batch.shape[0], -1)
    windows = sliding_window_view(batch, (layer.size, layer.size), axis=(2, 3))
    return windows.transpose(0, 2, 3, 1, 4, 5).reshape(-1, layer.inputs * layer.size**2)


def _unrows(layer: DenseLayer | ConvolutionLayer, back: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The inverse of `_rows` for gradients: rows are added up at the pixels that they were taken from."""
    if isinstance(layer, DenseLayer):
        return back.reshape(shape)
    height, width = shape[2] - layer.size + 1, shape[3] - layer.size + 1
    patches = back.reshape(shape[0], height, width, layer.inputs, layer.size, layer.size)
    gradient = np.zeros(shape, back.dtype)
    for i in range(layer.size):
        for j in range(layer.size):
            gradient[:, :, i : i + height, j : j + width] += patches[..., i, j].transpose(0, 3, 1, 2)
    return gradient


def _pool(layer: PoolLayer, batch: np.ndarray) -> tuple[np.ndarray, Kept]:
    """The maxima, [n, channels, height / size, width / size], and where they were found."""
    n, channels, height, width = batch.shape
    squares = batch.reshape(n, channels, height // layer.size, layer.size, width // layer.size, layer.size)
    squares = squares.transpose(0, 1, 2, 4, 3, 5).reshape(n, channels, height // layer.size, width // layer.size, -1)
    position = squares.argmax(axis=-1)
    return np.take_along_axis(squares, position[..., None], axis=-1)[..., 0], Kept(position, None, batch.shape)


def _pool_back(layer: PoolLayer, kept: Kept, gradient: np.ndarray) -> np.ndarray:
    """The gradient by the input: each square's goes to the first of its greatest pixels."""
    position, _, (n, channels, height, width) = kept
    squares = np.zeros((*position.shape, layer.size**2), gradient.dtype)
    np.put_along_axis(squares, position[..., None], gradient[..., None], axis=-1)
    squares = squares.reshape(n, channels, height // layer.size, width // layer.size, layer.size, layer.size)
    return squares.transpose(0, 1, 2, 4, 3, 5).reshape(n, channels, height, width)
