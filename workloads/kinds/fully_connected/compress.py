"""The pipeline: prune, share, fixed point."""

import numpy as np
from numba import njit

from kernels_ref.fixed_point import WORD_BITS, fraction_bits, to_fixed
from workloads.compression.columns import Columns
from workloads.compression.masks import by_blocks
from workloads.compression.prune import prune
from workloads.compression.shared import CODEBOOK, SharedFullyConnected
from workloads.errors import InputError, refuse
from workloads.kinds.fully_connected.encode import encode_bias, encode_weights
from workloads.kinds.fully_connected.layer import (
    CodedFullyConnected,
    CompressedFullyConnected,
    FullyConnected,
    StoredFullyConnected,
    check_sides,
    shape_of,
)
from workloads.kinds.fully_connected.losses import HEADROOM_BITS, MOST_SHIFT, losses, saturation_note, stored_bits
from workloads.kinds.fully_connected.scaled import scaled_layer
from workloads.number_formats import find_format
from workloads.number_formats.block import SCALE
from workloads.number_formats.number_format import NumberFormat

MOST_SUM = float(1 << 60)
"""Biases beyond it saturate whatever the shift."""


def compress(
    layer: FullyConnected | CodedFullyConnected | StoredFullyConnected,
    density: float | None = None,
    weight_bits: int = 4,
    preload_bias: bool = False,
    weight_format: str = CODEBOOK,
    across: int = 0,
    block_outputs: int = 1,
) -> CompressedFullyConnected:
    """Compress a layer to `density` (None keeps every non-zero weight) and a codebook of 2**weight_bits levels.

    Coded layers are taken as they are. A bias is not pruned: it takes the nearest levels of the weights' codebook, or
    with `preload_bias` words of 16 bits, with which sums begin. weight_format, across: another number format, and how
    its blocks lie, see `FullyConnectedFormat`. block_outputs: of a block that is pruned as one, see `masks.by_blocks`.
    InputError where the layer has no input, or as in `share_weights`.
    """
    if layer.activation is None:
        raise InputError(f"{layer.name}: it has no input; expected an activation for each of its inputs")
    shared = share_weights(layer, density, weight_bits, weight_format, across, block_outputs)
    return give_input(shared, layer.activation, None, preload_bias)


def share_weights(
    layer: FullyConnected | CodedFullyConnected | StoredFullyConnected,
    density: float | None = None,
    weight_bits: int = 4,
    weight_format: str = CODEBOOK,
    across: int = 0,
    block_outputs: int = 1,
) -> SharedFullyConnected:
    """Prune and encode the weights of a layer, as `compress`.

    InputError where a side of the matrix is too large, the density is not from 0 to 1, the bits are not 1 to 8 or the
    format is unknown, and where a coded layer is to be pruned, has a codebook of more levels or another format.
    """
    outputs, inputs = shape_of(layer)
    check_sides(layer.name, inputs, outputs)
    if density is not None and not 0 <= density <= 1:
        raise InputError(f"density is {density}; expected a number from 0 to 1")
    if not 1 <= weight_bits <= 8:
        raise InputError(f"weight_bits is {weight_bits}; expected an integer from 1 to 8")
    form = find_format(f"{CODEBOOK}{weight_bits}" if weight_format == CODEBOOK else weight_format)
    if isinstance(layer, StoredFullyConnected):
        if density is not None:
            raise InputError(f"density is {density}, but {layer.name} is compressed already; expected no density")
        _check_format(layer.name, layer.shared.form, layer.shared.across, form, across)
        return layer.shared
    if isinstance(layer, FullyConnected):
        columns, value = _prune(layer.weight, density, block_outputs)
        codes = encode_weights(columns, value, outputs, form, across)
        bias_code, bias_scale = encode_bias(layer.bias, codes.codebook, codes.form, codes.shared, across)
        return SharedFullyConnected(
            name=layer.name,
            inputs=inputs,
            outputs=outputs,
            columns=codes.columns,
            codebook=codes.codebook,
            bias=layer.bias,
            bias_code=bias_code,
            relu=layer.relu,
            form=codes.form,
            shared=codes.shared,
            across=across if SCALE in codes.shared else 0,
            bias_scale=bias_scale,
            error=codes.error,
            lost=value.size - codes.columns.row.size,
        )
    _check_format(layer.name, CODEBOOK, 0, form, across)
    if density is None:
        columns, kept = prune(layer.weight_code, None)
        columns, codebook, bias_code = columns._replace(code=kept.astype(np.uint8)), layer.codebook, layer.bias_code
        bias = None if bias_code is None else codebook[bias_code]
    else:
        raise InputError(f"density is {density}, but {layer.name} is coded already; expected no density")
    return SharedFullyConnected(layer.name, inputs, outputs, columns, codebook, bias, bias_code, layer.relu)


def _prune(weight: np.ndarray, density: float | None, block_outputs: int) -> tuple[Columns, np.ndarray]:
    """As `prune`, of a weight float [outputs, inputs], in blocks where they have more than one output."""
    if density is None or block_outputs == 1:
        return prune(weight, density)
    return prune(weight * by_blocks(weight, density, block_outputs), None)


def _check_format(name: str, stored: str, along: int, form: NumberFormat, across: int) -> None:
    """InputError where codes of the format `stored` are to be read as codes of another one; see `across`.

    A table of levels is read whatever they mean, so a codebook's place may have any format without scales.
    """
    scaled = find_format(stored).scaled if stored != CODEBOOK else False
    if not scaled and not form.scaled:
        return
    if stored != form.name or along != across:
        lie = (f", with scales along {'the outputs of a PE' if along else 'its inputs'}") if scaled else ""
        wanted = f", with scales along {'the outputs of a PE' if across else 'its inputs'}" if form.scaled else ""
        cure = f"; where it has a choice, --format {stored} reads them" if scaled and not form.scaled else ""
        refuse(name, f"its weights are stored in {stored}{lie}", f"{form.name}{wanted}, which this machine reads{cure}")


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
    activation_format = fraction_bits(float(np.abs(words_in).max()))
    if most_fraction_bits is not None:
        activation_format = min(activation_format, most_fraction_bits)
    words = to_fixed(words_in, activation_format)
    if shared.scaled:
        return scaled_layer(shared, columns, activation, words, activation_format, first, has_bias)
    weight_format = fraction_bits(float(np.abs(shared.codebook).max()))
    levels = to_fixed(shared.codebook, weight_format)
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
        notes=(*losses(shared, activation, words, activation_format, has_bias), *saturation_note(needed)),
        initial=to_fixed(first, weight_format + activation_format - shift) if first.any() else None,
        form=shared.form,
        weight_error=shared.error,
        stored_bits=stored_bits(shared),
    )


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
