"""The reference kernel of convolutions."""

import numpy as np

from kernels_ref.convolution import convolve
from workloads.kinds.convolution.layer import CompressedConvolution


def reference(layer: CompressedConvolution) -> np.ndarray:
    """The output, int16 [outputs x height x width], channel by channel, row by row, bit for bit."""
    geometry = layer.stride, layer.padding, layer.groups
    return convolve(layer.weight, layer.bias, layer.activation, *geometry, layer.shift, layer.relu).ravel()
