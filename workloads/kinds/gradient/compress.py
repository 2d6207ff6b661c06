"""From a gradient to the numbers that decide what is sent of it."""

import numpy as np

from workloads.compression.gradients.selection import sample_stride, wanted
from workloads.kinds.gradient.arrays import check_density
from workloads.kinds.gradient.layer import CompressedGradient, Gradient


def compress_gradient(layer: Gradient, density: float | None, rng: np.random.Generator) -> CompressedGradient:
    """The sample by the rule of the authors' code, its start drawn. density: None: the layer's own.

    InputError where the density is not in (0, 1].
    """
    share = layer.sent_density if density is None else density
    check_density(layer.name, share)
    size = layer.gradient.size
    stride = sample_stride(size, share)
    samples = size // stride
    return CompressedGradient(
        name=layer.name,
        gradient=layer.gradient,
        velocity=layer.velocity,
        residual=layer.residual,
        momentum=float(np.float32(layer.momentum)),
        wanted=wanted(size, share),
        start=int(rng.integers(stride)),
        stride=stride,
        samples=samples,
        top=wanted(samples, share),
    )
