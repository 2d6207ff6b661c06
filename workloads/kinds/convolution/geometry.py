"""Stride, padding and groups of a convolution whose source has its weights only."""

from collections.abc import Mapping

import numpy as np

from workloads.kinds.convolution.crop import image_of
from workloads.kinds.convolution.layer import Convolution
from workloads.options import WorkloadOptions


def complete(
    layer: Convolution, missing: Mapping[str, int], options: WorkloadOptions, given: np.ndarray | None
) -> tuple[Convolution, tuple[str, ...]]:
    """The layer with stride and padding of the options, or 1 and 0, and with the groups that its input asks for.

    missing: what the source leaves open of `stride`, `padding` and `groups` -> in how many dimensions. given: the input
    that the layer will get, numbers [any shape]. The sentence says what is assumed.
    """
    assumed = []
    if "stride" in missing:
        step = options.stride or 1
        layer = layer._replace(stride=(step, step) if missing["stride"] == 2 else (1, step))
        assumed += ["its stride is taken to be 1 (--stride)"] if options.stride is None else []
    if "padding" in missing:
        zeros = options.padding or 0
        padding = (zeros,) * 4 if missing["padding"] == 2 else (0, zeros, 0, zeros)
        layer = layer._replace(padding=padding)
        assumed += ["its padding is taken to be 0 (--padding)"] if options.padding is None else []
    if "groups" in missing:
        groups = _groups(layer, given)
        layer = layer._replace(groups=groups)
        if groups > 1:
            assumed.append(
                f"it is taken to have {groups} groups, as its input has {groups * layer.weight.shape[1]} channels"
            )
        elif given is None and layer.weight.shape[1] == 1 and len(layer.weight) > 1:
            assumed.append(
                "it is taken to read one channel; an input of more channels makes it a depthwise convolution"
            )
    return layer, tuple(assumed)


def _groups(layer: Convolution, given: np.ndarray | None) -> int:
    """As many groups as make the channels of an input [..., channels, height, width], where the outputs have them."""
    outputs, inputs = layer.weight.shape[:2]
    image = None if given is None else image_of(layer, given)
    if image is None or image.ndim != 3:
        return 1
    groups, left = divmod(len(image), inputs)
    return groups if groups and not left and outputs % groups == 0 else 1
