"""What machines that convolve share: which layers they take, a plane cut into tiles, sums that become outputs.

Rectangles are [first row, first column, row behind the last, column behind the last].
"""

from typing import Any

import numpy as np

from workloads.errors import InputError
from workloads.kinds import expect
from workloads.kinds.convolution.layer import CompressedConvolution

MOST_SHIFT = 30
"""A product and its rounding bit stay within 32 bits."""


def check_layer(layer: Any, machine: str) -> None:
    """Refuse a layer that these machines cannot run at all."""
    expect(layer, CompressedConvolution, machine)
    if not 0 <= layer.shift <= MOST_SHIFT:
        raise InputError(f"{layer.name}: shift is {layer.shift}; expected an integer from 0 to {MOST_SHIFT}")


def finish(layer: CompressedConvolution, sums: np.ndarray, sum_bits: int) -> np.ndarray:
    """Sums, integers [channels, rows, columns], and biases, wrapped around at `sum_bits`, saturated to 16: int16."""
    modulus = 1 << sum_bits
    bias = np.zeros(layer.outputs, object) if layer.bias is None else layer.bias.astype(object)
    wrapped = (sums + bias[:, None, None] + modulus // 2) % modulus - modulus // 2
    return np.clip(wrapped, 0 if layer.relu else -(1 << 15), (1 << 15) - 1).astype(np.int16)


def overlap(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Places that two rectangles share, int64 [...], for rectangles [..., 4]."""
    first, behind = np.maximum(left[..., :2], right[..., :2]), np.minimum(left[..., 2:], right[..., 2:])
    return np.maximum(behind - first, 0).prod(axis=-1)


def cut(start: int, end: int, parts: int) -> np.ndarray:
    """Equal parts of start .. end, int64 [parts, 2]; the last ones are ragged or empty."""
    size = -(-(end - start) // parts)
    border = np.minimum(start + size * np.arange(parts + 1, dtype=np.int64), end)
    return np.column_stack([border[:-1], border[1:]])


def grid(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """All rectangles of rows x columns, int64 [rows * columns, 4]."""
    down, across = np.repeat(rows, len(columns), axis=0), np.tile(columns, (len(rows), 1))
    return np.column_stack([down[:, 0], across[:, 0], down[:, 1], across[:, 1]])
