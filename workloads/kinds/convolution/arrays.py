"""Named arrays -> a convolution."""

from collections.abc import Mapping

import numpy as np

from workloads.array_checks import flag, shaped
from workloads.errors import refuse
from workloads.kinds.convolution.layer import Convolution
from workloads.yaml_files import LONGEST_SHOWN, shorten

GEOMETRY = ("stride", "padding", "groups")
KEYS = ("weight", "bias", "activation", "relu", *GEOMETRY, "dilation")
MOST = 1 << 16
"""Of a stride, a padding or a number of groups."""
PLANES = {1: {"length": None}, 2: {"height": None, "width": None}}
"""The sizes of a plane by its dimensions."""


def is_convolution(arrays: Mapping[str, np.ndarray]) -> bool:
    """Whether arrays, numbers [any shape] by name, have a weight of three or four dimensions."""
    return "weight" in arrays and arrays["weight"].ndim in (3, 4)


def from_convolution_arrays(source: object, name: str, arrays: Mapping[str, np.ndarray]) -> Convolution:
    """Check arrays and make a layer of them. InputError says of `source` what is missing or wrong.

    `weight` float [outputs, inputs / groups, height, width], or [outputs, inputs / groups, length] of a convolution in
    one dimension. Optional: `bias` float [outputs]; `activation` float [inputs, height, width] or [inputs, length],
    perhaps with a batch of 1 before; `relu`, one boolean; integers `stride` (1 or one for each dimension; if absent 1),
    `padding` of zeros (0 if absent; one, one for each dimension, or all before and then all after), `groups` (if absent
    as many as the input's channels ask for, or 1) and `dilation` (as `stride`).
    """
    for key in arrays:
        if key not in KEYS:
            refuse(source, f"it has an unknown key {shorten(key, LONGEST_SHOWN)}", f"only {', '.join(KEYS)}")
    sides = arrays["weight"].ndim - 2
    weight = shaped(source, "weight", arrays["weight"], {"outputs": None, "inputs / groups": None, **PLANES[sides]})
    outputs, inputs = weight.shape[:2]
    bias = shaped(source, "bias", arrays["bias"], {"outputs of weight": outputs}) if "bias" in arrays else None
    image = _image(source, arrays["activation"], sides) if "activation" in arrays else None
    groups = _groups(source, arrays, inputs, None if image is None else len(image))
    if outputs % groups:
        refuse(source, f"groups is {groups}", f"a divisor of the {outputs} outputs")
    if image is not None and len(image) != inputs * groups:
        expected = f"[{inputs * groups}, {', '.join(PLANES[sides])}]"
        refuse(source, f"activation has shape {list(image.shape)}", expected)
    dilation = _sizes(source, arrays, "dilation", sides, (1,) * sides, 1)
    stride = _sizes(source, arrays, "stride", sides, (1,) * sides, 1)
    padding = _sizes(source, arrays, "padding", sides, (0,) * 2 * sides, 0)
    return Convolution(
        name=name,
        weight=weight if sides == 2 else weight[:, :, None],
        bias=bias,
        activation=image if image is None or sides == 2 else image[:, None],
        relu=flag(source, arrays),
        stride=(stride[0], stride[1]) if sides == 2 else (1, stride[0]),
        padding=(padding[0], padding[1], padding[2], padding[3]) if sides == 2 else (0, padding[0], 0, padding[1]),
        groups=groups,
        dilation=(dilation[0], dilation[1]) if sides == 2 else (1, dilation[0]),
    )


def _image(source: object, array: np.ndarray, sides: int) -> np.ndarray:
    """The input, float32 [channels, height, width] or [channels, length]; a batch of 1 before them is left out."""
    if array.ndim == sides + 2:
        if len(array) != 1:
            expected = f"one input [channels, {', '.join(PLANES[sides])}]"
            refuse(source, f"activation has shape {list(array.shape)}", expected)
        array = array[0]
    return shaped(source, "activation", array, {"channels": None, **PLANES[sides]})


def _groups(source: object, arrays: Mapping[str, np.ndarray], inputs: int, channels: int | None) -> int:
    """As many groups as are given, or as the channels of the input ask for."""
    if "groups" in arrays or channels is None or channels % inputs:
        (found,) = _sizes(source, arrays, "groups", 1, (1,), 1)
        return found
    return channels // inputs


def _sizes(
    source: object, arrays: Mapping[str, np.ndarray], key: str, sides: int, default: tuple[int, ...], least: int
) -> tuple[int, ...]:
    """Integers from `least` on, as many as the default has: of one, one for each side, or all of them."""
    if key not in arrays:
        return default
    array = arrays[key]
    if array.dtype.kind not in "ui" or array.size not in (1, sides, len(default)):
        counts = " or ".join(map(str, sorted({1, sides, len(default)})))
        refuse(source, f"{key} is {_shown(array)}", f"{counts} integers")
    found = [int(size) for size in array.reshape(-1)]
    if not least <= min(found) <= max(found) <= MOST:
        refuse(source, f"{key} is {_shown(array)}", f"from {least} to {MOST}")
    return tuple(found * (len(default) // len(found)))


def _shown(array: np.ndarray) -> str:
    """The array's numbers, or its type and shape where it is no small array of numbers."""
    if array.dtype.kind in "fui" and array.size <= 4:
        return str(array.tolist())
    return f"{array.dtype} {list(array.shape)}"
