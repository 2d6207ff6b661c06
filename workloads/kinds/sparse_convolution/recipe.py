"""Recipe and seed -> a sparse convolution over the voxels of a drawn scan."""

import math
from typing import Annotated, Self

import numpy as np
from pydantic import Field, model_validator

from workloads.errors import refuse
from workloads.kinds.drawing import Activations, Density, Size, check_bytes
from workloads.kinds.sparse_convolution.layer import SparseConvolution
from workloads.kinds.sparse_convolution.rings import Rings, draw_points
from workloads.kinds.sparse_convolution.rulebook import MOST_CELLS, Geometry, Triple
from workloads.kinds.sparse_convolution.scan import Cap, Scan
from workloads.kinds.sparse_convolution.voxeliser import Box, voxelise
from workloads.yaml_files import Strict, Text

Side = Annotated[int, Field(ge=1, le=64)]
Edge = Annotated[int, Field(ge=0, le=64)]
Cells = Annotated[int, Field(ge=1, le=1 << 20)]
Metres = Annotated[float, Field(ge=-1e4, le=1e4, allow_inf_nan=False)]
Three = Field(min_length=3, max_length=3)
POINT_BYTES = 200
"""Of memory that a point takes while it is drawn and put into a voxel."""
SMALLEST = np.float32(1 / 256)
"""Of a drawn feature: 16 bits do not round it to zero."""
VALUE_BYTES = 40
"""Of memory that a feature or a weight takes while a layer is drawn and compressed."""


def triple(sizes: list[int]) -> Triple:
    """Three sizes along x, y and z."""
    x, y, z = sizes
    return x, y, z


class Grid(Strict):
    """The voxeliser of a detector, along x, y and z."""

    corner: Annotated[list[Metres], Three]
    cell: Annotated[list[Metres], Three]  # metres
    cells: Annotated[list[Cells], Three]
    most_points: Annotated[int, Field(ge=1, le=1 << 16)]  # of a voxel
    most_voxels: Annotated[int, Field(ge=1, le=1 << 21)]
    source: Text

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if math.prod(self.cells) > MOST_CELLS or min(self.cell) <= 0:
            raise ValueError(f"cells of a positive size, at most {MOST_CELLS:,} of them")
        return self

    @property
    def box(self) -> Box:
        """The grid in space."""
        (left, near, low), (x, y, z) = self.corner, self.cell
        return Box((left, near, low), (x, y, z), triple(self.cells))

    @property
    def cap(self) -> Cap:
        """What is kept."""
        return Cap(self.most_points, self.most_voxels)


class Kernel(Strict):
    """Sizes along x, y and z, with where they are from."""

    kernel: Annotated[list[Side], Three]
    stride: Annotated[list[Side], Three]
    padding: Annotated[list[Edge], Three]
    submanifold: bool
    source: Text

    @model_validator(mode="after")
    def _stays(self) -> Self:
        halves = all(2 * edge + 1 == size for size, edge in zip(self.kernel, self.padding, strict=True))
        if self.submanifold and not (halves and self.stride == [1, 1, 1]):
            raise ValueError("a submanifold kernel with odd sides, stride 1 and half a kernel of padding")
        return self

    def geometry(self, grid: Triple) -> Geometry:
        """The kernel on a grid."""
        return Geometry(grid, triple(self.kernel), triple(self.stride), triple(self.padding), self.submanifold)


class SparseConvolutionRecipe(Strict):
    """A layer over the voxels of a scan that is drawn after a LiDAR's geometry."""

    about: Text
    rings: Rings
    grid: Grid
    inputs: Size
    outputs: Size
    window: Kernel
    relu: bool
    weight_density: Density
    activations: Activations


def draw_scan(name: str, rings: Rings, grid: Grid, scale: float, rng: np.random.Generator) -> Scan:
    """A scan with `directions` times `scale`. InputError where it is too large, or no point is in the grid."""
    turns = max(1, round(rings.directions.value * scale))
    count = rings.beams.value * turns
    check_bytes(name, f"{count:,} points", POINT_BYTES * count + 100 * turns * rings.obstacles.value)
    found = voxelise(draw_points(rings, turns, rng), grid.box, *grid.cap)
    if not len(found.places):
        refuse(name, "no drawn point is in its grid", "a grid around the sensor")
    return Scan(found.places, grid.box.grid, found.features, ())


def draw_sparse_convolution(
    name: str, recipe: SparseConvolutionRecipe, scale: float, rng: np.random.Generator
) -> SparseConvolution:
    """A layer, not yet pruned, with features and `directions` of its scan times `scale`.

    Weights are Gaussian, times sqrt(2 / products of an output). InputError where it is too large.
    """
    scan = draw_scan(name, recipe.rings, recipe.grid, scale, rng)
    inputs, outputs = (max(1, round(one.value * scale)) for one in (recipe.inputs, recipe.outputs))
    return draw_layer(name, scan.places, recipe.window.geometry(scan.grid), (inputs, outputs), recipe, rng)


def draw_layer(
    name: str,
    places: np.ndarray,
    geometry: Geometry,
    channels: tuple[int, int],
    given: "SparseConvolutionRecipe",
    rng: np.random.Generator,
) -> SparseConvolution:
    """A layer with these inputs and outputs over places, int32 [voxels, 3]. InputError where it is too large."""
    inputs, outputs = channels
    weights, features = geometry.offsets * inputs * outputs, len(places) * (inputs + outputs)
    check_bytes(name, f"{weights:,} weights and {features:,} features", VALUE_BYTES * (weights + features))
    gain = np.float32(math.sqrt(2 / (geometry.offsets * inputs)))
    weight = gain * rng.standard_normal((outputs, inputs, *geometry.kernel), dtype=np.float32)
    image = draw_features((len(places), inputs), given.activations, rng)
    return SparseConvolution(name, places, geometry, weight, None, image, given.relu)


def draw_features(shape: tuple[int, int], wanted: Activations, rng: np.random.Generator) -> np.ndarray:
    """Features, float32 [voxels, inputs]: round(density x size) of them are not zero, anywhere."""
    values = np.maximum(np.abs(rng.standard_normal(shape, dtype=np.float32)), SMALLEST)
    if wanted.distribution == "normal":
        values *= rng.choice(np.array([-1, 1], np.float32), shape)
    kept = round(wanted.density.value * values.size)
    if kept < values.size:
        place = rng.random(values.size, dtype=np.float32)
        values.reshape(-1)[np.argpartition(place, kept)[kept:]] = 0
    return values
