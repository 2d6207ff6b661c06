"""How the scale of a block is found from the greatest magnitude in it, and in which bits it is stored."""

from typing import NamedTuple, Protocol

import numpy as np

from kernels_ref.formats import Parts, e8m0, small_float
from workloads.number_formats.elements import E4M3, FP16, Element

Part = tuple[slice, slice]
"""Some blocks of a matrix: along its rows and along its columns."""
LARGEST_FLOAT = float(np.finfo(np.float32).max)


class Scales(NamedTuple):
    """The scales of blocks: as they are stored, and as the quantiser uses them."""

    code: np.ndarray  # uint8 or uint16 [blocks]
    tensor_scale: float  # of FP32, times every block's; 1 where a format has none
    encode: np.ndarray  # float32 [blocks]: what elements are multiplied by, or divided, before they are rounded
    divides: bool = False

    def of(self, blocks: Part) -> "Scales":
        """Those of some blocks."""
        return self._replace(code=self.code[blocks], encode=self.encode[blocks])


class ScaleRule(Protocol):
    """A way from the magnitudes of blocks to their scales."""

    @property
    def bits(self) -> int:
        """Of a stored scale; 0: there are no scales of blocks."""

    @property
    def tensor_bits(self) -> int:
        """Of the scale of the tensor; 0: there is none."""

    @property
    def largest(self) -> float:
        """The largest scale of a block."""

    def fit(self, magnitude: np.ndarray, element: Element, tensor: float | None = None) -> Scales:
        """Scales for blocks of these greatest magnitudes, float32 [blocks], and elements of this kind.

        tensor: the scale of the tensor, where it is known already, as for a bias next to a matrix; None: it is found.
        """

    @property
    def parts(self) -> Parts:
        """All codes of a scale as integers."""


class TwoLevel(NamedTuple):
    """An E4M3 scale for each block under an FP32 scale for the tensor: NVFP4.

    As NVIDIA TransformerEngine has it: s = amax / (448 x 6); a block's scale is E4M3(min((amax_block / 6) / s, 448));
    elements are multiplied by min(1 / (scale x s), the largest FP32), from the rounded scale. All steps are in FP32.
    divides: elements are divided by scale x s, scales are at least 2**-9, and a scale of zero becomes 1 (NVIDIA
    Model-Optimizer). reach: 448, or 256 where a block may choose to end at 4 in place of 6 (four over six).
    """

    divides: bool = False
    reach: float = 448.0
    bits: int = 8
    tensor_bits: int = 32
    largest: float = 448.0

    def fit(self, magnitude: np.ndarray, element: Element, tensor: float | None = None, times: float = 1.0) -> Scales:
        """Scales for blocks of magnitudes float32 [blocks]; times: 1.5 where the greatest element is to be 4."""
        whole = _tensor_scale(magnitude, self.reach * element.largest, tensor)
        least = np.float32(2.0**-9 if self.divides else 0)
        with np.errstate(divide="ignore", over="ignore"):  # 1 / 0, and a known scale that is far too small
            ratio = (magnitude / np.float32(element.largest)) / whole * np.float32(times)
            wanted = np.clip(ratio, least, np.float32(E4M3.largest))
            if self.divides:
                wanted = np.where(ratio == 0, np.float32(1), wanted)
            code = E4M3.cast(wanted)
            product = code.view(E4M3.dtype).astype(np.float32) * whole
            encode = np.minimum(np.float32(1) / product, np.float32(LARGEST_FLOAT))
        return Scales(code, float(whole), product if self.divides else encode, self.divides)

    @property
    def parts(self) -> Parts:
        """E4M3."""
        return small_float(4, 3)


class PowerOfTwo(NamedTuple):
    """An E8M0 scale for each block: the MX formats.

    floor: floor(log2 amax) less the exponent of the largest element, which saturates the greatest elements (Open
    Compute Project, MX specification 1.0). ceil: ceil(log2(amax / largest)), which saturates none (NVIDIA
    Model-Optimizer).
    """

    ceil: bool = False
    bits: int = 8
    tensor_bits: int = 0
    largest: float = 2.0**127

    def fit(self, magnitude: np.ndarray, element: Element, tensor: float | None = None) -> Scales:  # noqa: ARG002
        """Scales for blocks of magnitudes float32 [blocks]; a block of zeros has the least."""
        if self.ceil:
            fraction, exponent = np.frexp(magnitude.astype(np.float64) / element.largest)
            exponent = np.where(fraction == 0.5, exponent - 1, exponent)
        else:
            exponent = np.frexp(magnitude)[1] - 1 - element.exponent
        code = np.where(magnitude > 0, np.clip(exponent + 127, 0, 254), 0).astype(np.uint8)
        return Scales(code, 1.0, np.ldexp(np.float32(1), 127 - code.astype(np.int32)).astype(np.float32))

    @property
    def parts(self) -> Parts:
        """E8M0."""
        return e8m0()


class HalfScale(NamedTuple):
    """An FP16 scale for each block: amax / the largest element, as the groups of INT4 weights have it."""

    bits: int = 16
    tensor_bits: int = 0
    largest: float = 65504.0

    def fit(self, magnitude: np.ndarray, element: Element, tensor: float | None = None) -> Scales:  # noqa: ARG002
        """Scales for blocks of magnitudes float32 [blocks], at least the least FP16 where a block is not zero."""
        wanted = np.clip(magnitude / np.float32(element.largest), np.float32(2.0**-24), np.float32(FP16.largest))
        code = FP16.cast(np.where(magnitude > 0, wanted, np.float32(0)))
        return Scales(code, 1.0, code.view(np.float16).astype(np.float32), divides=True)

    @property
    def parts(self) -> Parts:
        """FP16."""
        return small_float(5, 10)


class TensorScale(NamedTuple):
    """No scale of a block, but one in FP32 for the tensor: amax / the largest element."""

    bits: int = 0
    tensor_bits: int = 32
    largest: float = 1.0

    def fit(self, magnitude: np.ndarray, element: Element, tensor: float | None = None) -> Scales:
        """The scale of the tensor; blocks, float32 [blocks], have none."""
        whole = _tensor_scale(magnitude, element.largest, tensor)
        encode = np.full(magnitude.shape, whole, np.float32)
        return Scales(np.zeros(magnitude.shape, np.uint8), float(whole), encode, divides=True)

    @property
    def parts(self) -> Parts:
        """One, whatever the code."""
        return Parts(np.ones(1, np.int32), np.zeros(1, np.int32), 0)


def _tensor_scale(magnitude: np.ndarray, largest: float, known: float | None) -> np.float32:
    """The greatest of magnitudes, float32 [any shape], over `largest`; 1 where all are 0, or what is known already."""
    if known is not None:
        return np.float32(known)
    found = np.float32(magnitude.max(initial=0)) / np.float32(largest)
    return found if found > 0 else np.float32(1)
