"""The pipeline: prune, share, fixed point."""

import numpy as np
from numba import njit

from kernels_ref.fixed_point import WORD_BITS, fraction_bits, to_fixed
from workloads.compression.columns import Columns
from workloads.compression.prune import prune
from workloads.compression.shared import SharedFullyConnected
from workloads.errors import InputError
from workloads.kinds.fully_connected.layer import (
    CodedFullyConnected,
    CompressedFullyConnected,
    FullyConnected,
    StoredFullyConnected,
    check_sides,
    shape_of,
)
from workloads.number_formats.codebook import nearest, share

HEADROOM_BITS = 1
"""The largest partial sum of the given input stays this far below saturation."""
MOST_SUM = float(1 << 60)
"""Biases beyond it saturate whatever the shift."""
MOST_SHIFT = 30
"""A product and its rounding bit stay within 32 bits; only more than 2**15 products of full size would need more."""


def compress(
    layer: FullyConnected | CodedFullyConnected | StoredFullyConnected,
    density: float | None = None,
    weight_bits: int = 4,
    preload_bias: bool = False,
) -> CompressedFullyConnected:
    """Compress a layer to `density` (None keeps every non-zero weight) and a codebook of 2**weight_bits levels.

    Coded layers are taken as they are. A bias is not pruned: it takes the nearest levels of the weights' codebook, or
    with `preload_bias` words of 16 bits, with which sums begin. InputError where the layer has no input, or as in
    `share_weights`.
    """
    if layer.activation is None:
        raise InputError(f"{layer.name}: it has no input; expected an activation for each of its inputs")
    return give_input(share_weights(layer, density, weight_bits), layer.activation, None, preload_bias)


def share_weights(
    layer: FullyConnected | CodedFullyConnected | StoredFullyConnected,
    density: float | None = None,
    weight_bits: int = 4,
) -> SharedFullyConnected:
    """Prune and share the weights of a layer, as `compress`.

    InputError where a side of the matrix is too large, the density is not from 0 to 1 or the bits are not 1 to 8, and
    where a coded layer is to be pruned or has a codebook of more levels.
    """
    outputs, inputs = shape_of(layer)
    check_sides(layer.name, inputs, outputs)
    if density is not None and not 0 <= density <= 1:
        raise InputError(f"density is {density}; expected a number from 0 to 1")
    if not 1 <= weight_bits <= 8:
        raise InputError(f"weight_bits is {weight_bits}; expected an integer from 1 to 8")
    if isinstance(layer, StoredFullyConnected):
        if density is not None:
            raise InputError(f"density is {density}, but {layer.name} is compressed already; expected no density")
        return layer.shared
    if isinstance(layer, FullyConnected):
        columns, value = prune(layer.weight, density)
        codebook, code = share(value, weight_bits)
        columns, bias = columns._replace(code=code), layer.bias
        bias_code = None if bias is None else nearest(codebook, bias)
    elif density is None:
        columns, codes = prune(layer.weight_code, None)
        columns, codebook, bias_code = columns._replace(code=codes.astype(np.uint8)), layer.codebook, layer.bias_code
        bias = None if bias_code is None else codebook[bias_code]
    else:
        raise InputError(f"density is {density}, but {layer.name} is coded already; expected no density")
    return SharedFullyConnected(layer.name, inputs, outputs, columns, codebook, bias, bias_code, layer.relu)


def give_input(
    shared: SharedFullyConnected,
    activation: np.ndarray,
    most_fraction_bits: int | None = None,
    preload_bias: bool = False,
) -> CompressedFullyConnected:
    """Choose formats for weights, an input float [inputs] and the sums: the finest that hold them.

    most_fraction_bits: the input's format is no finer than this, as where it is the output of another layer.
    preload_bias: sums begin with the bias in 16 bits, and it is no column.
    """
    columns, words_in = shared.columns, activation.astype(np.float64)
    first = np.zeros(shared.outputs)
    has_bias = shared.bias_code is not None and not preload_bias
    if has_bias and shared.bias_code is not None:
        columns = _append_column(columns, shared.bias_code)
        words_in = np.append(words_in, 1.0)
    elif shared.bias is not None:
        first = shared.bias.astype(np.float64)
    weight_format = fraction_bits(float(np.abs(shared.codebook).max()))
    activation_format = fraction_bits(float(np.abs(words_in).max()))
    if most_fraction_bits is not None:
        activation_format = min(activation_format, most_fraction_bits)
    levels, words = to_fixed(shared.codebook, weight_format), to_fixed(words_in, activation_format)
    sums = np.floor(np.ldexp(first, weight_format + activation_format) + 0.5).clip(-MOST_SUM, MOST_SUM).astype(np.int64)
    largest = int(_largest_partial_sum(*columns, levels, words, sums))
    needed = largest.bit_length() - (WORD_BITS - 1 - HEADROOM_BITS)
    shift = min(max(0, needed), MOST_SHIFT)
    return CompressedFullyConnected(
        name=shared.name,
        inputs=shared.inputs,
        outputs=shared.outputs,
        columns=columns,
        codebook=levels,
        activation=words,
        has_bias=has_bias,
        relu=shared.relu,
        weight_fraction_bits=weight_format,
        activation_fraction_bits=activation_format,
        shift=shift,
        notes=(*_losses(shared, activation, words, activation_format, has_bias), *saturation_note(needed)),
        initial=to_fixed(first, weight_format + activation_format - shift) if first.any() else None,
    )


def _losses(
    shared: SharedFullyConnected, activation: np.ndarray, words: np.ndarray, bits: int, has_bias: bool
) -> tuple[str, ...]:
    """What 16 bits and the codebook could not hold of the input and of a bias that is a column, a sentence each."""
    found = []
    active = int(np.count_nonzero(activation))
    left = int(np.count_nonzero(words[: activation.size]))
    if left < active:
        found.append(f"{active - left} of {active} non-zero activations are rounded to zero in 16 bits")
    if shared.bias is None or shared.bias_code is None or not has_bias:
        return tuple(found)
    if bits < 0:
        found.append(f"the bias' activation of 1.0 is rounded to {float(words[-1]) * 2.0**-bits:g} in 16 bits")
    if shared.bias.any() and not shared.bias_code.any():
        found.append("all biases are zero, as no level of the codebook is near them")
        return tuple(found)
    bias, level = (float(np.abs(values).max()) for values in (shared.bias, shared.codebook))
    if bias > level:
        moved = _moved(shared, activation)
        found.append(
            f"biases reach {bias:.3g} and the codebook's levels {level:.3g}: as codes they move the output by"
            f" {moved:.2g} of its norm (`eie` keeps them in 16 bits with --set preload_bias=1)"
        )
    return tuple(found)


def saturation_note(needed: int) -> tuple[str, ...]:
    """A sentence where sums would have to be shifted by more bits than a machine shifts; needed: how many."""
    if needed <= MOST_SHIFT:
        return ()
    return (f"sums of up to 2**{needed - MOST_SHIFT - HEADROOM_BITS} times the largest output saturate",)


def _moved(shared: SharedFullyConnected, activation: np.ndarray) -> float:
    """The norm of what the codes of the biases change in the output over the norm of the output, before ReLU."""
    assert shared.bias is not None
    assert shared.bias_code is not None
    column = np.repeat(np.arange(shared.inputs), np.diff(shared.columns.start))
    products = shared.codebook[shared.columns.code] * activation[column].astype(np.float64)
    exact = np.bincount(shared.columns.row, products, shared.outputs) + shared.bias
    size = float(np.linalg.norm(exact))
    change = float(np.linalg.norm(shared.codebook[shared.bias_code].astype(np.float64) - shared.bias))
    return change / size if size else float(change > 0)


def _append_column(columns: Columns, code: np.ndarray) -> Columns:
    rows = np.flatnonzero(code).astype(np.uint32)
    return Columns(
        np.append(columns.start, columns.start[-1] + rows.size),
        np.append(columns.row, rows),
        np.append(columns.code, code[rows]),
    )


@njit(cache=True)
def _largest_partial_sum(start, row, code, levels, words, total):  # type: ignore[no-untyped-def]
    """The greatest magnitude, an int64 scalar, of any output as the columns are added in ascending order, unrounded.

    start: int64 [columns + 1]; row: uint32 [entries]; code: uint8 [entries]; levels: int16 [levels]; words: int16
    [columns]; total: int64 [outputs], what sums begin with, which become the outputs.
    """
    largest = 0
    for value in total:
        largest = max(largest, abs(value))
    for j in range(words.size):
        if words[j] == 0:
            continue
        for e in range(start[j], start[j + 1]):
            total[row[e]] += np.int64(levels[code[e]]) * words[j]
            largest = max(largest, abs(total[row[e]]))
    return largest
