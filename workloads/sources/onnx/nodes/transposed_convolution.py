"""ConvTranspose nodes -> convolutions of their input with zeros between its rows and columns."""

import math

import numpy as np

from workloads.kinds.convolution.limits import most_elements
from workloads.sources.onnx.messages import OnnxNode
from workloads.sources.onnx.nodes.convolution import (
    Geometry,
    Pair,
    as_image,
    auto_pad,
    check_groups,
    given_pads,
    halves,
    make_layer,
    read_geometry,
    read_image,
)
from workloads.sources.onnx.nodes.node import FoundLayers, OnnxModel, UnsupportedError, attribute, constant, sizes


def conv_transpose(model: OnnxModel, node: OnnxNode) -> FoundLayers:
    """Read a transposed convolution as a convolution of its input with zeros between, by the turned kernel.

    UnsupportedError and InputError as in `conv`, and where its pads are larger than its kernel.
    """
    weight = constant(model, node, 1, "weight")
    groups = attribute(model, node, "group", 1)
    image, notes = read_image(model, node, weight, len(weight))
    axes = weight.ndim - 2
    weight = as_image(weight)
    check_groups(model, node, weight, weight.shape[1] * groups, groups, len(weight))
    geometry = _transposed(model, node, read_geometry(model, node, weight, axes, image))
    (inputs, outputs, tall, broad), stride = weight.shape, geometry.stride
    turned = weight.reshape(groups, inputs // groups, outputs, tall, broad)[..., ::-1, ::-1].transpose(0, 2, 1, 3, 4)
    turned = np.ascontiguousarray(turned).reshape(groups * outputs, inputs // groups, tall, broad)
    if image is not None:
        image = _spread(image, stride)
        geometry = geometry._replace(image=(image.shape[1], image.shape[2]))
    between = "it is a transposed convolution; it runs as a convolution of its input with zeros between"
    return make_layer(model, node, turned, image, geometry._replace(stride=(1, 1)), groups, (between, *notes))


def _transposed(model: OnnxModel, node: OnnxNode, geometry: Geometry) -> Geometry:
    """The geometry with the zeros around the spread input: what the kernel reaches, less what the pads cut off."""
    more = sizes(model, node, "output_padding", (0,) * geometry.axes, 0)
    extra = (more[0], more[1]) if geometry.axes == 2 else (0, more[0])
    mode = auto_pad(model, node)
    asked = node.attributes.get("output_shape")
    if asked is None and mode in ("NOTSET", "VALID"):
        cut = given_pads(model, node, geometry.axes) if mode == "NOTSET" else (0, 0, 0, 0)
    else:
        cut = _cut_to_shape(model, node, geometry, extra)
    (tall, broad), (top, left, bottom, right) = geometry.reach, cut
    padding = tall - 1 - top, broad - 1 - left, tall - 1 - bottom + extra[0], broad - 1 - right + extra[1]
    if min(padding) < 0:
        raise UnsupportedError("its pads are larger than its kernel, which is not read")
    return geometry._replace(padding=padding)


def _cut_to_shape(model: OnnxModel, node: OnnxNode, geometry: Geometry, extra: Pair) -> tuple[int, int, int, int]:
    """The pads that give `output_shape`, or an output of the input's size times the stride."""
    if geometry.image is None:
        raise UnsupportedError("the size of its output is given, and that of its input is not known without an input")
    wanted = tuple(size * step for size, step in zip(geometry.image, geometry.stride, strict=True))
    if "output_shape" in node.attributes:
        shape = attribute(model, node, "output_shape", (1,) * geometry.axes)[-geometry.axes :]
        wanted = shape if geometry.axes == 2 else (1, *shape)
    full = [
        step * (size - 1) + add + width
        for size, step, add, width in zip(geometry.image, geometry.stride, extra, geometry.reach, strict=True)
    ]
    totals = [whole - size for whole, size in zip(full, wanted, strict=True)]
    if min(totals) < 0:
        raise UnsupportedError(f"its output {list(wanted)} is larger than its kernel reaches, which is not read")
    (top, bottom), (left, right) = (halves(total, auto_pad(model, node) == "SAME_UPPER") for total in totals)
    return top, left, bottom, right


def _spread(image: np.ndarray, stride: Pair) -> np.ndarray:
    """The image with stride - 1 zeros between its rows and columns, float32 [channels, height, width]."""
    channels, height, width = image.shape
    shape = channels, (height - 1) * stride[0] + 1, (width - 1) * stride[1] + 1
    most = most_elements(image.size)
    if math.prod(shape) > most:
        raise UnsupportedError(f"its input with zeros between has more than {most:,} elements")
    found = np.zeros(shape, np.float32)
    found[:, :: stride[0], :: stride[1]] = image
    return found
