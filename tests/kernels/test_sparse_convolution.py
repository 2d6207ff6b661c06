"""The kernel of sparse convolutions against a dense one that is read where there are outputs."""

import itertools

import numpy as np
import pytest
from support.sparse_convolutions import compressed

from workloads.kinds import reference_output


def dense(layer):
    """All outputs of the grid by the definition, whole numbers, and at which places a kernel reaches a voxel."""
    geometry = layer.geometry
    cells, edges = np.array(geometry.grid), np.array(geometry.padding)
    plane = np.zeros((*(cells + 2 * edges), layer.inputs), np.int64)
    full = np.zeros(cells + 2 * edges, bool)
    for place, value in zip(layer.places + edges, layer.activation, strict=True):
        plane[tuple(place)], full[tuple(place)] = value, True
    sums = np.zeros((*geometry.output_grid, layer.outputs), np.int64)
    reached = np.zeros(geometry.output_grid, bool)
    for out in np.ndindex(*geometry.output_grid):
        begin = [place * step for place, step in zip(out, geometry.stride, strict=True)]
        window = tuple(slice(one, one + size) for one, size in zip(begin, geometry.kernel, strict=True))
        sums[out] = np.einsum("xyzi,oixyz->o", plane[window], layer.weight.astype(np.int64))
        reached[out] = full[window].any()
    return sums, reached


@pytest.mark.parametrize("seed", range(200))
def test_output_is_a_dense_convolution_masked_at_the_outputs(seed):
    """Submanifold layers write where they read, others wherever a kernel reaches a voxel; sums are exact."""
    layer = compressed(seed)
    sums, reached = dense(layer)
    if layer.geometry.submanifold:
        reached = np.zeros(layer.geometry.grid, bool)
        reached[tuple(layer.places.T)] = True
    assert [tuple(one) for one in layer.book.places.tolist()] == [tuple(one) for one in np.argwhere(reached).tolist()]
    wanted = sums[reached] + (0 if layer.bias is None else layer.bias)
    half = (1 << layer.shift) >> 1
    words = [
        min(max((int(one) + half) >> layer.shift, 0 if layer.relu else -(1 << 15)), (1 << 15) - 1)
        for one in wanted.ravel()
    ]
    assert reference_output(layer).tolist() == words


@pytest.mark.parametrize("seed", range(50))
def test_pairs_are_those_that_brute_force_finds(seed):
    """Of each offset, an output and the input that it meets, in the order of outputs."""
    layer = compressed(seed)
    number = {tuple(place): index for index, place in enumerate(layer.places.tolist())}
    geometry = layer.geometry
    for offset, at in enumerate(itertools.product(*(range(size) for size in geometry.kernel))):
        wanted = []
        for target, out in enumerate(layer.book.places.tolist()):
            read = tuple(o * s - p + k for o, s, p, k in zip(out, geometry.stride, geometry.padding, at, strict=True))
            if read in number:
                wanted.append((number[read], target))
        mine = slice(layer.book.first[offset], layer.book.first[offset + 1])
        assert list(zip(layer.book.source[mine].tolist(), layer.book.target[mine].tolist(), strict=True)) == wanted
