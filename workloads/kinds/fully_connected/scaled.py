"""Fixed-point formats for a layer whose weights have block scales."""

import math

import numpy as np
from numba import njit

from kernels_ref.fixed_point import WORD_BITS, to_fixed
from kernels_ref.formats import as_fixed
from workloads.compression.columns import Columns
from workloads.compression.shared import SharedFullyConnected
from workloads.kinds.fully_connected.layer import CompressedFullyConnected, WordScales
from workloads.kinds.fully_connected.losses import HEADROOM_BITS, bias_values, losses, stored_bits
from workloads.number_formats import find_format
from workloads.number_formats.block import BlockFormat

LEFT, RIGHT = -14, 62
"""The range of a product's shift: an element of 24 bits, a significand of 11 and an activation of 16 stay in 64."""
SIGNIFICAND_BITS = 15


def scaled_layer(
    shared: SharedFullyConnected,
    columns: Columns,
    activation: np.ndarray,
    words: np.ndarray,
    activation_format: int,
    first: np.ndarray,
    has_bias: bool,
) -> CompressedFullyConnected:
    """Choose the format of sums: the finest that holds those of the given input with a bit to spare.

    columns: with the bias' where `has_bias`; activation: float [inputs]; words: int16 [columns], of
    `activation_format` fraction bits; first: float64 [outputs], what sums begin with. Sums are in units of the tensor's
    scale, by which a multiplier of 15 bits multiplies them on the way out.
    """
    form = find_format(shared.form)
    assert isinstance(form, BlockFormat)
    element, grid = as_fixed(form.element.parts), shared.grid()
    code, group = grid.code, np.arange(shared.inputs) // grid.columns
    if has_bias and shared.bias_scale is not None:
        code = np.concatenate([code, shared.bias_scale[None]])
        group = np.append(group, len(code) - 1)
    scale = grid.parts.of(code)
    most = _largest_sum(shared, columns, words, activation_format, first / shared.tensor_scale)
    sum_bits = WORD_BITS - 1 - HEADROOM_BITS - math.frexp(most)[1]
    shift = element.fraction + scale.fraction + activation_format - scale.exponent.astype(np.int64) - sum_bits
    multiplier, exponent = _significand(shared.tensor_scale) if "tensor_scale" in shared.shared else (0, 0)
    initial = to_fixed(first / shared.tensor_scale, sum_bits)
    return CompressedFullyConnected(
        name=shared.name,
        inputs=shared.inputs,
        outputs=shared.outputs,
        columns=columns,
        codebook=element.significand,
        activation=words,
        has_bias=has_bias,
        relu=shared.relu,
        weight_fraction_bits=element.fraction,
        activation_fraction_bits=activation_format,
        shift=0,
        notes=losses(shared, activation, words, activation_format, has_bias),
        initial=initial if first.any() else None,
        scales=WordScales(
            significand=scale.significand,
            shift=shift.clip(LEFT, RIGHT).astype(np.int16),
            group=group.astype(np.int32),
            rows=grid.rows,
            across=shared.across,
            bits=grid.bits,
            sum_fraction_bits=sum_bits,
            multiplier=multiplier,
            exponent=exponent,
        ),
        form=shared.form,
        weight_error=shared.error,
        stored_bits=stored_bits(shared),
    )


def _largest_sum(
    shared: SharedFullyConnected, columns: Columns, words: np.ndarray, bits: int, first: np.ndarray
) -> float:
    """The greatest magnitude of any sum as the columns are added in ascending order, in units of the tensor's scale.

    first: float64 [outputs], in these units; words: int16 [columns] of `bits` fraction bits.
    """
    value = shared.stored_values()
    if columns.start.size - 1 > shared.inputs:
        value = np.append(value, bias_values(shared)[columns.row[columns.start[shared.inputs] :]])
    numbers = np.ldexp(words.astype(np.float64), -bits)
    return float(_add_up(columns.start, columns.row, value / shared.tensor_scale, numbers, first.copy()))


@njit(cache=True)
def _add_up(start, row, value, numbers, total):  # type: ignore[no-untyped-def]
    """The greatest magnitude, float64, of `total`, float64 [outputs], as columns are added to it.

    start: int64 [columns + 1]; row: uint32 [entries]; value: float64 [entries]; numbers: float64 [columns].
    """
    largest = 0.0
    for one in total:
        largest = max(largest, abs(one))
    for j in range(numbers.size):
        if numbers[j] == 0:
            continue
        for e in range(start[j], start[j + 1]):
            total[row[e]] += value[e] * numbers[j]
            largest = max(largest, abs(total[row[e]]))
    return largest


def _significand(scale: float) -> tuple[int, int]:
    """A positive scale as a significand of 15 bits and an exponent: significand / 2**15 * 2**exponent."""
    fraction, exponent = math.frexp(scale)
    significand = round(math.ldexp(fraction, SIGNIFICAND_BITS))
    if significand == 1 << SIGNIFICAND_BITS:
        return significand >> 1, exponent + 1
    return significand, exponent
