"""How fast SCNN's engine is on the convolutions of VGG-16: products a second, and the wall time of all 13 layers."""

import time

from simulator.machines.scnn.engine import run as engine
from simulator.machines.scnn.layout.streams import layout
from simulator.run.verify import KERNELS
from workloads.sources.zoo.networks import load_network
from zeroskip import load_arch, load_workload


def test_vgg16(capsys):
    arch = load_arch("scnn").arch
    layers = [workload.layer for workload in load_network("vgg16", "convolution")]
    small = load_workload("vgg16-conv5_1", scale=0.05).layer
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
