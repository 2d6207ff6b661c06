"""How fast SCNN's engine is on the convolutions of VGG-16: products a second, and the wall time of all 13 layers."""

import time

import numpy as np

from simulator import load_arch
from simulator.scnn import engine
from simulator.scnn.streams import layout
from simulator.validate import KERNELS
from workloads.layers import CompressedConvolution

# channels in, channels out, rows and columns, density of weights and of activations: as in the zoo's recipes
VGG16 = [
    (3, 64, 224, 0.57, 1.00),
    (64, 64, 224, 0.21, 0.50),
    (64, 128, 112, 0.33, 0.89),
    (128, 128, 112, 0.35, 0.79),
    (128, 256, 56, 0.53, 0.81),
    (256, 256, 56, 0.22, 0.63),
    (256, 256, 56, 0.41, 0.69),
    (256, 512, 28, 0.32, 0.71),
    (512, 512, 28, 0.26, 0.50),
    (512, 512, 28, 0.34, 0.45),
    (512, 512, 14, 0.35, 0.39),
    (512, 512, 14, 0.29, 0.33),
    (512, 512, 14, 0.36, 0.32),
]


def drawn(channels, outputs, side, density, active):
    rng = np.random.default_rng(0)

    def words(shape, share):
        return np.where(rng.random(shape) < share, rng.integers(1, 100, shape), 0).astype(np.int16)

    weight, activation = words((outputs, channels, 3, 3), density), words((channels, side, side), active)
    return CompressedConvolution("drawn", weight, None, activation, True, (1, 1), (1, 1, 1, 1), 1, 8, 8, 8)


def test_vgg16(capsys):
    arch = load_arch("scnn").arch
    layers = [drawn(*shape) for shape in VGG16]
    small = drawn(2, 2, 8, 0.5, 0.5)
    engine.run(arch, layout(arch, small)[0])
    KERNELS[type(small)](small)
    began = time.perf_counter()
    products = 0
    for layer in layers:
        products += int(engine.run(arch, layout(arch, layer)[0]).counts.multiplies.sum())
    spent = time.perf_counter() - began
    began = time.perf_counter()
    for layer in layers:
        KERNELS[type(layer)](layer)
    kernel = time.perf_counter() - began
    with capsys.disabled():
        print(f"\nVGG-16, layout and output included: {products / 1e9:.2f} G products in {spent:.2f} s, ", end="")
        print(f"{products / spent / 1e6:.0f} M a second; {spent / kernel:.1f} x kernels_ref's sparse convolution")
    assert spent < 8
    assert products / spent >= 500e6
