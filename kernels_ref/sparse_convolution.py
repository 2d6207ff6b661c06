"""Convolution over the voxels of a grid that hold something, in 16-bit fixed point.

The rule, in this order for each output:

1. products of two 16-bit words are added exactly, with the bias, which has the products' format;
2. the sum is rounded once, `round(sum / 2**shift)`, and saturates to 16 bits; ReLU follows where there is one.

Exact sums do not depend on the order of their additions, so that a machine may take pairs of an input and an output in
any order. They are far below 2**53, up to which float64 holds every integer, so that a library for products of
floating-point matrices gives them, too.
"""

from typing import NamedTuple

import numpy as np

from kernels_ref.fixed_point import HIGHEST, LOWEST, round_shift

Triple = tuple[int, int, int]
"""Sizes along x, y and z."""


class Place(NamedTuple):
    """Where a kernel reads and writes: sizes along x, y and z."""

    grid: Triple  # cells of the input
    stride: Triple
    padding: Triple
    submanifold: bool  # an output wherever there is an input, and nowhere else


def convolve(
    places: np.ndarray,
    activation: np.ndarray,
    weight: np.ndarray,
    bias: np.ndarray | None,
    place: Place,
    shift: int,
    relu: bool,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the places of outputs, int32 [outputs, 3], in ascending order, and their words, int16 [outputs, channels].

    places: int32 [voxels, 3], each once, in any order; activation: int16 [voxels, inputs]; weight: int16 [channels,
    inputs, kx, ky, kz]; bias: int64 [channels]; shift: 0 .. 62.
    """
    order = np.lexsort(places.T[::-1])
    voxels, values = places[order].astype(np.int64), activation[order].astype(np.float64)
    outputs = voxels if place.submanifold else _written(voxels, weight.shape[2:], place)
    sums = np.zeros((len(outputs), len(weight)))
    keys = _key(voxels, place.grid)
    for offset in np.ndindex(*weight.shape[2:]):
        read = outputs * place.stride - place.padding + offset
        inside = ((read >= 0) & (read < place.grid)).all(axis=1)
        wanted = _key(read, place.grid)
        at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        met = np.flatnonzero(inside & (keys[at] == wanted))
        sums[met] += values[at[met]] @ weight[:, :, *offset].astype(np.float64).T
    return outputs.astype(np.int32), finish(sums, bias, shift, relu)


def finish(sums: np.ndarray, bias: np.ndarray | None, shift: int, relu: bool) -> np.ndarray:
    """Sums of products, whole numbers in float64 or int64 [outputs, channels] -> words, int16 of that shape.

    bias: int64 [channels]; shift: 0 .. 62.
    """
    whole = sums.astype(np.int64) if bias is None else sums.astype(np.int64) + bias
    return np.clip(round_shift(whole, shift), 0 if relu else LOWEST, HIGHEST).astype(np.int16)


def _written(voxels: np.ndarray, kernel: tuple[int, ...], place: Place) -> np.ndarray:
    """The places that a kernel reaches from any voxel: int64 [outputs, 3] of int64 [voxels, 3], in ascending order."""
    cells = (np.array(place.grid) + 2 * np.array(place.padding) - kernel) // place.stride + 1
    found = []
    for offset in np.ndindex(*kernel):
        shifted = voxels + place.padding - offset
        fits = (shifted % place.stride == 0).all(axis=1) & (shifted >= 0).all(axis=1)
        to = shifted[fits] // place.stride
        found.append(to[(to < cells).all(axis=1)])
    return np.unique(np.concatenate(found), axis=0)


def _key(places: np.ndarray, grid: Triple) -> np.ndarray:
    """One number for each place, int64 [any], of int64 [any, 3]; right for those inside the grid."""
    key: np.ndarray = (places[:, 0] * grid[1] + places[:, 1]) * grid[2] + places[:, 2]
    return key
