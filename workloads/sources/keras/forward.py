"""Inference of Keras layers; images are float32 [height, width, channels]."""

import numpy as np

from workloads.kinds.convolution.layer import Convolution


def same_zeros(size: int, width: int, step: int) -> tuple[int, int]:
    """Return the zeros before and after that give ceil(size / step) outputs; an odd one is put after."""
    total = max((-(-size // step) - 1) * step + width - size, 0)
    return total // 2, total - total // 2


def convolve(image: np.ndarray, layer: Convolution) -> np.ndarray:
    """Return a convolution's output before its activation function, float32 [height, width, outputs].

    image: float32 [height, width, inputs].
    """
    top, left, bottom, right = layer.padding
    padded = np.pad(image, ((top, bottom), (left, right), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, layer.weight.shape[2:], (0, 1))
    windows = windows[:: layer.stride[0], :: layer.stride[1]]
    output = np.tensordot(windows, layer.weight, ((2, 3, 4), (1, 2, 3)))
    return output if layer.bias is None else output + layer.bias


def pool(image: np.ndarray, window: tuple[int, int], stride: tuple[int, int], same: bool) -> np.ndarray:
    """Return the maximum of each window, float32 [height, width, channels], of an image of these dimensions.

    Where `same`, windows may reach over the edge and cover only the pixels inside.
    """
    rows, columns = (
        _spans(size, width, step, same) for size, width, step in zip(image.shape[:2], window, stride, strict=True)
    )
    return np.array([[image[row, column].max(axis=(0, 1)) for column in columns] for row in rows])


def activate(values: np.ndarray, function: str) -> np.ndarray:
    """Apply an activation function of FUNCTIONS to float32 [any shape]; softmax is over the last dimension."""
    if function == "relu":
        return np.maximum(values, 0)
    if function == "tanh":
        return np.tanh(values)
    if function == "sigmoid":
        return 1 / (1 + np.exp(-values))
    if function == "softmax":
        exponential = np.exp(values - values.max(axis=-1, keepdims=True))
        return exponential / exponential.sum(axis=-1, keepdims=True)
    return values


FUNCTIONS = ("linear", "relu", "tanh", "sigmoid", "softmax")


def _spans(size: int, width: int, step: int, same: bool) -> list[slice]:
    """The windows along one side of an image, as slices."""
    first = -same_zeros(size, width, step)[0] if same else 0
    count = -(-size // step) if same else (size - width) // step + 1
    starts = (first + i * step for i in range(count))
    return [slice(max(start, 0), start + width) for start in starts]
