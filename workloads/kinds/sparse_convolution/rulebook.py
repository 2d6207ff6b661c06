"""Which voxel meets which weight for which output: the pairs of a sparse convolution, offset after offset.

Places are voxels of a grid, int32 [voxels, 3] along x, y and z, in ascending order of their number in it, as
`number_of` counts. A submanifold layer has an output where it has an input; another has one wherever a kernel reaches
an input, so that inputs spread.
"""

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from workloads.distinct import distinct
from workloads.errors import refuse

Triple = tuple[int, int, int]
"""Sizes along x, y and z."""
MOST_CELLS = 1 << 40
"""Of a grid: numbers of cells stay far within 64 bits."""
MOST_REACHED, MOST_MERGED = 1 << 24, 1 << 28
"""Places that a kernel may write, each as often as it does; and places of all offsets that are merged: seconds."""
ROOM = 4
"""Pairs for each output that are set aside at first; more are asked for where they are not enough."""


class Geometry(NamedTuple):
    """Where a kernel reads and where it writes."""

    grid: Triple  # cells of the input
    kernel: Triple
    stride: Triple
    padding: Triple  # empty cells on both sides; of a submanifold layer half a kernel
    submanifold: bool

    @property
    def offsets(self) -> int:
        """Places of the kernel."""
        return math.prod(self.kernel)

    @property
    def output_grid(self) -> Triple:
        """Cells of the output."""
        if self.submanifold:
            return self.grid
        x, y, z = (
            (cells + 2 * edge - size) // step + 1
            for cells, size, step, edge in zip(self.grid, self.kernel, self.stride, self.padding, strict=True)
        )
        return x, y, z


class Rulebook(NamedTuple):
    """Pairs of an input and an output, sorted by offset and then by output: offset k has those from first[k] on."""

    places: np.ndarray  # int32 [outputs, 3]
    first: np.ndarray  # int64 [offsets + 1]
    source: np.ndarray  # int32 [pairs]: number of the input
    target: np.ndarray  # int32 [pairs]: number of the output

    @property
    def pairs(self) -> int:
        """All pairs."""
        return self.source.size


def number_of(places: np.ndarray, grid: Triple) -> np.ndarray:
    """The number of each place, int32 [voxels, 3], in the grid, int64 [voxels]: x slowest, z fastest."""
    wide = places.astype(np.int64)
    found: np.ndarray = (wide[:, 0] * grid[1] + wide[:, 1]) * grid[2] + wide[:, 2]
    return found


def place_of(number: np.ndarray, grid: Triple) -> np.ndarray:
    """The place of each number, int64 [voxels], in the grid: int32 [voxels, 3]."""
    rest, z = np.divmod(number, grid[2])
    x, y = np.divmod(rest, grid[1])
    return np.stack([x, y, z], axis=1).astype(np.int32)


def make_rulebook(places: np.ndarray, geometry: Geometry) -> Rulebook:
    """All pairs of sorted places, int32 [voxels, 3], each of them once. InputError where they take too long to find."""
    outputs = places if geometry.submanifold else reached(places, geometry)
    merged = geometry.offsets * (len(places) + len(outputs))
    if merged > MOST_MERGED:
        refuse("voxels", f"{merged:,} places of all offsets are merged", f"at most {MOST_MERGED:,}")
    mine = number_of(places, geometry.grid)
    sizes = np.array([geometry.grid, geometry.kernel, geometry.stride, geometry.padding], np.int64)
    first, size = np.zeros(geometry.offsets + 1, np.int64), ROOM * max(len(places), len(outputs)) + 64
    while True:
        source, target = np.empty(size, np.int32), np.empty(size, np.int32)
        found = _match(mine, outputs, sizes, first, source, target)
        if found <= size:
            return Rulebook(outputs, first, source[:found].copy(), target[:found].copy())
        size = found


def reached(places: np.ndarray, geometry: Geometry) -> np.ndarray:
    """The places that a kernel which is no submanifold one writes, int32 [outputs, 3], of places int32 [voxels, 3].

    InputError where they are too many.
    """
    sizes = np.array([geometry.output_grid, geometry.kernel, geometry.stride, geometry.padding], np.int64)
    most = len(places) * math.prod(
        -(-size // step) for size, step in zip(geometry.kernel, geometry.stride, strict=True)
    )
    if most > MOST_REACHED:
        refuse("voxels", f"a kernel {list(geometry.kernel)} writes up to {most:,} places", f"at most {MOST_REACHED:,}")
    numbers = np.empty(most, np.int64)
    return place_of(distinct(numbers[: _reach(places, sizes, numbers)]), geometry.output_grid)


@njit(cache=True)
def _reach(places, sizes, numbers):  # type: ignore[no-untyped-def]
    """Fill `numbers`, int64 [room], with those of all cells that a kernel writes, some of them often; return how many.

    places: int32 [voxels, 3]; sizes: int64 [4, 3], output grid, kernel, stride and padding.
    """
    grid, kernel, stride, padding = sizes[0], sizes[1], sizes[2], sizes[3]
    low, high, found = np.zeros(3, np.int64), np.zeros(3, np.int64), 0
    for voxel in range(places.shape[0]):
        for axis in range(3):
            at = places[voxel, axis] + padding[axis]
            low[axis] = max(0, -(-(at - kernel[axis] + 1) // stride[axis]))
            high[axis] = min(grid[axis] - 1, at // stride[axis])
        for x in range(low[0], high[0] + 1):
            for y in range(low[1], high[1] + 1):
                for z in range(low[2], high[2] + 1):
                    numbers[found] = (x * grid[1] + y) * grid[2] + z
                    found += 1
    return found


@njit(cache=True)
def cell_read(output, place, sizes):  # type: ignore[no-untyped-def]
    """The number of the cell that an output, int32 [3], reads at a place of the kernel; -1 outside the grid.

    sizes: int64 [4, 3], grid, kernel, stride and padding.
    """
    grid, stride, padding = sizes[0], sizes[2], sizes[3]
    x = output[0] * stride[0] - padding[0] + place[0]
    y = output[1] * stride[1] - padding[1] + place[1]
    z = output[2] * stride[2] - padding[2] + place[2]
    if x < 0 or y < 0 or z < 0 or x >= grid[0] or y >= grid[1] or z >= grid[2]:
        return np.int64(-1)
    return (x * grid[1] + y) * grid[2] + z


@njit(cache=True)
def _match(mine, outputs, sizes, first, source, target):  # type: ignore[no-untyped-def]
    """Fill `first`, int64 [offsets + 1], and the pairs of each offset, int32 [room]; return how many there are.

    An offset's inputs and outputs are merged: both come in ascending order of their numbers. outputs: int32 [sites, 3];
    mine: int64 [voxels], numbers of inputs; sizes: int64 [4, 3], grid, kernel, stride and padding.
    """
    kernel = sizes[1]
    found, offset = 0, 0
    for i in range(kernel[0]):
        for j in range(kernel[1]):
            for k in range(kernel[2]):
                here = 0
                for output in range(outputs.shape[0]):
                    wanted = cell_read(outputs[output], (i, j, k), sizes)
                    if wanted < 0:
                        continue
                    while here < mine.size and mine[here] < wanted:
                        here += 1
                    if here < mine.size and mine[here] == wanted:
                        if found < source.size:
                            source[found], target[found] = here, output
                        found += 1
                offset += 1
                first[offset] = found
    return found
