"""The outputs of a layer as products of matrices, offset after offset."""

import numpy as np

from workloads.kinds.sparse_convolution.layer import CompressedSparseConvolution

LOWEST, HIGHEST = -(1 << 15), (1 << 15) - 1


def output_of(layer: CompressedSparseConvolution) -> np.ndarray:
    """All outputs, int16 [sites x outputs]: float64 holds sums of products of 16-bit words exactly."""
    book, values = layer.book, layer.activation.astype(np.float64)
    kernels = layer.weight.reshape(layer.outputs, layer.inputs, -1).transpose(2, 1, 0).astype(np.float64)
    sums = np.zeros((layer.sites, layer.outputs))
    for offset, kernel in enumerate(kernels):
        mine = slice(int(book.first[offset]), int(book.first[offset + 1]))
        sums[book.target[mine]] += values[book.source[mine]] @ kernel  # an output has a pair of an offset at most
    whole = sums.astype(np.int64)
    if layer.bias is not None:
        whole += layer.bias
    rounded = (whole + ((1 << layer.shift) >> 1)) >> layer.shift
    return np.clip(rounded, 0 if layer.relu else LOWEST, HIGHEST).astype(np.int16).ravel()
