"""The pipeline: prune, share, fixed point."""

import numpy as np
from numba import njit

from kernels_ref.fixed_point import WORD_BITS, fraction_bits, to_fixed
from workloads.errors import InputError
from workloads.layers import CodedFullyConnected, Columns, CompressedFullyConnected, FullyConnected
from workloads.prune import prune
from workloads.share import share

HEADROOM_BITS = 1
"""The largest partial sum of the given input stays this far below saturation."""
MOST_SHIFT = 30
"""A product and its rounding bit stay within 32 bits; only more than 2**15 products of full size would need more."""


def compress(
    layer: FullyConnected | CodedFullyConnected, density: float | None = None, weight_bits: int = 4
) -> CompressedFullyConnected:
    """Compress a layer to `density` (None keeps every non-zero weight) and a codebook of 2**weight_bits levels.

    Coded layers are taken as they are. A bias is not pruned: it takes the nearest levels of the weights' codebook.
    """
    if density is not None and not 0 <= density <= 1:
        raise InputError(f"density is {density}; expected a number from 0 to 1")
    if not 1 <= weight_bits <= 8:
        raise InputError(f"weight_bits is {weight_bits}; expected an integer from 1 to 8")
    if isinstance(layer, FullyConnected):
        columns, value = prune(layer.weight, density)
        codebook, code = share(value, weight_bits)
        columns = columns._replace(code=code)
        bias_code = None if layer.bias is None else _nearest(codebook, layer.bias)
    elif density is None:
        columns, codes = prune(layer.weight_code.astype(np.float32), None)
        columns, codebook = columns._replace(code=codes.astype(np.uint8)), layer.codebook
        bias_code = layer.bias_code
    else:
        raise InputError(f"density is {density}, but {layer.name} is coded already; expected no density")
    return _to_fixed_point(layer, columns, bias_code, codebook)


def _nearest(codebook: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The code of the level nearest to each value, code 0 (zero) included; of two equally near, the lower code."""
    return np.abs(values[:, None] - codebook[None, :]).argmin(axis=1).astype(np.uint8)


def _to_fixed_point(
    layer: FullyConnected | CodedFullyConnected,
    columns: Columns,
    bias_code: np.ndarray | None,
    codebook: np.ndarray,
) -> CompressedFullyConnected:
    """Append the bias as a column and choose the formats: the finest that hold the codebook, the input, the sums."""
    outputs, inputs = (layer.weight if isinstance(layer, FullyConnected) else layer.weight_code).shape
    activation = layer.activation.astype(np.float64)
    if bias_code is not None:
        columns = _append_column(columns, bias_code)
        activation = np.append(activation, 1.0)
    weight_format = fraction_bits(float(np.abs(codebook).max()))
    activation_format = fraction_bits(float(np.abs(activation).max()))
    levels, words = to_fixed(codebook, weight_format), to_fixed(activation, activation_format)
    largest = int(_largest_partial_sum(*columns, levels, words, np.zeros(outputs, np.int64)))
    shift = max(0, largest.bit_length() - (WORD_BITS - 1 - HEADROOM_BITS))
    return CompressedFullyConnected(
        name=layer.name,
        inputs=inputs,
        outputs=outputs,
        columns=columns,
        codebook=levels,
        activation=words,
        has_bias=bias_code is not None,
        relu=layer.relu,
        weight_fraction_bits=weight_format,
        activation_fraction_bits=activation_format,
        shift=min(shift, MOST_SHIFT),
        notes=_losses(layer, bias_code, words, activation_format),
    )


def _losses(
    layer: FullyConnected | CodedFullyConnected, bias_code: np.ndarray | None, words: np.ndarray, bits: int
) -> tuple[str, ...]:
    """What 16 bits could not hold of the input and the bias, a sentence each."""
    found = []
    active = int(np.count_nonzero(layer.activation))
    left = int(np.count_nonzero(words[: layer.activation.size]))
    if left < active:
        found.append(f"{active - left} of {active} non-zero activations are rounded to zero in 16 bits")
    if bias_code is not None and bits < 0:
        found.append(f"the bias' activation of 1.0 is rounded to {float(words[-1]) * 2.0**-bits:g} in 16 bits")
    bias = layer.bias if isinstance(layer, FullyConnected) else None
    if bias is not None and bias_code is not None and bias.any() and not bias_code.any():
        found.append("all biases are zero, as no level of the codebook is near them")
    return tuple(found)


def _append_column(columns: Columns, code: np.ndarray) -> Columns:
    rows = np.flatnonzero(code).astype(np.uint32)
    return Columns(
        np.append(columns.start, columns.start[-1] + rows.size),
        np.append(columns.row, rows),
        np.append(columns.code, code[rows]),
    )


@njit(cache=True)
def _largest_partial_sum(start, row, code, levels, words, total):  # type: ignore[no-untyped-def]
    """The greatest magnitude of any output, int64, as the columns are added in ascending order, without rounding."""
    largest = 0
    for j in range(words.size):
        if words[j] == 0:
            continue
        for e in range(start[j], start[j + 1]):
            total[row[e]] += np.int64(levels[code[e]]) * words[j]
            largest = max(largest, abs(total[row[e]]))
    return largest
