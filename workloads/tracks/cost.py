"""Multiply-accumulates of detectors: of whole networks, and of CaTDet in each frame."""

from typing import NamedTuple

import numpy as np

from workloads.errors import refuse
from workloads.kinds.convolution.recipe import Shape, as_convolution
from workloads.sources.zoo.networks import layer_counts
from workloads.sources.zoo.recipes import zoo

SINGLE = "kitti-resnet50"
"""The network that CaTDet is compared with and refines with: its names end in -proposals and -region, too."""
PROPOSALS = {"A": "kitti-resnet10a", "B": "kitti-resnet10b"}
PROPOSED = 300
"""Regions that a network without a cascade looks into."""
PIXELS = 1242 * 375
"""Of the frames that the zoo's networks are for."""


class Costs(NamedTuple):
    """Multiply-accumulates, or times, of the parts; on the whole frame but for the two of a region."""

    backbone: float
    proposals: float
    region: float
    cheap: float  # the cheap network, its proposals included
    cheap_region: float

    @property
    def single(self) -> float:
        """Of the expensive network without a cascade."""
        return self.backbone + self.proposals + PROPOSED * self.region

    @property
    def cheap_whole(self) -> float:
        """Of the cheap network with its regions."""
        return self.cheap + PROPOSED * self.cheap_region

    def cascade(self, cover: np.ndarray, regions: np.ndarray) -> np.ndarray:
        """Of CaTDet in each frame, float64 [frames], of the covered share, float64 [frames], and int64 [frames]."""
        found: np.ndarray = self.cheap_whole + self.backbone * cover + self.region * regions
        return found

    def for_pixels(self, pixels: int) -> "Costs":
        """For frames of another size: parts of the whole frame in proportion to its area, a region as before."""
        share = pixels / PIXELS
        return self._replace(backbone=self.backbone * share, proposals=self.proposals * share, cheap=self.cheap * share)


def macs_of_shape(shape: Shape) -> int:
    """Multiply-accumulates of a convolution."""
    tall, wide = ((side + 2 * shape.padding - shape.kernel) // shape.stride + 1 for side in (shape.height, shape.width))
    return shape.outputs * (shape.inputs // shape.groups) * shape.kernel**2 * tall * wide


def network_macs(network: str) -> int:
    """Multiply-accumulates of a network of convolutions of the zoo. InputError where there is none of the name."""
    return sum(times * macs_of_shape(shape_of(layer)) for layer, times in layer_counts(network).items())


def shape_of(layer: str) -> Shape:
    """The shape of a convolution of the zoo. InputError where the layer is something else."""
    return as_convolution(layer, zoo()[layer]).shape


def detector_macs(cheap: str) -> Costs:
    """Of the single network and of CaTDet with the proposal network A or B."""
    return Costs(*(float(network_macs(name)) for name in part_networks(cheap)))


def part_networks(cheap: str) -> tuple[str, ...]:
    """The networks of the zoo in the order of `Costs`. InputError where there is no such proposal network."""
    if cheap not in PROPOSALS:
        refuse("CaTDet", f"its proposal network is {cheap!r}", f"one of {', '.join(PROPOSALS)}")
    name = PROPOSALS[cheap]
    return SINGLE, f"{SINGLE}-proposals", f"{SINGLE}-region", name, f"{name}-region"
