"""The reference kernel of a gradient that is sent in part."""

import numpy as np

from kernels_ref.gradient import Sample, send
from workloads.kinds.gradient.layer import CompressedGradient


def reference(layer: CompressedGradient) -> np.ndarray:
    """The message, the residual and the velocity, int16 [words], bit for bit."""
    sample = Sample(layer.start, layer.stride, layer.samples, layer.top)
    found = send(layer.gradient, layer.velocity, layer.residual, layer.momentum, layer.wanted, sample)
    return layer.to_words(found.words, found.residual, found.velocity)
