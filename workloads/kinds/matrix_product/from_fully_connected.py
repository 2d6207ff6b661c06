"""A fully connected layer as a matrix product of one token."""

import numpy as np

from kernels_ref.fixed_point import to_float
from workloads.kinds.fully_connected.layer import (
    CodedFullyConnected,
    CompressedFullyConnected,
    FullyConnected,
    StoredFullyConnected,
)
from workloads.kinds.matrix_product.layer import MatrixProduct

Float = FullyConnected | CodedFullyConnected | StoredFullyConnected


def from_fully_connected(layer: Float) -> MatrixProduct:
    """The numbers of its weights and biases; its input, if there is one, as the only token.

    Codes that are stored already become the numbers that they mean.
    """
    weight, bias, relu = _numbers(layer)
    token = None if layer.activation is None else layer.activation.astype(np.float32)[None]
    return MatrixProduct(layer.name, weight.astype(np.float32), bias, token, relu)


def _numbers(layer: Float) -> tuple[np.ndarray, np.ndarray | None, bool]:
    """Weights, float [outputs, inputs], biases, float32 [outputs], and whether there is a ReLU."""
    if isinstance(layer, FullyConnected):
        return layer.weight, layer.bias, layer.relu
    if isinstance(layer, CodedFullyConnected):
        bias = None if layer.bias_code is None else layer.codebook[layer.bias_code]
        return layer.codebook[layer.weight_code], bias, layer.relu
    return layer.shared.weights(), layer.shared.bias, layer.shared.relu


def from_compressed(layer: CompressedFullyConnected) -> MatrixProduct:
    """The numbers that a compressed layer computes with: weights, biases and its input as the only token."""
    weight, bias = layer.weights()[:, : layer.inputs], layer.biases()
    token = to_float(layer.activation[: layer.inputs], layer.activation_fraction_bits)
    kept = None if bias is None else bias.astype(np.float32)
    return MatrixProduct(layer.name, weight.astype(np.float32), kept, token.astype(np.float32)[None], layer.relu)
