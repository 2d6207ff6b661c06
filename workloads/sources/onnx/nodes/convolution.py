"""Conv nodes -> convolutions of an image, which may have one row only."""

import math
from typing import NamedTuple

import numpy as np

from workloads.kinds.convolution.layer import Convolution
from workloads.kinds.convolution.limits import most_elements
from workloads.sources.onnx.messages import OnnxNode
from workloads.sources.onnx.nodes.following import Linear, fold
from workloads.sources.onnx.nodes.node import (
    FoundLayers,
    OnnxLayer,
    OnnxModel,
    UnsupportedError,
    attribute,
    captured,
    complain,
    constant,
    first_of,
    has_input,
    sizes,
)

Pair = tuple[int, int]


class Geometry(NamedTuple):
    """How a kernel moves over an image: down and right, or top, left, bottom, right."""

    kernel: Pair
    stride: Pair
    dilation: Pair
    padding: tuple[int, int, int, int]
    image: Pair | None  # height and width of the input where they are known
    axes: int  # 2, or 1 where the image is a row

    @property
    def reach(self) -> Pair:
        """Rows and columns from the first to the last of the kernel."""
        (tall, broad), (down, right) = self.kernel, self.dilation
        return (tall - 1) * down + 1, (broad - 1) * right + 1


def conv(model: OnnxModel, node: OnnxNode) -> FoundLayers:
    """Read a convolution of one or two dimensions; the layer's input is the first image of the batch.

    UnsupportedError where it is another convolution, or its padding needs an input that is not given; InputError where
    the node is not valid.
    """
    weight = constant(model, node, 1, "weight")
    groups = attribute(model, node, "group", 1)
    image, notes = read_image(model, node, weight, weight.shape[1] * groups if weight.ndim > 1 else 0)
    axes = weight.ndim - 2
    weight = as_image(weight)
    geometry = read_geometry(model, node, weight, axes, image)
    check_groups(model, node, weight, len(weight), groups)
    return make_layer(model, node, weight, image, geometry, groups, notes)


def make_layer(
    model: OnnxModel,
    node: OnnxNode,
    weight: np.ndarray,
    image: np.ndarray | None,
    geometry: Geometry,
    groups: int,
    notes: tuple[str, ...],
) -> FoundLayers:
    """The layer after folding; image: float32 [inputs, height, width]. UnsupportedError where it is too large."""
    top, left, bottom, right = geometry.padding
    height, width = geometry.image or (1, 1)
    channels = weight.shape[1] * groups
    padded = channels * (height + top + bottom) * (width + left + right)
    most = most_elements(weight.size + channels * height * width)
    if max(padded, math.prod(weight.shape[:2]) * math.prod(geometry.reach)) > most:
        raise UnsupportedError(f"its padded input or its dilated kernel has more than {most:,} elements")
    bias = constant(model, node, 2, "bias", 1) if has_input(node, 2) else None
    if bias is not None and len(bias) != len(weight):
        complain(model, node, f"it has {len(bias)} biases for {len(weight)} outputs", "one for each")
    found = fold(model, node, Linear(weight, bias, geometry.axes, 2 + geometry.axes))
    layer = Convolution(
        name=node.name,
        weight=found.weight,
        bias=found.bias,
        activation=image,
        relu=found.relu,
        stride=geometry.stride,
        padding=geometry.padding,
        groups=groups,
        dilation=geometry.dilation,
    )
    own = node.inputs[2] if bias is not None else None
    return (OnnxLayer(layer, node, node.inputs[1], own, found.output(node), found.folded, notes),)


def read_image(
    model: OnnxModel, node: OnnxNode, weight: np.ndarray, channels: int
) -> tuple[np.ndarray | None, tuple[str, ...]]:
    """The first image of the batch, float32 [channels, height, width], where the model was run; and what to note.

    weight: float32 [any shape]; UnsupportedError where it has another number of dimensions than 3 and 4.
    """
    if weight.ndim not in (3, 4):
        what = f"its weight has shape {list(weight.shape)}"
        raise UnsupportedError(f"{what}, and only convolutions of one and two dimensions are read")
    notes = () if weight.ndim == 4 else ("it has one dimension; it runs on an image of one row",)
    batch = captured(model, node)
    if batch is None:
        return None, notes
    if batch.ndim != weight.ndim or batch.shape[1] != channels:
        form = f"[batch, {channels}, {'height, width' if weight.ndim == 4 else 'length'}]"
        complain(model, node, f"its input has shape {list(batch.shape)}", form)
    more = first_of(len(batch), f"its batch has {len(batch)} images")
    return as_image(batch)[0].copy(), (*notes, *more)


def as_image(array: np.ndarray) -> np.ndarray:
    """Kernels or a batch, float32 [.., .., height, width]; one dimension, [.., .., width], becomes the width."""
    return array[:, :, None] if array.ndim == 3 else array


def check_groups(
    model: OnnxModel, node: OnnxNode, weight: np.ndarray, outputs: int, groups: int, inputs: int = 0
) -> None:
    """InputError where the channels do not divide into the groups; weight: float32 [any shape], for the message."""
    if groups < 1 or outputs % groups or inputs % groups:
        complain(model, node, f"it has weight {list(weight.shape)} and {groups} groups", "channels that fit them")


def read_geometry(
    model: OnnxModel, node: OnnxNode, weight: np.ndarray, axes: int, image: np.ndarray | None
) -> Geometry:
    """The geometry of a convolution by its attributes, which are half as many for one dimension.

    weight: float32 [outputs, inputs, height, width]; image: float32 [inputs, height, width]. InputError where an
    attribute is wrong; UnsupportedError where padding is negative, or needs a size that is not known.
    """

    def pair(key: str) -> Pair:
        found = sizes(model, node, key, (1,) * axes, 1)
        return (found[0], found[1]) if axes == 2 else (1, found[0])

    known = model.graph.sizes.get(node.inputs[0], ())[2:] if image is None else image.shape[1:]
    known = (1, *known) if image is None and axes == 1 else known
    area = (known[0], known[1]) if len(known) == 2 and all(known) else None
    plain = Geometry((weight.shape[2], weight.shape[3]), pair("strides"), pair("dilations"), (0, 0, 0, 0), area, axes)
    return plain._replace(padding=_padding(model, node, plain)) if node.kind == "Conv" else plain


def _padding(model: OnnxModel, node: OnnxNode, geometry: Geometry) -> tuple[int, int, int, int]:
    """Rows or columns of zeros: top, left, bottom, right."""
    mode = auto_pad(model, node)
    if mode == "NOTSET":
        return given_pads(model, node, geometry.axes)
    if mode == "VALID":
        return 0, 0, 0, 0
    if geometry.image is None and geometry.stride != (1, 1):
        raise UnsupportedError(f"auto_pad is {mode}, and the size of its input is not known without an input")
    totals = [
        max((-(-size // step) - 1) * step + width - size, 0)
        for size, width, step in zip(geometry.image or (1, 1), geometry.reach, geometry.stride, strict=True)
    ]
    (top, bottom), (left, right) = (halves(total, mode == "SAME_UPPER") for total in totals)
    return top, left, bottom, right


def auto_pad(model: OnnxModel, node: OnnxNode) -> str:
    """The attribute `auto_pad`. InputError where it is none that ONNX has."""
    mode = attribute(model, node, "auto_pad", "NOTSET")
    if mode not in ("NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"):
        complain(model, node, f"auto_pad is {mode!r}", "NOTSET, VALID, SAME_UPPER or SAME_LOWER")
    return mode


def given_pads(model: OnnxModel, node: OnnxNode, axes: int) -> tuple[int, int, int, int]:
    """The attribute `pads`, no rows of it where there is one dimension; UnsupportedError where one is negative."""
    none = (0,) * (2 * axes)
    if min(attribute(model, node, "pads", none), default=0) < 0:
        raise UnsupportedError(f"its pads are {list(node.attributes['pads'])}, and negative ones are not read")
    pads = sizes(model, node, "pads", none, 0)
    return (pads[0], pads[1], pads[2], pads[3]) if axes == 2 else (0, pads[0], 0, pads[1])


def halves(total: int, upper: bool) -> Pair:
    """The zeros before and after; an odd one is after the others where `upper`."""
    return (total // 2, total - total // 2) if upper else (total - total // 2, total // 2)
