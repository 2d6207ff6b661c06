"""The reference kernel of BEV pooling."""

import numpy as np

from kernels_ref.bev_pooling import pool
from workloads.kinds.bev_pooling.layer import CompressedBevPooling


def reference(layer: CompressedBevPooling) -> np.ndarray:
    """The output, int16 [hit cells x channels], in ascending order of the cells, bit for bit; no ranks are read."""
    return pool(layer.depth, layer.activation, layer.cell.ravel(), layer.cloud_shift, layer.shift).ravel()
