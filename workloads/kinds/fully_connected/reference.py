"""The reference kernel of fully connected layers."""

import numpy as np

from kernels_ref.fully_connected import multiply, multiply_scaled
from workloads.kinds.fully_connected.layer import CompressedFullyConnected


def reference(layer: CompressedFullyConnected) -> np.ndarray:
    """The output, int16 [outputs], bit for bit."""
    parts = *layer.columns, layer.codebook, layer.activation
    if layer.scales is None:
        return multiply(*parts, layer.shift, layer.outputs, layer.relu, layer.initial)
    scales = layer.scales
    grid = scales.significand, scales.shift, scales.group, scales.rows
    return multiply_scaled(*parts, grid, scales.multiplier, layer.outputs, layer.relu, layer.initial)
