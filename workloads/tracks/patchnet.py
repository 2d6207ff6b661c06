"""PatchNet (Mao et al. 2021): its operations and parameters, its first layer in numpy, and what tracking saves.

An object of a key frame, a crop of 64 x 64, becomes 64 kernels of 8 x 8 x 3. In the frames after it they are correlated
with a search crop of 119 x 119; two small branches of convolutions make a response and four offsets of it.
"""

import math

import numpy as np

from workloads.errors import refuse

TEMPLATE, PATCH, SEARCH, COLOURS, STRIDE = 64, 8, 119, 3, 2
KERNELS = (TEMPLATE // PATCH) ** 2
KERNEL_WEIGHTS = KERNELS * PATCH * PATCH * COLOURS
"""Of an object: they are made at run time and never pruned."""
MAPS = {"correlation": 56, "conv2": 52, "pool2": 26, "conv3": 22, "pool3": 11, "conv4": 7}
"""Sides of the maps that each step puts out."""
KERNEL = 5
"""Side of the kernels after the correlation."""
CHANNELS = {"conv2": (64, 16), "conv3": (16, 4), "conv3 box": (64, 16), "conv4": (4, 1), "conv4 box": (16, 4)}
"""Inputs and outputs of each convolution."""
GROUPS = 16
"""Of the second convolution, in the variant whose operations are published."""
POOLING = 15
"""Operations for each element that the branch of the response gives to soft-select pooling, as its authors count."""
COEFFICIENTS = (PATCH, PATCH // 2 + 1, 2)
"""Of the Fourier transform of a patch: learned, for the real and the imaginary part."""


def operations(grouped: bool = True) -> dict[str, int]:
    """Operations of one object in one frame by step, multiply-accumulates but for the transform and the pooling.

    >>> sum(operations().values()), sum(operations(grouped=False).values())
    (57672404, 122568404)
    """
    maps = MAPS
    found = {
        "correlation": KERNELS * maps["correlation"] ** 2 * PATCH**2 * COLOURS,
        "transform": 2 * COLOURS * TEMPLATE**2 * int(math.log2(TEMPLATE)) ** 2,
    }
    for name, (inputs, outputs) in CHANNELS.items():
        groups = GROUPS if name == "conv2" and grouped else 1
        found[name] = outputs * (inputs // groups) * KERNEL**2 * maps[name.split()[0]] ** 2
    found["pool2"] = POOLING * CHANNELS["conv2"][1] * maps["conv2"] ** 2
    found["pool3"] = POOLING * CHANNELS["conv3"][1] * maps["conv3"] ** 2
    return found


def parameters(grouped: bool = True) -> int:
    """Learned numbers: the coefficients of the transform, weights and biases.

    >>> parameters(), parameters(grouped=False)
    (30621, 54621)
    """
    total = math.prod(COEFFICIENTS)
    for name, (inputs, outputs) in CHANNELS.items():
        groups = GROUPS if name == "conv2" and grouped else 1
        total += outputs * (inputs // groups) * KERNEL**2 + outputs
    return total


def reduction(interval: int, objects: float, detector: float, tracker: float | None = None) -> float:
    """How many times less a detector works that sees every `interval`-th frame, while PatchNet tracks in the others.

    detector: operations, or the time, of a frame; tracker: likewise of one object in a frame; None: `operations()`.

    >>> round(reduction(6, 1, 150e9), 2), round(reduction(2, 1, 8.17e9), 2)
    (5.99, 1.99)

    InputError where the interval is no frame, or a number is not above 0.
    """
    each = float(sum(operations().values())) if tracker is None else tracker
    if interval < 1 or objects < 0 or not detector > 0 or not each > 0:
        what = f"interval {interval}, {objects:g} objects, {detector:g} and {each:g} operations"
        refuse("PatchNet", what, "an interval of 1 or more, objects of 0 or more, operations above 0")
    return interval / (1 + (interval - 1) * objects * each / detector)


def make_kernels(template: np.ndarray, coefficients: np.ndarray | None = None) -> np.ndarray:
    """The kernels of an object, float32 [64, 3, 8, 8]: its patches, filtered in the Fourier domain.

    template: numbers [3, 64, 64]. coefficients: numbers [8, 5, 2], what the real and the imaginary part of each
    frequency are multiplied by; None: by one. InputError where a shape is another.
    """
    if template.shape != (COLOURS, TEMPLATE, TEMPLATE):
        refuse("PatchNet", f"the template has shape {list(template.shape)}", f"[{COLOURS}, {TEMPLATE}, {TEMPLATE}]")
    if coefficients is not None and coefficients.shape != COEFFICIENTS:
        refuse("PatchNet", f"the coefficients have shape {list(coefficients.shape)}", f"{list(COEFFICIENTS)}")
    side = TEMPLATE // PATCH
    cut = template.reshape(COLOURS, side, PATCH, side, PATCH).transpose(1, 3, 0, 2, 4)
    patches = cut.reshape(KERNELS, COLOURS, PATCH, PATCH)
    if coefficients is None:
        return np.ascontiguousarray(patches, np.float32)
    spectrum = np.fft.rfft2(patches)
    filtered = spectrum.real * coefficients[..., 0] + 1j * spectrum.imag * coefficients[..., 1]
    return np.fft.irfft2(filtered, (PATCH, PATCH)).astype(np.float32)


def correlate(search: np.ndarray, kernels: np.ndarray) -> np.ndarray:
    """Each kernel at each second place of a search crop, over the root of the energy there: float32 [64, 56, 56].

    search: numbers [3, 119, 119]; kernels: float32 [64, 3, 8, 8]. A place without energy gives 0. InputError where a
    shape is another.
    """
    if search.shape != (COLOURS, SEARCH, SEARCH) or kernels.shape != (KERNELS, COLOURS, PATCH, PATCH):
        shapes = f"{list(search.shape)} and {list(kernels.shape)}"
        refuse("PatchNet", f"search crop and kernels have shapes {shapes}", "[3, 119, 119] and [64, 3, 8, 8]")
    windows = np.lib.stride_tricks.sliding_window_view(search.astype(np.float64), (PATCH, PATCH), (1, 2))
    windows = windows[:, ::STRIDE, ::STRIDE]  # [3, 56, 56, 8, 8]
    sums = np.tensordot(kernels.astype(np.float64), windows, axes=([1, 2, 3], [0, 3, 4]))
    energy = np.sqrt((windows**2).sum(axis=(0, 3, 4)))
    return np.divide(sums, energy, out=np.zeros_like(sums), where=energy > 0).astype(np.float32)
