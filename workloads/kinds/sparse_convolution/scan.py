"""A scan that a user gives: voxels of a grid, or points for the voxeliser."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from workloads.array_checks import float32
from workloads.errors import refuse
from workloads.kinds.sparse_convolution.rulebook import MOST_CELLS, Triple, number_of
from workloads.kinds.sparse_convolution.voxeliser import Box, voxelise

KEYS = ("voxel", "shape", "feature", "points")
MOST_VOXELS, MOST_POINTS = 1 << 21, 1 << 24
"""Of a scan: more than ten sweeps of any sensor have."""
FORM = "voxel, integers [voxels, 3] along x, y, z, with shape, the cells of the grid [3]; or points [points, 3 or more]"


class Cap(NamedTuple):
    """What a detector's voxeliser keeps."""

    points: int  # of a voxel
    voxels: int


class Scan(NamedTuple):
    """Voxels that hold something."""

    places: np.ndarray  # int32 [voxels, 3], in ascending order
    grid: Triple
    features: np.ndarray | None  # float32 [voxels, features]; None: they are to be drawn
    notes: tuple[str, ...]  # what was left out of it, a sentence each


def scan_of_arrays(source: object, arrays: Mapping[str, np.ndarray], box: Box, cap: Cap) -> Scan:
    """A scan of arrays by the names of `KEYS`, numbers [shapes of `FORM`]; voxels may be in any order.

    box: of the voxeliser, for points. InputError says of `source` what is missing or wrong.
    """
    for key in arrays:
        if key not in KEYS:
            refuse(source, f"it has an unknown key {key!r:.40}", f"only {', '.join(KEYS)}")
    if ("points" in arrays) == ("voxel" in arrays):
        refuse(source, f"it has {', '.join(sorted(arrays)) or 'no arrays'}", FORM)
    if "points" in arrays:
        return _of_points(source, arrays, box, cap)
    return _of_voxels(source, arrays)


def _of_points(source: object, arrays: Mapping[str, np.ndarray], box: Box, cap: Cap) -> Scan:
    points = arrays["points"]
    if len(arrays) > 1 or points.ndim != 2 or not 3 <= points.shape[1] <= 64 or len(points) > MOST_POINTS:
        refuse(source, f"points has shape {list(points.shape)}", f"points alone, [at most {MOST_POINTS:,}, 3 to 64]")
    found = voxelise(float32(source, "points", points), box, cap.points, cap.voxels)
    if not len(found.places):
        spans = (f"{axis} from {one:g} to {end:g}" for axis, one, end in zip("xyz", box.corner, box.end, strict=True))
        refuse(source, f"none of {len(points):,} points is in the grid", f"metres, {', '.join(spans)}")
    notes = [f"its {len(points):,} points fill {len(found.places):,} voxels"]
    for count, what in (
        (found.outside, "points are outside the grid"),
        (found.over_cap, f"points are left out, as their voxel has {cap.points}"),
        (found.over_voxels, f"voxels are left out, as there are {cap.voxels:,}"),
    ):
        notes += [f"{count:,} {what}"] if count else []
    return Scan(found.places, box.grid, found.features, tuple(notes))


def _of_voxels(source: object, arrays: Mapping[str, np.ndarray]) -> Scan:
    grid, voxel = grid_of(source, arrays.get("shape")), arrays["voxel"]
    places, order = sorted_places(source, voxel, grid)
    given = arrays.get("feature")
    if given is None:
        return Scan(places, grid, None, ())
    if given.ndim != 2 or len(given) != len(voxel) or given.shape[1] > 1 << 12:
        refuse(source, f"feature has shape {list(given.shape)}", f"[{len(voxel)}, features]")
    return Scan(places, grid, float32(source, "feature", given)[order], ())


def grid_of(source: object, shape: np.ndarray | None) -> Triple:
    """Cells along x, y, z of an array, integers [3]. InputError of `source` where it is none, or they are too many."""
    if shape is None or shape.dtype.kind not in "ui" or shape.shape != (3,) or (shape < 1).any():
        refuse(
            source,
            f"shape is {'missing' if shape is None else str(shape)[:40]}",
            "the cells of the grid, integers [3] of 1 or more",
        )
    x, y, z = (int(one) for one in shape)
    if x * y * z > MOST_CELLS:
        refuse(source, f"its grid is {[x, y, z]}", f"at most {MOST_CELLS:,} cells")
    return x, y, z


def sorted_places(source: object, voxel: np.ndarray, grid: Triple) -> tuple[np.ndarray, np.ndarray]:
    """Places of voxels, integers [voxels, 3] in any order, in ascending order, int32 [voxels, 3]; and that order.

    The order is int64 [voxels]. InputError of `source` where they are no places of the grid, or one comes twice.
    """
    if voxel.dtype.kind not in "ui" or voxel.ndim != 2 or voxel.shape[1] != 3 or not 0 < len(voxel) <= MOST_VOXELS:
        refuse(source, f"voxel is {voxel.dtype} {list(voxel.shape)}", f"integers [1 to {MOST_VOXELS:,}, 3]")
    outside = ((voxel < 0) | (voxel >= np.array(grid))).any(axis=1)
    if outside.any():
        row = int(np.argmax(outside))
        refuse(source, f"voxel[{row}] is {voxel[row].tolist()}", f"places of the grid {list(grid)}, along x, y, z")
    number = number_of(voxel.astype(np.int64), grid)
    order = np.argsort(number, kind="stable")
    same = np.flatnonzero(np.diff(number[order]) == 0)
    if same.size:
        row = int(order[same[0] + 1])
        refuse(source, f"voxel[{row}] is {voxel[row].tolist()}, which comes twice", "each voxel once")
    return voxel[order].astype(np.int32), order
