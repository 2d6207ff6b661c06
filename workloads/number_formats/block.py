"""Elements of a few bits with a scale for each block: NVFP4, the MX formats, groups of INT4; FP8 and INT8 with none."""

import math
from collections.abc import Iterator, Mapping
from copy import copy
from typing import NamedTuple

import numpy as np

from kernels_ref.formats import Parts
from workloads.number_formats.elements import Element, stochastic
from workloads.number_formats.number_format import Encoded, NumberFormat
from workloads.number_formats.scale_rules import LARGEST_FLOAT, Part, ScaleRule, Scales, TwoLevel

SCALE, TENSOR_SCALE = "scale", "tensor_scale"
"""What blocks share: unsigned integers [row blocks, column blocks], and float32 [1], which only some rules have."""
FOUR = 1.5
"""A block's scale times this ends its elements at 4 in place of 6 (four over six, arXiv 2512.02010)."""


class Block(NamedTuple):
    """The shape of a block of a matrix [outputs, K]; 0: the whole side."""

    rows: int
    columns: int

    def counts(self, shape: tuple[int, int]) -> tuple[int, int]:
        """How many blocks a matrix has along each side; the last ones may be short."""
        return tuple(-(-side // (size or max(1, side))) for side, size in zip(shape, self, strict=True))  # type: ignore[return-value]

    def sizes(self, shape: tuple[int, int]) -> tuple[int, int]:
        """The shape of a block of this matrix, no larger than it."""
        return tuple(min(size or side, side) or 1 for side, size in zip(shape, self, strict=True))  # type: ignore[return-value]


class BlockFormat(NumberFormat):
    """Elements with a scale for each block of a matrix [outputs, K], as NVFP4: 16 elements along K.

    Values of one dimension are one row; of more dimensions, the first is outputs and all others are K. weights_only:
    activations stay in 16 bits, so that products are not those of a block-scaled dot unit.
    """

    def __init__(
        self, name: str, about: str, element: Element, rule: ScaleRule, block: Block, weights_only: bool = False
    ):
        self.name, self.about, self.weights_only = name, about, weights_only
        self.element, self.rule, self.block = element, rule, block
        self.bits, self.scaled = element.bits, rule.bits > 0

    def encode(
        self, values: np.ndarray, rng: np.random.Generator | None = None, tensor: float | None = None
    ) -> Encoded:
        """Codes, unsigned integers, of values, float32 [any shape]; see SCALE and TENSOR_SCALE for what blocks share.

        rng: elements are rounded at random to one of the two nearest, with the value as expected value; None: to
        nearest, ties to even. tensor: the scale of the tensor, where it is known already.
        """
        matrix = as_matrix(values)
        blocks = split(matrix, self.block)
        scales = self.rule.fit(_magnitudes(blocks), self.element, tensor)
        code = np.empty(blocks.shape, np.uint8 if self.bits <= 8 else np.uint16)
        for part in parts_of(blocks):
            code[places_of(part)] = self._round(blocks[places_of(part)], scales.of(part), rng)
        return self._join(values.shape, matrix.shape, code, scales)

    def with_block(self, block: Block) -> "BlockFormat":
        """The same format with blocks of another shape."""
        found = copy(self)
        found.block = block
        return found

    def tensor_scale(self, values: np.ndarray) -> float | None:
        """The scale of a tensor of values, float32 [any shape]; None where the format has none."""
        if not self.rule.tensor_bits:
            return None
        return self.rule.fit(np.abs(values).max(initial=0).reshape(1, 1), self.element).tensor_scale

    def _round(self, blocks: np.ndarray, scales: Scales, rng: np.random.Generator | None) -> np.ndarray:
        """The codes of blocks, float32 [row blocks, rows, column blocks, columns]: integers of that shape."""
        factor = scales.encode[:, None, :, None]
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            scaled = blocks / factor if scales.divides else blocks * factor
        scaled = np.where(blocks == 0, np.float32(0), scaled)  # 0 x inf, 0 / 0
        clipped = scaled.clip(-self.element.largest, self.element.largest).astype(np.float32)
        return self.element.cast(clipped) if rng is None else stochastic(self.element, clipped, rng)

    def _join(self, shape: tuple[int, ...], matrix: tuple[int, int], code: np.ndarray, scales: Scales) -> Encoded:
        whole = code.reshape(code.shape[0] * code.shape[1], code.shape[2] * code.shape[3])[: matrix[0], : matrix[1]]
        shared = {SCALE: scales.code} if self.scaled else {}
        if self.rule.tensor_bits:
            shared[TENSOR_SCALE] = np.array([scales.tensor_scale], np.float32)
        return Encoded(np.ascontiguousarray(whole).reshape(shape), shared)

    def decode(self, encoded: Encoded) -> np.ndarray:
        """Element x scale x scale of the tensor, exactly: float64 [shape of the codes]."""
        number = self.element.parts.value()[encoded.code]
        if self.scaled:
            matrix = as_matrix(number)
            down, across = self.block.sizes(matrix.shape)
            factor = self.rule.parts.value()[encoded.shared[SCALE]].repeat(down, axis=0)[: matrix.shape[0]]
            complete = matrix.shape[1] // across
            blocks = matrix[:, : complete * across].reshape(len(matrix), complete, across)  # no copy: an axis in two
            blocks *= factor[:, :complete, None]
            matrix[:, complete * across :] *= factor[:, complete:]
        tensor = encoded.shared.get(TENSOR_SCALE)
        if tensor is not None:
            number *= float(tensor[0])
        return number

    def storage_bits(self, encoded: Encoded) -> int:
        """Elements, those that fill the last blocks along K included, a scale for each block, one for the tensor.

        Without block scales no element is added.
        """
        shape = as_matrix(encoded.code).shape
        elements = math.prod(shape)
        if self.scaled and elements:
            elements = shape[0] * self.block.counts(shape)[1] * (self.block.columns or shape[1])
        return elements * self.bits + self.shared_bits(encoded)

    def shared_bits(self, encoded: Encoded) -> int:
        """A scale for each block, and one for the tensor."""
        scales = encoded.shared[SCALE].size if self.scaled else 0
        return scales * self.rule.bits + self.rule.tensor_bits

    def problem(self, shared: Mapping[str, np.ndarray], shape: tuple[int, int]) -> str | None:
        """Why arrays, integers or floats [any shape], cannot be the scales of a matrix of this shape."""
        tensor = shared.get(TENSOR_SCALE)
        if self.rule.tensor_bits and (
            tensor is None or tensor.dtype != np.float32 or tensor.shape != (1,) or not 0 < float(tensor[0]) < np.inf
        ):
            return "its tensor_scale is not float32 [1], finite and above 0"
        if not self.scaled:
            return None
        scale, wanted = shared.get(SCALE), list(self.block.counts(shape))
        word = np.uint8 if self.rule.bits <= 8 else np.uint16
        if scale is None or scale.dtype != word or list(scale.shape) != wanted:
            return f"its scales are not {word.__name__} {wanted}"
        parts = self.rule.parts
        worth = parts.value()
        known = (parts.significand >= 0) & np.isfinite(worth) & (worth <= self.rule.largest)
        if not known[scale].all():
            return "one of its scales is negative or no number"
        reach = self.element.largest * float(worth[scale].max(initial=0)) * (1 if tensor is None else float(tensor[0]))
        return None if reach <= LARGEST_FLOAT else f"its weights may reach {reach:.3g}, beyond 32 bits"

    def scale_parts(self, encoded: Encoded) -> Parts:
        """The scales of the blocks as integers, int32 [row blocks, column blocks]."""
        return self.rule.parts.of(encoded.shared[SCALE])


class FourOverSix(BlockFormat):
    """NVFP4 whose blocks end at 6 or at 4, whichever has the smaller squared error (arXiv 2512.02010)."""

    def __init__(self, name: str, about: str, element: Element, block: Block):
        super().__init__(name, about, element, TwoLevel(reach=256.0), block)

    def encode(
        self, values: np.ndarray, rng: np.random.Generator | None = None, tensor: float | None = None
    ) -> Encoded:
        """As `BlockFormat.encode`, values float32 [any shape]; of two equal errors, the block ends at 6."""
        matrix = as_matrix(values)
        blocks = split(matrix, self.block)
        magnitude = _magnitudes(blocks)
        assert isinstance(self.rule, TwoLevel)
        six, four = (self.rule.fit(magnitude, self.element, tensor, times) for times in (1.0, FOUR))
        code, chosen = np.empty(blocks.shape, np.uint8), six.code.copy()
        for part in parts_of(blocks):
            some = blocks[places_of(part)]
            fits = six.of(part), four.of(part)
            codes = [self._round(some, scales, rng) for scales in fits]
            errors = [self._error(some, one, scales) for one, scales in zip(codes, fits, strict=True)]
            better = errors[1] < errors[0]
            code[places_of(part)] = np.where(better[:, None, :, None], codes[1], codes[0])
            chosen[part] = np.where(better, fits[1].code, fits[0].code)
        return self._join(values.shape, matrix.shape, code, six._replace(code=chosen))

    def _error(self, blocks: np.ndarray, code: np.ndarray, scales: Scales) -> np.ndarray:
        """The squared error of each block, float64 [row blocks, column blocks]."""
        factor = self.rule.parts.value()[scales.code] * scales.tensor_scale
        numbers = self.element.parts.value()[code] * factor[:, None, :, None]
        error: np.ndarray = ((numbers - blocks) ** 2).sum(axis=(1, 3))
        return error


class CastFormat(NumberFormat):
    """Each value by itself: BF16 and FP16."""

    def __init__(self, name: str, about: str, element: Element):
        self.name, self.about, self.element, self.bits = name, about, element, element.bits

    def encode(self, values: np.ndarray) -> Encoded:
        """Codes, unsigned integers, of values, float32 [any shape]; what is too large becomes the largest number."""
        kept = values.clip(-self.element.largest, self.element.largest) + np.float32(0)  # -0 becomes 0
        return Encoded(self.element.cast(kept), {})

    def decode(self, encoded: Encoded) -> np.ndarray:
        """The numbers: float64 [shape of the codes]."""
        return self.element.parts.value()[encoded.code]

    def storage_bits(self, encoded: Encoded) -> int:
        """Codes."""
        return encoded.code.size * self.bits


def as_matrix(values: np.ndarray) -> np.ndarray:
    """Values, float32 or integers [any shape], as a matrix [outputs, K]; of one dimension they are one row."""
    return values.reshape(1, -1) if values.ndim < 2 else values.reshape(values.shape[0], math.prod(values.shape[1:]))


def split(matrix: np.ndarray, block: Block) -> np.ndarray:
    """A matrix, float32, as blocks, float32 [row blocks, rows, column blocks, columns]; short blocks end with zeros."""
    counts, sizes = block.counts(matrix.shape), block.sizes(matrix.shape)
    whole = np.zeros((counts[0] * sizes[0], counts[1] * sizes[1]), np.float32)
    whole[: matrix.shape[0], : matrix.shape[1]] = matrix
    return whole.reshape(counts[0], sizes[0], counts[1], sizes[1])


PART = 1 << 20
"""Values whose codes are found together: more take no less time, and a dozen arrays of their size."""


def parts_of(blocks: np.ndarray) -> Iterator[Part]:
    """All blocks of float32 [row blocks, rows, column blocks, columns] in turn, PART values or a block at a time.

    In the order of their rows, so that what is drawn for them does not depend on PART where a block has one row.
    """
    down, rows, across, columns = blocks.shape
    wide = max(1, min(across, PART // max(1, rows * columns)))
    high = max(1, PART // max(1, rows * across * columns))
    for top in range(0, down, high):
        for left in range(0, across, wide):
            yield slice(top, top + high), slice(left, left + wide)


def places_of(part: Part) -> tuple[slice, slice, slice, slice]:
    """Where values of some blocks are in an array [row blocks, rows, column blocks, columns]."""
    return part[0], slice(None), part[1], slice(None)


def _magnitudes(blocks: np.ndarray) -> np.ndarray:
    """The greatest magnitude of each block of float32 [row blocks, rows, column blocks, columns]: float32 [blocks]."""
    found = np.empty((blocks.shape[0], blocks.shape[2]), np.float32)
    for part in parts_of(blocks):
        found[part] = np.abs(blocks[places_of(part)]).max(axis=(1, 3), initial=0)
    return found
