"""The reference kernel of matrix products."""

import numpy as np

from kernels_ref.matrix_product import finish, integer_product, product, tensor_factor
from workloads.kinds.matrix_product.layer import CompressedProduct
from workloads.kinds.matrix_product.operand import INTEGERS, numbers_of


def reference(layer: CompressedProduct) -> np.ndarray:
    """The output, float32 [tokens x outputs], bit for bit."""
    weight, activation = numbers_of(layer.weight), numbers_of(layer.activation)
    if weight.unit is INTEGERS:
        sums = integer_product(activation.element.significand, weight.element.significand)
    else:
        operands = activation.element, activation.scale, weight.element, weight.scale
        sums = product(*operands, weight.block, weight.unit)
    factor = tensor_factor(layer.activation.tensor_scale, layer.weight.tensor_scale)
    return finish(sums, factor, layer.bias, layer.relu).ravel()
