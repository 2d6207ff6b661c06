"""The reference kernel of a mixture of experts: tokens go through a few of many networks of two or three matrices.

For each expert that any token chose, in ascending order, and for the tokens that chose it: the up product, as
`kernels_ref.matrix_product` adds it, in FP32; squared ReLU, max(y, 0)**2; the result in the format of the activations;
the down product in FP32, times the token's share of this expert, added to what the experts before it gave. With a gate,
a third matrix, SiLU(gate) x up takes the place of the squared ReLU: g / (1 + e**-g) for g >= 0, and
g e**g / (1 + e**g) below, with the power of two of `kernels_ref.attention`. All in FP32, each operation rounded to
nearest even; numbers beyond FP32 are its largest number.

Assumption: what is between the matrices is encoded as a tensor by itself, of this expert and its tokens, so that a
format's scales, also that of the whole tensor, are found from just these values.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from kernels_ref.attention import LARGEST
from kernels_ref.formats import Parts, Unit
from kernels_ref.matrix_product import finish, integer_product, product, tensor_factor
from kernels_ref.powers import power_of_two

LOG2_E = np.float32(np.log2(np.e))


class Matrix(NamedTuple):
    """An operand: activations or weights."""

    element: Parts  # int32 [rows, K]
    scale: Parts  # int32 [rows, blocks]
    tensor_scale: float
    block: int  # elements of K that share a scale
    unit: Unit | None  # None: elements are integers, which are added exactly

    def rows(self, places: np.ndarray) -> "Matrix":
        """Some of its rows, int64 [rows kept]."""
        element, scale = (
            Parts(one.significand[places], one.exponent[places], one.fraction) for one in (self.element, self.scale)
        )
        return self._replace(element=element, scale=scale)


class Weights(NamedTuple):
    """An expert."""

    up: Matrix  # [width, inputs]
    down: Matrix  # [inputs, width]
    gate: Matrix | None  # [width, inputs]


@np.errstate(over="ignore", under="ignore")
def mix(
    activation: Matrix, choice: np.ndarray, share: np.ndarray, experts: Sequence[Weights],
    encode: Callable[[np.ndarray], Matrix],
) -> np.ndarray:  # fmt: skip
    """The output, float32 [tokens, inputs].

    choice: int64 [tokens, chosen], different experts of each token; share: float32 of that shape. experts: those that
    were chosen, ascending. encode: values, float32 [tokens of an expert, width], in the format of the activations.
    ValueError where there are not as many experts as are chosen.
    """
    output = np.zeros((len(choice), activation.element.significand.shape[1]), np.float32)
    for number, weights in zip(np.unique(choice), experts, strict=True):
        tokens, place = np.nonzero(choice == number)
        read = activation.rows(tokens)
        up = _dots(read, weights.up)
        if weights.gate is None:
            hidden = _finite(np.maximum(up, np.float32(0)) ** 2)
        else:
            hidden = _finite(silu(_dots(read, weights.gate)) * up)
        found = _finite(_dots(encode(hidden), weights.down) * share[tokens, place][:, None])
        output[tokens] = _finite(output[tokens] + found)
    return output


def silu(gate: np.ndarray) -> np.ndarray:
    """G / (1 + e**-g), float32, for g, finite float32 [any shape]."""
    small = power_of_two(-_finite(np.abs(gate) * LOG2_E))
    found: np.ndarray = np.where(gate >= 0, gate, gate * small) / (np.float32(1) + small)
    return found


def _dots(activation: Matrix, weight: Matrix) -> np.ndarray:
    """A product times the scales of both tensors, float32 [tokens, outputs]."""
    if weight.unit is None:
        sums = integer_product(activation.element.significand, weight.element.significand)
    else:
        operands = activation.element, activation.scale, weight.element, weight.scale
        sums = product(*operands, weight.block, weight.unit)
    return _finite(finish(sums, tensor_factor(activation.tensor_scale, weight.tensor_scale), None, False))


def _finite(values: np.ndarray) -> np.ndarray:
    """Numbers, float32 [any shape], within the largest of FP32."""
    return np.clip(values, -LARGEST, LARGEST)
