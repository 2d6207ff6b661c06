"""How fast SCNN's engine is on the convolutions of VGG-16: products a second, and the wall time of all 13 layers."""

import time

import pytest

from simulator.machines.scnn.engine import run as engine
from simulator.machines.scnn.layout.streams import layout
from workloads.kinds import kind_of
from workloads.model import load_network
from zeroskip import load_arch, load_workload


@pytest.mark.parametrize("linear_banks", [0, 1])
def test_vgg16(capsys, linear_banks):
    arch = load_arch("scnn", linear_banks=linear_banks).arch
    layers = [workload.layer for workload in load_network("vgg16", "convolution")]
    small = load_workload("vgg16-conv5_1", scale=0.05).layer
    engine.run(arch, layout(arch, small)[0])
    kind_of(small).reference(small)
    began = time.perf_counter()
    products = 0
    for layer in layers:
        products += int(engine.run(arch, layout(arch, layer)[0]).counts.multiplies.sum())
    spent = time.perf_counter() - began
    began = time.perf_counter()
    for layer in layers:
        kind_of(layer).reference(layer)
    kernel = time.perf_counter() - began
    with capsys.disabled():
        print(f"\nVGG-16, layout and output included: {products / 1e9:.2f} G products in {spent:.2f} s, ", end="")
        print(f"{products / spent / 1e6:.0f} M a second; {spent / kernel:.1f} x kernels_ref's sparse convolution")
    assert spent < 8
    assert products / spent >= 500e6
