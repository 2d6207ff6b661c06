"""What convolution machines share: a check of the layer, tiles of a plane, and the step from sums to outputs.

A rectangle is [first row, first column, end row, end column]; the ends are exclusive.
"""

import numpy as np

from workloads.errors import InputError
from workloads.kinds import expect
from workloads.kinds.convolution.layer import CompressedConvolution
from workloads.kinds.kind import CompressedLayer

MOST_SHIFT = 30
"""The largest shift: a product and its rounding bit fit 32 bits."""


def check_convolution(given: CompressedLayer, machine: str) -> CompressedConvolution:
    """The layer as a convolution. InputError where it is none, or its shift is out of range.

    machine: the name that the message gives.
    """
    layer = expect(given, CompressedConvolution, machine)
    if not 0 <= layer.shift <= MOST_SHIFT:
        raise InputError(f"{layer.name}: shift is {layer.shift}; expected an integer from 0 to {MOST_SHIFT}")
    return layer


def sums_to_outputs(layer: CompressedConvolution, sums: np.ndarray, sum_bits: int) -> np.ndarray:
    """Outputs, int16 [channels, rows, columns], from sums of products: bias, wrap-around, saturation, ReLU.

    sums: Python integers, object [channels, rows, columns]. sum_bits: width at which accumulators wrap around.
    """
    modulus = 1 << sum_bits
    bias = np.zeros(layer.outputs, object) if layer.bias is None else layer.bias.astype(object)
    wrapped = (sums + bias[:, None, None] + modulus // 2) % modulus - modulus // 2
    return np.clip(wrapped, 0 if layer.relu else -(1 << 15), (1 << 15) - 1).astype(np.int16)


def overlap_area(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """The number of elements that two rectangles share, int64 [any shape], for rectangles int64 [..., 4]."""
    first, end = np.maximum(left[..., :2], right[..., :2]), np.minimum(left[..., 2:], right[..., 2:])
    return np.maximum(end - first, 0).prod(axis=-1)


def split_range(start: int, end: int, parts: int) -> np.ndarray:
    """Equal parts of start .. end, int64 [parts, 2]: first and end; the last parts may be shorter or empty."""
    size = -(-(end - start) // parts)
    border = np.minimum(start + size * np.arange(parts + 1, dtype=np.int64), end)
    return np.column_stack([border[:-1], border[1:]])


def rectangles(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """All rectangles of a grid, int64 [rows x columns, 4], row by row.

    rows, columns: int64 [parts, 2], first and end.
    """
    down, across = np.repeat(rows, len(columns), axis=0), np.tile(columns, (len(rows), 1))
    return np.column_stack([down[:, 0], across[:, 0], down[:, 1], across[:, 1]])
