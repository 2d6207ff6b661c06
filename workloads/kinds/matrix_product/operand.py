"""An operand of a matrix product in a number format, and the numbers that a dot unit computes with.

Formats whose elements are E2M1, E4M3, E5M2, INT8, BF16 or FP16 have a dot unit and hold both operands. All others (INT4
groups, codebooks, fixed point) hold weights only: these are decoded to BF16, rounded to nearest even, and multiplied
with activations in BF16.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from kernels_ref.formats import HALF_UNIT, MXFP8_UNIT, NVFP4_UNIT, Parts, Unit
from workloads.number_formats import find_format
from workloads.number_formats.block import SCALE, TENSOR_SCALE, Block, BlockFormat, CastFormat
from workloads.number_formats.elements import BF16, E2M1, E4M3, E5M2, FP16, INT8, Element
from workloads.number_formats.number_format import Encoded, NumberFormat

INTEGERS = Unit(32, 1, 0)
"""INT8: exact sums; its step only counts additions to the accumulator. Assumption: as many products as FP8."""
UNITS: tuple[tuple[Element, Unit, str], ...] = (
    (E2M1, NVFP4_UNIT, "fp4"),
    (E4M3, MXFP8_UNIT, "fp8"),
    (E5M2, MXFP8_UNIT, "fp8"),
    (INT8, INTEGERS, "int8"),
    (BF16, HALF_UNIT, "half"),
    (FP16, HALF_UNIT, "half"),
)
"""Elements with a dot unit, and the kind of its multipliers."""


class Operand(NamedTuple):
    """A matrix in a number format."""

    form: NumberFormat
    code: np.ndarray  # integers [rows, K]
    shared: Mapping[str, np.ndarray]  # what codes share, see the format

    @property
    def encoded(self) -> Encoded:
        """The codes as the format has them."""
        return Encoded(self.code, self.shared)

    @property
    def tensor_scale(self) -> float:
        """The scale of the whole matrix that is applied to sums; 1 where the format has none, or is decoded first."""
        if unit_of(self.form) is None or TENSOR_SCALE not in self.shared:
            return 1.0
        return float(self.shared[TENSOR_SCALE][0])

    def values(self) -> np.ndarray:
        """The numbers that codes mean, float64 [rows, K]."""
        return self.form.decode(self.encoded)


class Numbers(NamedTuple):
    """What a dot unit reads of an operand."""

    element: Parts  # int32 [rows, K]
    scale: Parts  # int32 [rows, blocks]
    block: int  # elements of K that share a scale
    unit: Unit


def numbers_of(operand: Operand) -> Numbers:
    """The elements and scales of an operand as whole significands and exponents."""
    form, (rows, depth) = operand.form, operand.code.shape
    unit = unit_of(form)
    if unit is None:
        words = BF16.cast(operand.values().clip(-BF16.largest, BF16.largest).astype(np.float32))
        return Numbers(BF16.parts.of(words), _ones(rows, 1), depth, HALF_UNIT)
    assert isinstance(form, BlockFormat | CastFormat)
    element = form.element.parts.of(operand.code)
    if not form.scaled:
        return Numbers(element, _ones(rows, 1), depth, unit)
    assert isinstance(form, BlockFormat)
    down, across = form.block.rows or rows, form.block.columns or depth
    scale = form.rule.parts.of(np.repeat(operand.shared[SCALE], down, axis=0)[:rows])
    return Numbers(element, scale, across, unit)


def rows_of(numbers: Numbers, rows: np.ndarray) -> Numbers:
    """Some rows of an operand, int64 [rows kept]."""
    element, scale = (
        Parts(one.significand[rows], one.exponent[rows], one.fraction) for one in (numbers.element, numbers.scale)
    )
    return numbers._replace(element=element, scale=scale)


def unit_of(form: NumberFormat) -> Unit | None:
    """The dot unit that multiplies codes of a format; None: it has none, and its codes are decoded to BF16."""
    if not isinstance(form, BlockFormat | CastFormat) or (isinstance(form, BlockFormat) and form.weights_only):
        return None
    found = next((unit for element, unit, _ in UNITS if element == form.element), None)
    if found is None or not form.scaled:
        return found
    assert isinstance(form, BlockFormat)
    fits = form.block.columns and form.block.columns % found.group == 0
    return found if fits and found is not INTEGERS else None


def multiplier_of(form: NumberFormat) -> str:
    """The kind of multipliers that a format with a dot unit needs: `fp4`, `fp8`, `int8` or `half`."""
    assert isinstance(form, BlockFormat | CastFormat)
    return next(kind for element, _, kind in UNITS if element == form.element)


def activation_format(form: NumberFormat) -> NumberFormat:
    """The format of the activations: that of the weights where it has a dot unit, else BF16.

    A block of several rows becomes one of a single row, as no two tokens share a scale.
    """
    if unit_of(form) is None:
        return find_format("bf16")
    if isinstance(form, BlockFormat) and form.block.rows > 1:
        return BlockFormat(form.name, form.about, form.element, form.rule, Block(1, form.block.columns))
    return form


def encode(form: NumberFormat, values: np.ndarray) -> Operand:
    """A matrix, float32 [rows, K], in a format."""
    encoded = form.encode(values)
    return Operand(form, encoded.code, encoded.shared)


def as_bf16(words: np.ndarray) -> Operand:
    """Words of BF16, uint16 [rows, K], as an operand."""
    return Operand(find_format("bf16"), words, {})


def _ones(rows: int, blocks: int) -> Parts:
    """Scales of 1."""
    return Parts(np.ones((rows, blocks), np.int32), np.zeros((rows, blocks), np.int32), 0)
