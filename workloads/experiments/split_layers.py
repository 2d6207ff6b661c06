"""Layers whose inputs are split over chips: what each chip holds, and how the chips' sums become the output."""

from collections.abc import Sequence

import numpy as np

from kernels_ref.fixed_point import HIGHEST, LOWEST, round_shift
from kernels_ref.matrix_product import finish, tensor_factor
from workloads.errors import refuse
from workloads.kinds.fully_connected.layer import CompressedFullyConnected
from workloads.kinds.kind import CompressedLayer
from workloads.kinds.matrix_product.layer import CompressedProduct
from workloads.kinds.matrix_product.operand import INTEGERS, Operand, unit_of
from workloads.number_formats.block import SCALE, TENSOR_SCALE, BlockFormat


def split_inputs(layer: CompressedLayer, parts: int) -> list[CompressedLayer]:
    """Each chip's part of a layer, of as many inputs, in the formats of the whole, without bias and ReLU.

    What a machine does at the end, once, is left out: ReLU, and the scales of whole tensors. InputError where the
    inputs are no multiple of the parts, or the layer is of a kind that is not split here.
    """
    if parts < 1 or layer.inputs % parts:
        refuse(layer.name, f"{layer.inputs} inputs are split over {parts} chips", "as many for each")
    size = layer.inputs // parts
    ranges = [slice(part * size, (part + 1) * size) for part in range(parts)]
    if isinstance(layer, CompressedProduct):
        return [_product_part(layer, one) for one in ranges]
    if not isinstance(layer, CompressedFullyConnected):
        refuse(layer.name, f"it is a {type(layer).__name__}", "a matrix product or a fully connected layer")
    return [_fully_connected_part(layer, one) for one in ranges]


def adds_whole_numbers(layer: CompressedLayer) -> bool:
    """Whether a machine adds the products of a layer in whole numbers, whose order does not matter."""
    if isinstance(layer, CompressedProduct):
        return unit_of(layer.weight.form) is INTEGERS
    return isinstance(layer, CompressedFullyConnected)


def add_words(layer: CompressedLayer, parts: Sequence[np.ndarray]) -> np.ndarray:
    """The output of a layer out of whole numbers, int16 or float32 [outputs of the run] each: the same dtype and shape.

    Whole numbers are added exactly in any order; 16-bit words saturate once.
    """
    total = np.sum([part.astype(np.int64) for part in parts], axis=0)
    if isinstance(layer, CompressedProduct):
        return finish_product(layer, total.astype(np.float32))
    assert isinstance(layer, CompressedFullyConnected)
    total = np.clip(total, LOWEST, HIGHEST)
    if layer.scales is not None and layer.scales.multiplier:
        total = round_shift(total * layer.scales.multiplier, 15)
    return np.maximum(total, 0).astype(np.int16) if layer.relu else total.astype(np.int16)


def finish_product(layer: CompressedProduct, sums: np.ndarray) -> np.ndarray:
    """Sums, float32 [tokens x outputs], times the tensors' scales, with bias and ReLU: float32 [tokens x outputs]."""
    factor = tensor_factor(layer.activation.tensor_scale, layer.weight.tensor_scale)
    found: np.ndarray = finish(sums.reshape(layer.tokens, layer.outputs), factor, layer.bias, layer.relu).ravel()
    return found


def _product_part(layer: CompressedProduct, part: slice) -> CompressedProduct:
    weight, activation = (_operand_part(one, part) for one in (layer.weight, layer.activation))
    return layer._replace(weight=weight, activation=activation, bias=None, relu=False, active=None)


def _operand_part(operand: Operand, part: slice) -> Operand:
    """Some places of K; blocks of scales are not cut. InputError where they would be."""
    shared = dict(operand.shared)
    if TENSOR_SCALE in shared:
        shared[TENSOR_SCALE] = np.ones_like(shared[TENSOR_SCALE])
    if isinstance(operand.form, BlockFormat) and operand.form.scaled and operand.form.block.columns:
        block = operand.form.block.columns
        if part.start % block or part.stop % block:
            refuse("split", f"places {part.start} to {part.stop} of blocks of {block}", "whole blocks")
        shared[SCALE] = shared[SCALE][:, part.start // block : part.stop // block]
    return Operand(operand.form, operand.code[:, part], shared)


def _fully_connected_part(layer: CompressedFullyConnected, part: slice) -> CompressedFullyConnected:
    start, row, code = layer.columns
    first, last = int(start[part.start]), int(start[part.stop])
    columns = type(layer.columns)(start[part.start : part.stop + 1] - first, row[first:last], code[first:last])
    scales = layer.scales
    if scales is not None:
        scales = scales._replace(group=scales.group[part], multiplier=0)
    return layer._replace(
        inputs=part.stop - part.start,
        columns=columns,
        activation=layer.activation[part],
        has_bias=False,
        relu=False,
        initial=None,
        scales=scales,
    )
