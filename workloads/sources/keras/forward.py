"""What layers of Keras compute in inference: images are [height, width, channels]."""

import numpy as np

from workloads.kinds.convolution.layer import Convolution


def same_zeros(size: int, width: int, step: int) -> tuple[int, int]:
    """The zeros before and after, so that there are size / step outputs, rounded up; the odd one stands after."""
    total = max((-(-size // step) - 1) * step + width - size, 0)
    return total // 2, total - total // 2


def convolve(image: np.ndarray, layer: Convolution) -> np.ndarray:
    """The layer's output without its activation function."""
    top, left, bottom, right = layer.padding
    padded = np.pad(image, ((top, bottom), (left, right), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, layer.weight.shape[2:], (0, 1))
    windows = windows[:: layer.stride[0], :: layer.stride[1]]
    output = np.tensordot(windows, layer.weight, ((2, 3, 4), (1, 2, 3)))
    return output if layer.bias is None else output + layer.bias


def pool(image: np.ndarray, window: tuple[int, int], stride: tuple[int, int], same: bool) -> np.ndarray:
    """The greatest of each window; one that reaches over the edge has what is inside."""
    rows, columns = (
        _spans(size, width, step, same) for size, width, step in zip(image.shape[:2], window, stride, strict=True)
    )
    return np.array([[image[row, column].max(axis=(0, 1)) for column in columns] for row in rows])


def activate(values: np.ndarray, function: str) -> np.ndarray:
    """The activation function of that name in FUNCTIONS."""
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
    """Where the windows lie along one side."""
    first = -same_zeros(size, width, step)[0] if same else 0
    count = -(-size // step) if same else (size - width) // step + 1
    starts = (first + i * step for i in range(count))
    return [slice(max(start, 0), start + width) for start in starts]
