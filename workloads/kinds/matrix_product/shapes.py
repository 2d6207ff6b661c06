"""Matrix products of a shape: their operands hold no values and take no memory, for runs that compute no output.

No cycle and no count of a dense machine depends on a value. All codes and scales are one zero, which is read-only. To a
machine that skips inputs that are zero, a pattern says which are, and not the codes.
"""

import numpy as np

from workloads.kinds.matrix_product.layer import CompressedProduct
from workloads.kinds.matrix_product.operand import Operand, activation_format
from workloads.number_formats import find_format
from workloads.number_formats.block import SCALE, BlockFormat
from workloads.number_formats.number_format import NumberFormat


def product_of_shape(
    name: str,
    form: str,
    tokens: int,
    inputs: int,
    outputs: int,
    two_of_four: bool = False,
    active: np.ndarray | None = None,
) -> CompressedProduct:
    """A product without a bias whose weights are in the number format `form`. InputError where that is unknown.

    active: bool [tokens, inputs], the inputs that count as other than zero; None: all.
    """
    weight = find_format(form)
    return CompressedProduct(
        name=name,
        weight=operand_of_shape(weight, outputs, inputs),
        activation=operand_of_shape(activation_format(weight), tokens, inputs),
        bias=None,
        relu=False,
        two_of_four=two_of_four,
        active=np.broadcast_to(np.True_, (tokens, inputs)) if active is None else active,
    )


def operand_of_shape(form: NumberFormat, rows: int, depth: int) -> Operand:
    """A matrix of zeros in a format: codes, integers [rows, depth], and scales share one zero."""
    one = form.encode(np.zeros((1, 1), np.float32))
    shared = dict(one.shared)
    if isinstance(form, BlockFormat) and form.scaled:
        shared[SCALE] = np.broadcast_to(np.zeros(1, shared[SCALE].dtype), form.block.counts((rows, depth)))
    return Operand(form, np.broadcast_to(np.zeros(1, one.code.dtype), (rows, depth)), shared)
