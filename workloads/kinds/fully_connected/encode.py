"""The weights of a fully connected layer in a number format: which codes are stored, and what they share."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from workloads.compression.columns import Columns
from workloads.compression.scale_grid import arrange, arrange_back
from workloads.compression.shared import CODEBOOK
from workloads.number_formats.block import SCALE, TENSOR_SCALE, BlockFormat
from workloads.number_formats.codebook import CodebookFormat, nearest
from workloads.number_formats.number_format import NumberFormat
from workloads.number_formats.scale_rules import LARGEST_FLOAT

CHUNK = 1 << 22
"""Weights that are encoded at once, so that a large matrix takes little more memory than itself."""


class Codes(NamedTuple):
    """Stored weights as codes."""

    columns: Columns
    codebook: np.ndarray  # float32 [levels]: what codes are worth, scales of blocks left out
    form: str
    shared: Mapping[str, np.ndarray]
    error: float  # |w' - w| / |w| of the weights that were kept


def encode_weights(columns: Columns, value: np.ndarray, outputs: int, form: NumberFormat, across: int) -> Codes:
    """Encode pruned weights, float32 [stored]; those whose code means zero are stored no more.

    across: see `SharedFullyConnected`.
    """
    if isinstance(form, BlockFormat) and form.scaled:
        return _encode_blocks(columns, value, outputs, form, across)
    encoded = form.encode(value)
    levels = stored_levels(form, encoded.shared)
    code = _unsigned(encoded.code, form.bits)
    error = _relative(float(((levels[code].astype(np.float64) - value) ** 2).sum()), _squares(value))
    if isinstance(form, CodebookFormat):
        return Codes(columns._replace(code=code), levels, CODEBOOK, {}, error)
    return Codes(_drop(columns, code, levels[code] != 0), levels, form.name, encoded.shared, error)


def encode_bias(
    bias: np.ndarray | None, codebook: np.ndarray, form: str, shared: Mapping[str, np.ndarray], across: int
) -> tuple[np.ndarray | None, np.ndarray | None]:
    """Codes of biases, float32 [outputs], as one more column of the matrix, and their scales; see `Codes`.

    The column begins blocks of its own, under the matrix' scale of the tensor.
    """
    from workloads.number_formats import find_format

    if bias is None:
        return None, None
    if SCALE not in shared:
        return nearest(codebook, bias), None
    found = find_format(form)
    assert isinstance(found, BlockFormat)
    tensor = float(shared[TENSOR_SCALE][0]) if TENSOR_SCALE in shared else None
    found = _within_pes(found, bias.size, across)
    matrix = arrange(bias[:, None], across, found.block.columns)
    encoded = found.encode(matrix, tensor=tensor)
    scale = encoded.shared[SCALE]
    code = arrange_back(encoded.code, across, bias.size).ravel()
    grid = scale.reshape(1, across, -1)[0] if across else scale.reshape(1, -1)
    worth = found.decode(encoded)
    return np.where(arrange_back(worth, across, bias.size).ravel() == 0, 0, code).astype(code.dtype), grid


def stored_levels(form: NumberFormat, shared: Mapping[str, np.ndarray]) -> np.ndarray:
    """What the codes of a format mean, float32 [2**bits]; scales of blocks are left out.

    Codes that no weight has, as of infinities, are cut to the largest number.
    """
    if isinstance(form, BlockFormat) and form.scaled:
        return form.element.parts.value().astype(np.float32)
    with np.errstate(over="ignore", invalid="ignore"):
        levels = form.levels(shared)
    return np.nan_to_num(levels).clip(-LARGEST_FLOAT, LARGEST_FLOAT).astype(np.float32)


def _encode_blocks(columns: Columns, value: np.ndarray, outputs: int, form: BlockFormat, across: int) -> Codes:
    inputs = columns.start.size - 1
    column = np.repeat(np.arange(inputs), np.diff(columns.start))
    dense = np.zeros((outputs, inputs), np.float32)
    dense[columns.row, column] = value
    form = _within_pes(form, outputs, across)
    matrix = arrange(dense, across, form.block.columns)
    tensor = form.tensor_scale(value)
    step = max(1, CHUNK // max(1, matrix.shape[1]) // (form.block.rows or 1)) * (form.block.rows or 1)
    code, scales = np.empty(matrix.shape, np.uint8), []
    zero, lost = np.empty(matrix.shape, np.bool_), 0.0
    for first in range(0, len(matrix), step):
        given = matrix[first : first + step]
        part = form.encode(given, tensor=tensor)
        code[first : first + step] = part.code
        worth = form.decode(part)
        zero[first : first + step] = worth == 0
        lost += float(((worth - given) ** 2).sum())
        scales.append(part.shared[SCALE])
    shared = {SCALE: np.concatenate(scales)}
    if tensor is not None:
        shared[TENSOR_SCALE] = np.array([tensor], np.float32)
    stored, none = (arrange_back(array, across, outputs)[columns.row, column] for array in (code, zero))
    error = _relative(lost, _squares(value))
    levels = stored_levels(form, shared)
    return Codes(_drop(columns, stored, ~none), levels, form.name, shared, error)


def _within_pes(form: BlockFormat, outputs: int, across: int) -> BlockFormat:
    """The format with blocks no longer than the outputs of a PE, where they lie along these."""
    each = -(-outputs // across) if across else form.block.columns
    return form if form.block.columns <= each else form.with_block(form.block._replace(columns=each))


def _squares(value: np.ndarray) -> float:
    return float((value.astype(np.float64) ** 2).sum())


def _relative(lost: float, whole: float) -> float:
    return (lost / whole) ** 0.5 if whole else 0.0


def _drop(columns: Columns, code: np.ndarray, keep: np.ndarray) -> Columns:
    """The columns with these codes, those left out that are not to be kept, bool [stored]."""
    if keep.all():
        return columns._replace(code=code)
    kept = np.concatenate([[0], np.cumsum(keep)])
    return Columns(kept[columns.start].astype(np.int64), columns.row[keep], code[keep])


def _unsigned(code: np.ndarray, bits: int) -> np.ndarray:
    """Codes as indices into levels: uint8, or uint16 of more than 8 bits."""
    return (code.astype(np.int64) & ((1 << bits) - 1)).astype(np.uint8 if bits <= 8 else np.uint16)
