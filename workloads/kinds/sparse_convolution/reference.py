"""The reference kernel of sparse convolutions."""

import numpy as np

from kernels_ref.sparse_convolution import Place, convolve
from workloads.kinds.sparse_convolution.layer import CompressedSparseConvolution


def reference(layer: CompressedSparseConvolution) -> np.ndarray:
    """The output, int16 [sites x outputs], site by site in ascending order, bit for bit.

    Pairs are found anew: the layer's rulebook is not read.
    """
    geometry = layer.geometry
    place = Place(geometry.grid, geometry.stride, geometry.padding, geometry.submanifold)
    _, words = convolve(layer.places, layer.activation, layer.weight, layer.bias, place, layer.shift, layer.relu)
    return words.ravel()
