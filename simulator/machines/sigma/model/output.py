"""What SIGMA's outputs are, of the pairs that its Flex-DPEs multiplied."""

from collections.abc import Mapping

import numpy as np

from simulator.hardware.dot_units.plain import Accumulator, add_step
from workloads.kinds.matrix_product.layer import CompressedProduct
from workloads.kinds.matrix_product.operand import Numbers, numbers_of


@np.errstate(over="ignore")
def output_of(layer: CompressedProduct, met: Mapping[tuple[int, int], list[int]]) -> np.ndarray:
    """All outputs, float32 [tokens x outputs], of the pairs that were multiplied, added as the number format's unit.

    met: by token and output, the places of K whose products were added; a pair that was not multiplied counts as zero.
    """
    activation, weight = numbers_of(layer.activation), numbers_of(layer.weight)
    output = np.zeros((layer.tokens, layer.outputs), np.float32)
    for token, row in np.ndindex(output.shape):
        places = met.get((token, row), [])
        assert len(set(places)) == len(places), "a pair was multiplied twice"
        output[token, row] = _finish(layer, row, _sum(_only(activation, token, places), weight, row))
    return output.ravel()


def _only(numbers: Numbers, row: int, places: list[int]) -> Numbers:
    """A row of an operand whose elements elsewhere than at `places` are zero."""
    kept = np.zeros(numbers.element.significand.shape[1], np.bool_)
    kept[places] = True
    significand = np.where(kept, numbers.element.significand[row], 0)[None]
    element = numbers.element._replace(significand=significand, exponent=numbers.element.exponent[row][None])
    return numbers._replace(element=element)


def _sum(activation: Numbers, weight: Numbers, row: int) -> np.float32:
    held, depth, step = Accumulator(), weight.element.significand.shape[1], weight.unit.step
    for first in range(0, depth, step):
        held = add_step(held, activation, 0, weight, row, range(first, min(first + step, depth)))
    return held.value


def _finish(layer: CompressedProduct, row: int, value: np.float32) -> np.float32:
    """Bias and ReLU."""
    if layer.bias is not None:
        value = value + layer.bias[row]
    return max(value, np.float32(0)) if layer.relu else value
