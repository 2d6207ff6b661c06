"""From a layer in floating point to both operands of a matrix product in a number format."""

import numpy as np

from kernels_ref.matrix_product import MOST_INT32
from workloads.compression.masks import keep_largest
from workloads.errors import InputError, refuse
from workloads.kinds.fully_connected.layer import check_sides
from workloads.kinds.matrix_product.format import ProductFormat
from workloads.kinds.matrix_product.layer import CompressedProduct, MatrixProduct
from workloads.kinds.matrix_product.operand import INTEGERS, Operand, activation_format, encode, unit_of
from workloads.kinds.matrix_product.two_of_four import keep_two
from workloads.number_formats import find_format
from workloads.number_formats.block import BlockFormat


def compress_product(
    layer: MatrixProduct, density: float | None = None, wanted: ProductFormat | None = None
) -> CompressedProduct:
    """Prune the weights and put both operands into a number format.

    density: the share of weights to keep, by magnitude; None keeps every non-zero. wanted: the format, BF16 where it is
    None; its two of four are taken of what pruning left. InputError where the layer has no input, a side or the density
    is out of range, the format is unknown, or where sums of INT8 products could take more than 32 bits.
    """
    wanted = ProductFormat() if wanted is None else wanted
    if layer.activation is None:
        raise InputError(f"{layer.name}: it has no input; expected an activation [tokens, inputs]")
    check_sides(layer.name, layer.weight.shape[1], layer.weight.shape[0])
    form = find_format(wanted.weight_format)
    kept = prune(layer.weight, density)
    if wanted.two_of_four:
        kept = keep_two(kept)
    weight, activation = encode(form, kept), encode(activation_format(form), layer.activation)
    check_sums(layer.name, weight)
    values, read = weight.values(), activation.values()
    return CompressedProduct(
        name=layer.name,
        weight=weight,
        activation=activation,
        bias=None if layer.bias is None else layer.bias.astype(np.float32),
        relu=layer.relu,
        two_of_four=wanted.two_of_four,
        notes=(*lost("weights", kept, values, weight), *lost("activations", layer.activation, read, activation)),
        weight_error=_relative(values, kept),
        weight_density=np.count_nonzero(values) / values.size,
        activation_density=np.count_nonzero(read) / read.size,
    )


def prune(weight: np.ndarray, density: float | None) -> np.ndarray:
    """The largest weights, float32 [outputs, inputs], others zero. InputError where the density is not from 0 to 1."""
    if density is None:
        return weight
    kept: np.ndarray = np.where(keep_largest(np.abs(weight), density), weight, np.float32(0))
    return kept


def check_sums(name: str, weight: Operand) -> None:
    """InputError where the sums of INT8 products of an output could take more than 32 bits."""
    if unit_of(weight.form) is not INTEGERS:
        return
    assert isinstance(weight.form, BlockFormat)
    most, inputs = MOST_INT32 // int(weight.form.element.largest) ** 2, weight.code.shape[1]
    if inputs > most:
        refuse(name, f"it has {inputs:,} inputs", f"at most {most:,}, as sums of {weight.form.name} have 32 bits")


def lost(what: str, given: np.ndarray, values: np.ndarray, operand: Operand) -> tuple[str, ...]:
    """A sentence where numbers that were not zero are zero in the format.

    given: float32 [rows, K]; values: the same as the operand has them, float64 [rows, K].
    """
    active, left = int(np.count_nonzero(given)), int(np.count_nonzero(values))
    if left == active:
        return ()
    return (f"{active - left} of {active} non-zero {what} are rounded to zero in {operand.form.name}",)


def _relative(values: np.ndarray, given: np.ndarray) -> float:
    """|values - given| / |given|; 0 where all are zero."""
    whole = float((given.astype(np.float64) ** 2).sum())
    return (float(((values - given) ** 2).sum()) / whole) ** 0.5 if whole else 0.0
