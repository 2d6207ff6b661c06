"""The reference kernel of fully connected layers."""

import numpy as np

from kernels_ref.fully_connected import multiply
from workloads.kinds.fully_connected.layer import CompressedFullyConnected


def reference(layer: CompressedFullyConnected) -> np.ndarray:
    """The output, int16 [outputs], bit for bit."""
    columns, shape = layer.columns, (layer.shift, layer.outputs, layer.relu)
    return multiply(*columns, layer.codebook, layer.activation, *shape, layer.initial)
