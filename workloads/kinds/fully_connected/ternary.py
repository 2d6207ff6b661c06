"""Fully connected layers with ternary weights (TTQ, Zhu et al., ICLR 2017)."""

import numpy as np

from workloads.compression.prune import prune
from workloads.compression.shared import SharedFullyConnected
from workloads.kinds.fully_connected.layer import FullyConnected
from workloads.number_formats.codebook import nearest
from workloads.number_formats.ternary import Sides


def store_ternary(layer: FullyConnected, split: Sides, positive: float, negative: float) -> SharedFullyConnected:
    """Return the layer with these ternary weights, stored as codes of two bits; its bias is kept."""
    columns, value = prune(split.positive.astype(np.float32) - split.negative.astype(np.float32), None)
    codebook = np.array([0, -negative, positive, 0], np.float32)
    outputs, inputs = layer.weight.shape
    return SharedFullyConnected(
        name=layer.name,
        inputs=inputs,
        outputs=outputs,
        columns=columns._replace(code=np.where(value > 0, 2, 1).astype(np.uint8)),
        codebook=codebook,
        bias=layer.bias,
        bias_code=None if layer.bias is None else nearest(codebook, layer.bias),
        relu=layer.relu,
    )
