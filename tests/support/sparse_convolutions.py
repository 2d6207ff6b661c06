"""Small sparse convolutions for tests."""

import numpy as np

from workloads.kinds.sparse_convolution.compress import compress_sparse
from workloads.kinds.sparse_convolution.layer import SparseConvolution
from workloads.kinds.sparse_convolution.rulebook import Geometry, make_rulebook, place_of

HALF = {1: 0, 3: 1, 5: 2}


def layer(seed, most_cells=6, most_channels=5, density=1.0, relu=None, bias=None):
    """A random layer in floating point: a grid of up to `most_cells` along each axis, any share of it filled."""
    rng = np.random.default_rng(seed)
    grid = tuple(int(one) for one in rng.integers(1, most_cells + 1, 3))
    voxels = max(1, int(rng.integers(1, 1 + np.prod(grid))))
    places = place_of(np.sort(rng.permutation(np.prod(grid))[:voxels]), grid)
    where = geometry(rng, grid)
    if not make_rulebook(places, where).pairs:  # the last cells of a grid that a kernel with a stride does not reach
        where = where._replace(kernel=(1, 1, 1), stride=(1, 1, 1), padding=(0, 0, 0))
    return of_places(rng, places, where, most_channels, density, relu, bias)


def geometry(rng, grid):
    """A submanifold kernel, or another whose kernel fits its padded grid."""
    if rng.random() < 0.5:
        kernel = tuple(int(one) for one in rng.choice([1, 3], 3))
        return Geometry(grid, kernel, (1, 1, 1), tuple(HALF[one] for one in kernel), True)
    padding = tuple(int(one) for one in rng.integers(0, 2, 3))
    most = [cells + 2 * edge for cells, edge in zip(grid, padding, strict=True)]
    kernel = tuple(int(rng.integers(1, 1 + min(3, one))) for one in most)
    stride = tuple(int(rng.integers(1, size + 1)) for size in kernel)
    return Geometry(grid, kernel, stride, padding, False)


def of_places(rng, places, where, most_channels=5, density=1.0, relu=None, bias=None):
    """A layer over given places, int32 [voxels, 3]."""
    inputs, outputs = (int(one) for one in rng.integers(1, most_channels + 1, 2))
    values = rng.standard_normal((len(places), inputs)) * (rng.random((len(places), inputs)) < density)
    return SparseConvolution(
        "drawn", places, where,
        rng.standard_normal((outputs, inputs, *where.kernel)).astype(np.float32),
        rng.standard_normal(outputs).astype(np.float32) if (rng.random() < 0.5 if bias is None else bias) else None,
        values.astype(np.float32), bool(rng.random() < 0.5) if relu is None else relu,
    )  # fmt: skip


def compressed(seed, **sizes):
    """The same, compressed."""
    return compress_sparse(layer(seed, **sizes))
