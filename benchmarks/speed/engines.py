"""The engines, next to the reference kernel that only computes the output."""

from collections.abc import Iterator
from typing import Any

from benchmarks.speed.pairs import Figure, compare, within
from simulator.core.registry import find
from simulator.machines.eie import engine as eie
from simulator.machines.eie.layout.streams import layout as eie_layout
from simulator.machines.ese.engine import run as ese
from simulator.machines.ese.layout.streams import layout as ese_layout
from simulator.machines.scnn.arch import Arch
from simulator.machines.scnn.engine import run as scnn
from simulator.machines.scnn.layout.streams import layout as scnn_layout
from workloads.kinds import reference_output
from workloads.kinds.convolution.layer import CompressedConvolution
from workloads.model import load_network
from zeroskip import load_arch, load_workload

DENSE = "kernels_ref on the same compressed layer"


def figures(rounds: int) -> Iterator[Figure]:
    """EIE, ESE and SCNN, output and timing."""
    layer = load_workload("alexnet-fc6").layer
    yield from _two_ways(eie, load_arch("eie").arch, eie_layout, layer, "EIE, alexnet-fc6", 5 * rounds)
    arch = load_arch("ese").arch
    layer = load_workload("google-lstm", formats=find("ese").formats(arch)).layer
    yield from _two_ways(ese, arch, ese_layout, layer, "ESE, google-lstm, DRAM in the loop", 2 * rounds)
    yield from _scnn(rounds)


def _two_ways(engine: Any, arch: Any, layout: Any, layer: Any, what: str, rounds: int) -> Iterator[Figure]:
    """A machine's engine on one layer, with the output and without. layout: of the machine."""
    (streams,) = layout(arch, layer)
    plain = within(reference_output, layer)
    for how, run in (("with output", engine.run), ("timing and counts alone", engine.run_without_output)):
        yield compare("engine", f"{what}, {how}", within(run, arch, streams), DENSE, plain, rounds)


def _scnn(rounds: int) -> Iterator[Figure]:
    layers = [workload.layer for workload in load_network("vgg16", "convolution")]
    for banks, linear in (("channels 7 banks apart", 0), ("the linear address", 1)):
        arch = load_arch("scnn", linear_banks=linear).arch
        products = sum(_products(arch, layers))
        what = f"SCNN, the 13 convolutions of VGG-16, layout, conflicts and output, banks by {banks}"
        found = compare("engine", what, within(_products, arch, layers), DENSE, within(_references, layers), rounds)
        yield found._replace(note=f"{products / found.seconds / 1e6:,.0f} M products a second")
        (streams,) = scnn_layout(arch, layers[-1])
        last = within(scnn.run, arch, streams)
        plain = within(reference_output, layers[-1])
        yield compare("engine", f"SCNN, vgg16-conv5_3, banks by {banks}", last, DENSE, plain, rounds)


def _products(arch: Arch, layers: list[CompressedConvolution]) -> list[int]:
    """Laid out and simulated: the products of each."""
    return [int(scnn.run(arch, scnn_layout(arch, layer)[0]).counts.multiplies.sum()) for layer in layers]


def _references(layers: list[CompressedConvolution]) -> None:
    for layer in layers:
        reference_output(layer)
