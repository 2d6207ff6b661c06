"""A matrix product whose inputs are split over chips."""

import numpy as np

from workloads.errors import refuse
from workloads.kinds.matrix_product.layer import CompressedProduct
from workloads.kinds.matrix_product.operand import INTEGERS, Operand, unit_of
from workloads.kinds.split import Split
from workloads.number_formats.block import SCALE, TENSOR_SCALE, BlockFormat


class ProductSplit(Split[CompressedProduct]):
    """Both operands are cut along K."""

    def part(self, layer: CompressedProduct, inputs: slice) -> CompressedProduct:
        """Some inputs, without the scales of whole tensors, bias and ReLU. InputError where a block would be cut."""
        weight, activation = (_operand_part(layer.name, one, inputs) for one in (layer.weight, layer.activation))
        return layer._replace(weight=weight, activation=activation, bias=None, relu=False, active=None)

    def adds_exactly(self, layer: CompressedProduct) -> bool:
        """INT8 is added in 32 bits."""
        return unit_of(layer.weight.form) is INTEGERS

    def finish(self, layer: CompressedProduct, total: np.ndarray) -> np.ndarray:
        """Sums, numbers [tokens x outputs], times the tensors' scales, with bias and ReLU: float32, that shape."""
        from kernels_ref.matrix_product import finish, tensor_factor

        factor = tensor_factor(layer.activation.tensor_scale, layer.weight.tensor_scale)
        sums = total.astype(np.float32).reshape(layer.tokens, layer.outputs)
        found: np.ndarray = finish(sums, factor, layer.bias, layer.relu).ravel()
        return found


def _operand_part(name: str, operand: Operand, part: slice) -> Operand:
    shared = dict(operand.shared)
    if TENSOR_SCALE in shared:
        shared[TENSOR_SCALE] = np.ones_like(shared[TENSOR_SCALE])
    if isinstance(operand.form, BlockFormat) and operand.form.scaled and operand.form.block.columns:
        block = operand.form.block.columns
        if part.start % block or part.stop % block:
            refuse(name, f"places {part.start} to {part.stop} of blocks of {block}", "whole blocks")
        shared[SCALE] = shared[SCALE][:, part.start // block : part.stop // block]
    return Operand(operand.form, operand.code[:, part], shared)
