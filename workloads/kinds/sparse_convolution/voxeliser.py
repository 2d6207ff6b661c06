"""Points of a scan -> voxels of a grid, each with the mean of its points."""

from typing import NamedTuple

import numpy as np

from workloads.kinds.sparse_convolution.rulebook import Triple, number_of, place_of


class Box(NamedTuple):
    """A grid in space."""

    corner: tuple[float, float, float]  # metres along x, y, z: where cell 0 begins
    cell: tuple[float, float, float]  # metres
    grid: Triple  # cells

    @property
    def end(self) -> tuple[float, ...]:
        """Metres along x, y, z: where the last cell ends."""
        return tuple(one + cell * count for one, cell, count in zip(self.corner, self.cell, self.grid, strict=True))


class Voxels(NamedTuple):
    """Voxels that hold a point, and what was left out of them."""

    places: np.ndarray  # int32 [voxels, 3], in ascending order
    features: np.ndarray  # float32 [voxels, features]: the mean of the points that were kept
    counts: np.ndarray  # int64 [voxels]: points in each, kept or not
    outside: int  # points that no cell holds
    over_cap: int  # points left out, as their voxel has its share
    over_voxels: int  # voxels left out, as there were enough


def voxelise(points: np.ndarray, box: Box, most_points: int, most_voxels: int) -> Voxels:
    """Points, float [points, x y z and more], in the cells of a box.

    A voxel keeps its first `most_points` points, and the first `most_voxels` voxels are kept, in the order of the scan.
    """
    cell = np.floor((points[:, :3].astype(np.float64) - box.corner) / box.cell)
    inside = ((cell >= 0) & (cell < box.grid)).all(axis=1)
    values, number = points[inside].astype(np.float64), number_of(cell[inside].astype(np.int64), box.grid)
    unique, first, voxel, counts = np.unique(number, return_index=True, return_inverse=True, return_counts=True)
    kept_voxels = np.sort(np.argsort(first, kind="stable")[:most_voxels])
    order = np.argsort(voxel, kind="stable")
    starts = np.cumsum(counts) - counts
    rank = np.empty(order.size, np.int64)
    rank[order] = np.arange(order.size) - np.repeat(starts, counts)
    kept = rank < most_points
    sums = np.zeros((unique.size, points.shape[1]))
    np.add.at(sums, voxel[kept], values[kept])
    means = sums / np.minimum(counts, most_points)[:, None] if unique.size else sums
    return Voxels(
        places=place_of(unique[kept_voxels], box.grid),
        features=means[kept_voxels].astype(np.float32),
        counts=counts[kept_voxels],
        outside=int(np.count_nonzero(~inside)),
        over_cap=int(np.count_nonzero(~kept)),
        over_voxels=unique.size - kept_voxels.size,
    )
