"""How fast SCNN's engine is on the convolutions of VGG-16: products per second of processor time, layout included."""

import time

import pytest

from simulator.machines.scnn.engine import run as engine
from simulator.machines.scnn.layout.streams import layout
from workloads.kinds import kind_of
from workloads.model import load_network
from zeroskip import load_arch, load_workload


def seconds(call):
    """What a call returns, and the processor time of all its threads."""
    began = time.process_time()
    found = call()
    return found, time.process_time() - began


@pytest.mark.parametrize(("linear_banks", "least"), [(0, 1200e6), (1, 1000e6)])
def test_vgg16(capsys, linear_banks, least):
    arch = load_arch("scnn", linear_banks=linear_banks).arch
    layers = [workload.layer for workload in load_network("vgg16", "convolution")]
    small = load_workload("vgg16-conv5_1", scale=0.05).layer
    engine.run(arch, layout(arch, small)[0])
    kind_of(small).reference(small)
    products, spent, kernel, lines = 0, 0.0, 0.0, []
    for layer in layers:
        tries = [seconds(lambda layer=layer: engine.run(arch, layout(arch, layer)[0])) for _ in range(3)]
        run, least_spent = min(tries, key=lambda one: one[1])
        references = [seconds(lambda layer=layer: kind_of(layer).reference(layer))[1] for _ in range(3)]
        products += int(run.counts.multiplies.sum())
        spent, kernel = spent + least_spent, kernel + min(references)
        lines.append(f"{layer.name:16} {least_spent * 1e3:6.0f} ms {least_spent / min(references):6.1f} x the kernel")
    with capsys.disabled():
        print(
            f"\nVGG-16, layout and output included: {products / 1e9:.2f} G products in {spent:.2f} s of CPU time, ",
            end="",
        )
        print(f"{products / spent / 1e6:.0f} M a second; {spent / kernel:.1f} x kernels_ref's sparse convolution")
        print(*lines, sep="\n")
    assert products / spent >= least
    assert spent < 6 * kernel
