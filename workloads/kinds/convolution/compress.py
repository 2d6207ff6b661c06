"""From a convolution in floating point to 16-bit words: prune, then linear fixed point.

Weights, input and sums have one format each.
"""

import math

import numpy as np

from kernels_ref.fixed_point import HIGHEST, LOWEST, WORD_BITS, to_fixed
from workloads.compression.masks import by_granularity
from workloads.errors import InputError
from workloads.kinds.convolution.layer import CompressedConvolution, Convolution
from workloads.kinds.convolution.limits import most_elements, most_outputs, most_products
from workloads.kinds.fully_connected.losses import HEADROOM_BITS, MOST_SHIFT, saturation_note
from workloads.number_formats.fixed_point import Fixed, quantise

LARGEST_BIAS = 1 << 22
"""Half of what 24-bit accumulators hold."""
LARGEST_STEP = 65_535
"""Of a stride."""
BLOCK_PLACES = 1 << 12
"""Output places whose inputs are gathered at once: 150 MB in the largest layer of VGG-16."""


def compress_convolution(
    layer: Convolution,
    density: float | None = None,
    granularity: int = 0,
    bits: int = WORD_BITS,
    activation_fraction_bits: int | None = None,
    weight_bits: int = WORD_BITS,
    block_outputs: int = 1,
) -> CompressedConvolution:
    """Prune a convolution and choose formats for its weights, its input and its sums: the finest that hold them.

    density: the share of weights to keep, by magnitude (None keeps every non-zero), in groups of `granularity`
    dimensions (see `masks.by_granularity`). For a mask of your own give `layer._replace(weight=weight * mask)`. bits:
    2 .. 16, of a weight and of an activation; weight_bits: of a weight, where they are fewer. activation_fraction_bits:
    the input's format of 16 bits where it is given, as that of another layer's output is. block_outputs: single weights
    are pruned in blocks, see `masks.by_blocks`.

    The sums of the given input stay a bit below saturation, and so far below the ends of 24 bits. `notes` says what
    the words could not hold. InputError where the layer has no input or its parts do not fit each other, where a
    granularity has no density, and where a number is out of its range.
    """
    if layer.activation is None:
        raise InputError(f"{layer.name}: it has no input; expected an activation [inputs, height, width]")
    check_shapes(layer)
    if density is None and granularity != 0:
        raise InputError(f"granularity is {granularity}, but no density is given; expected both or none")
    kept = layer.weight
    if density is not None:
        kept = kept * by_granularity(kept, density, granularity, layer.groups, block_outputs)
    weight = quantise(kept, min(bits, weight_bits))
    if activation_fraction_bits is None:
        image = quantise(layer.activation, bits)
    else:
        image = Fixed(to_fixed(layer.activation, activation_fraction_bits), WORD_BITS, activation_fraction_bits)
    product_bits = weight.fraction_bits + image.fraction_bits
    bias = np.zeros(len(kept)) if layer.bias is None else np.ldexp(layer.bias.astype(np.float64), product_bits)
    words = dilate(weight.word, layer.dilation)
    largest = _largest_sum(layer, words, image.word, bias)
    needed = int(largest).bit_length() - (WORD_BITS - 1 - HEADROOM_BITS)
    shift = min(max(0, needed), MOST_SHIFT)
    rounded = np.floor(np.ldexp(bias, -shift) + 0.5)
    return CompressedConvolution(
        name=layer.name,
        weight=words,
        bias=None if layer.bias is None else np.clip(rounded, -LARGEST_BIAS, LARGEST_BIAS).astype(np.int32),
        activation=image.word,
        relu=layer.relu,
        stride=layer.stride,
        padding=layer.padding,
        groups=layer.groups,
        weight_fraction_bits=weight.fraction_bits,
        activation_fraction_bits=image.fraction_bits,
        shift=shift,
        notes=_losses(kept, weight, layer.activation, image, needed),
        dilation=layer.dilation,
    )


def dilate(kernel: np.ndarray, dilation: tuple[int, int]) -> np.ndarray:
    """Kernels, int16 [outputs, inputs, rows, columns], with dilation - 1 zeros between their rows and columns."""
    if dilation == (1, 1):
        return kernel
    *channels, tall, broad = kernel.shape
    down, across = dilation
    found = np.zeros((*channels, (tall - 1) * down + 1, (broad - 1) * across + 1), kernel.dtype)
    found[:, :, ::down, ::across] = kernel
    return found


def check_shapes(layer: Convolution) -> None:
    """InputError where the parts of a convolution do not fit each other, or where it has no output."""
    outputs, inputs = layer.weight.shape[:2]
    shape = () if layer.activation is None else layer.activation.shape
    if layer.groups < 1 or outputs % layer.groups or (layer.bias is not None and layer.bias.shape != (outputs,)):
        biases = "no bias" if layer.bias is None else f"a bias {list(layer.bias.shape)}"
        parts = f"a weight {list(layer.weight.shape)}, {biases} and {layer.groups} groups"
        raise InputError(f"{layer.name}: it has {parts}; expected outputs that fit them all")
    if len(shape) != 3 or shape[0] != inputs * layer.groups:
        expected = f"[{inputs * layer.groups}, height, width]"
        raise InputError(f"{layer.name}: its input has shape {list(shape)}; expected {expected}")
    if min(*layer.stride, 1 + min(layer.padding)) < 1:
        steps = f"its stride is {list(layer.stride)} and its padding {list(layer.padding)}"
        raise InputError(f"{layer.name}: {steps}; expected a stride from 1 and a padding from 0 on")
    if max(layer.stride) > LARGEST_STEP:
        raise InputError(f"{layer.name}: its stride is {list(layer.stride)}; expected at most {LARGEST_STEP:,}")
    if min(layer.dilation) < 1:
        raise InputError(f"{layer.name}: its dilation is {list(layer.dilation)}; expected one from 1 on")
    tall, broad = reach(layer)
    top, left, bottom, right = layer.padding
    plane = shape[1] + top + bottom, shape[2] + left + right
    if tall > plane[0] or broad > plane[1]:
        sizes = f"its kernel is {tall} x {broad}, and its padded input {plane[0]} x {plane[1]}"
        raise InputError(f"{layer.name}: {sizes}; expected a kernel that fits")
    _check_work(layer)
    padded, kernels = math.prod(plane) * inputs * layer.groups, outputs * inputs * tall * broad
    most = most_elements(layer.weight.size + math.prod(shape))
    if max(padded, kernels) > most:
        what = f"its padded input has {padded:,} elements and its dilated kernels {kernels:,}"
        raise InputError(f"{layer.name}: {what}; expected at most {most:,} of each")


def _check_work(layer: Convolution) -> None:
    """InputError where a layer of a few values has an output, or work, of another size."""
    assert layer.activation is not None
    height, width = output_plane(layer)
    values = layer.weight.size + layer.activation.size
    outputs, products = len(layer.weight) * height * width, layer.weight.size * height * width
    if outputs > most_outputs(values):
        what = f"its output has {outputs:,} elements"
        raise InputError(f"{layer.name}: {what}; expected at most {most_outputs(values):,}")
    if products > most_products(values):
        what = f"it has {products:,} multiplications"
        raise InputError(f"{layer.name}: {what}; expected at most {most_products(values):,}")


def output_plane(layer: Convolution) -> tuple[int, int]:
    """Rows and columns of the output of a layer that has an input."""
    assert layer.activation is not None
    top, left, bottom, right = layer.padding
    (_, high, wide), (tall, broad) = layer.activation.shape, reach(layer)
    return (high + top + bottom - tall) // layer.stride[0] + 1, (wide + left + right - broad) // layer.stride[1] + 1


def reach(layer: Convolution) -> tuple[int, int]:
    """Rows and columns from the first to the last of a kernel, dilated."""
    (tall, broad), (down, across) = layer.weight.shape[2:], layer.dilation
    return (tall - 1) * down + 1, (broad - 1) * across + 1


def _largest_sum(layer: Convolution, weight: np.ndarray, image: np.ndarray, bias: np.ndarray) -> float:
    """The greatest magnitude of an output in the format of the products, before any rounding.

    Exact whatever the order of the additions: products of 16-bit integers add up to less than 2**53, which float64
    holds, for any layer of less than 2**23 weights an output.
    """
    top, left, bottom, right = layer.padding
    padded = np.pad(image, ((0, 0), (top, bottom), (left, right)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, weight.shape[2:], (1, 2))
    windows = windows[:, :: layer.stride[0], :: layer.stride[1], :: layer.dilation[0], :: layer.dilation[1]]
    windows = windows.transpose(0, 3, 4, 1, 2)
    weight = weight[:, :, :: layer.dilation[0], :: layer.dilation[1]]
    channels, largest = weight.shape[1], 0.0
    rows = max(1, BLOCK_PLACES // windows.shape[4])
    for group in range(layer.groups):
        part = slice(group * len(weight) // layer.groups, (group + 1) * len(weight) // layer.groups)
        matrix = weight[part].reshape(part.stop - part.start, -1).astype(np.float64)
        for first in range(0, windows.shape[3], rows):
            block = windows[group * channels : (group + 1) * channels, :, :, first : first + rows]
            sums = matrix @ block.astype(np.float64).reshape(matrix.shape[1], -1)
            sums += bias[part, None]
            largest = max(largest, float(sums.max()), -float(sums.min()))
    return largest


def _losses(kept: np.ndarray, weight: Fixed, activation: np.ndarray, image: Fixed, needed: int) -> tuple[str, ...]:
    """What the words could not hold of weights, input and sums, whose shift should be `needed`, a sentence each."""
    found = []
    for what, values, fixed in (("weights", kept, weight), ("activations", activation, image)):
        active = int(np.count_nonzero(values))
        lost = active - int(np.count_nonzero(fixed.word))
        if lost:
            found.append(f"{lost} of {active} non-zero {what} are rounded to zero in {fixed.bits} bits")
    scaled = np.floor(np.ldexp(activation, image.fraction_bits) + 0.5)
    saturated = int(np.count_nonzero(scaled != np.clip(scaled, LOWEST, HIGHEST)))
    if saturated:
        found.append(f"{saturated} activations saturate in the given format")
    return (*found, *saturation_note(needed))
