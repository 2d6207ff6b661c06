"""The networks of the chip's rates: AlexNet of the zoo, and MobileNet of half the width on images of 128 x 128."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from simulator.config.load import Config
from simulator.machines.eyeriss_v2 import MACHINE
from workloads.kinds.convolution.layer import CompressedConvolution
from workloads.model import make_options, open_model
from workloads.workload import Workload

ALEXNET, MOBILENET = "AlexNet", "MobileNet-0.5-128"
BLOCKS = ((32, 1), (64, 2), (64, 1), (128, 2), (128, 1), (256, 2), *[(256, 1)] * 5, (512, 2), (512, 1))
"""Output channels and stride of MobileNet's pairs of a depthwise and a 1 x 1 convolution, at half the width."""
FIRST, CLASSES, IMAGE = 16, 1000, 128
WEIGHTS, INPUTS = 0.59, 0.71
"""Shares of weights of a 1 x 1 convolution and of inputs that are not zero: means of the four layers with masks."""


class Shape(NamedTuple):
    """A convolution of a square plane."""

    name: str
    inputs: int
    outputs: int
    kernel: int
    stride: int
    plane: int  # of the input
    groups: int

    @property
    def is_pruned(self) -> bool:
        """Whether the pruned network has fewer weights in it: 1 x 1 convolutions and the last layer."""
        return self.kernel == 1


def mobilenet() -> Iterator[Shape]:
    """MobileNet's layers in order (Howard et al. 2017, table 1), the last one fully connected."""
    yield Shape("conv1", 3, FIRST, 3, 2, IMAGE, 1)
    channels, plane = FIRST, IMAGE // 2
    for number, (outputs, stride) in enumerate(BLOCKS, 1):
        yield Shape(f"dw{number}", channels, channels, 3, stride, plane, channels)
        plane //= stride
        yield Shape(f"pw{number}", channels, outputs, 1, 1, plane, 1)
        channels = outputs
    yield Shape("fc", channels, CLASSES, 1, 1, 1, 1)


def layers(network: str, seed: int, config: Config) -> Iterator[Workload]:
    """The layers of a network, `sparse ` before its name where it is pruned; drawn."""
    sparse, name = network.startswith("sparse "), network.removeprefix("sparse ")
    if name == ALEXNET:
        options = make_options(seed=seed, density=None if sparse else 1.0)
        for one in open_model("alexnet", options).layers:
            yield one.load(MACHINE.formats(config.arch))
        return
    rng = np.random.default_rng(seed)
    for shape in mobilenet():
        layer = draw(shape, WEIGHTS if sparse and shape.is_pruned else 1.0, rng)
        yield Workload(shape.name, MOBILENET, seed, layer, kind="convolution")


def draw(shape: Shape, density: float, rng: np.random.Generator) -> CompressedConvolution:
    """A layer of random words of 8 bits: zeros anywhere, none in the image."""
    active = 1.0 if shape.inputs == 3 else INPUTS
    weights = shape.outputs, shape.inputs // shape.groups, shape.kernel, shape.kernel
    before, after = _padding(shape)
    return CompressedConvolution(
        name=shape.name,
        weight=_words(weights, density, rng),
        bias=None,
        activation=_words((shape.inputs, shape.plane, shape.plane), active, rng),
        relu=True,
        stride=(shape.stride, shape.stride),
        padding=(before, before, after, after),
        groups=shape.groups,
        weight_fraction_bits=7,
        activation_fraction_bits=7,
        shift=7,
    )


def _padding(shape: Shape) -> tuple[int, int]:
    """Zeros before and after a plane so that outputs are inputs over stride: after it where their number is odd."""
    whole = max(0, shape.kernel - shape.stride)
    return whole // 2, whole - whole // 2


def _words(shape: tuple[int, ...], density: float, rng: np.random.Generator) -> np.ndarray:
    """Words from 1 to 127, int16 [shape], and zeros where a random number is at least `density`."""
    return np.where(rng.random(shape) < density, rng.integers(1, 128, shape), 0).astype(np.int16)
