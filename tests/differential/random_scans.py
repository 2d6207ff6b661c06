"""Random sparse convolutions and BEV poolings, and what they must put out: dense sums in numpy's integers."""

import numpy as np
from support import bev_poolings, sparse_convolutions

from differential.compare import differs
from differential.draws import coin, floats, seed
from zeroskip import load_workload

LOWEST, HIGHEST = -(1 << 15), (1 << 15) - 1


def voxels_of_words(kind, formats, rng):
    """Words of all patterns, any bias and shift; on machines for convolutions, those of numbers."""
    form = formats.get(kind)
    if form is not None and form.as_convolution:
        return voxels_of_floats(kind, formats, rng)
    layer = sparse_convolutions.compressed(seed(rng))
    return layer._replace(
        weight=_words(rng, layer.weight.shape),
        activation=_words(rng, layer.activation.shape),
        bias=rng.integers(-(1 << 40), 1 << 40, layer.outputs) if coin(rng) else None,
        shift=int(rng.integers(0, 36)),
        shares_map=coin(rng),
    )


def voxels_of_floats(kind, formats, rng):  # noqa: ARG001
    """Of arrays, through the front end."""
    given = sparse_convolutions.layer(seed(rng))
    geometry = given.geometry
    arrays = {
        "voxel": given.places, "shape": np.array(geometry.grid), "activation": given.activation, "weight": given.weight,
        "stride": np.array(geometry.stride), "padding": np.array(geometry.padding),
        "submanifold": np.array(geometry.submanifold), "relu": np.array(given.relu),
    }  # fmt: skip
    if given.bias is not None:
        arrays["bias"] = given.bias
    return load_workload(arrays, seed=seed(rng), formats=formats).layer


def rays_of_words(kind, formats, rng):  # noqa: ARG001
    """Words of all patterns and any shifts."""
    layer = bev_poolings.compressed(seed(rng))
    words = {name: _words(rng, getattr(layer, name).shape) for name in ("depth", "activation")}
    return layer._replace(**words, cloud_shift=int(rng.integers(0, 18)), shift=int(rng.integers(0, 6)))


def rays_of_floats(kind, formats, rng):  # noqa: ARG001
    """Of arrays, through the front end."""
    rays, depths = (int(rng.integers(1, 6)) for _ in range(2))
    cell = rng.integers(-2, 8, (rays, depths))
    cell[0, 0] = abs(cell[0, 0])
    arrays = {"cell": cell, "depth": np.abs(floats(rng, rays, depths)), "activation": floats(rng, rays, 3)}
    return load_workload(arrays, seed=seed(rng), formats=formats).layer


def sparse_convolution_in_integers(layer, words):
    """A dense convolution in int64, read at the outputs."""
    geometry = layer.geometry
    edges = np.array(geometry.padding)
    plane = np.zeros((*(np.array(geometry.grid) + 2 * edges), layer.inputs), np.int64)
    plane[tuple((layer.places + edges).T)] = layer.activation
    weight = layer.weight.astype(np.int64)
    found = []
    for site in layer.book.places.tolist():
        begin = [place * step for place, step in zip(site, geometry.stride, strict=True)]
        window = tuple(slice(one, one + size) for one, size in zip(begin, geometry.kernel, strict=True))
        found.append(np.einsum("xyzi,oixyz->o", plane[window], weight) + (0 if layer.bias is None else layer.bias))
    return differs(_finish(np.array(found), layer.shift, layer.relu), words)


def bev_pooling_in_integers(layer, words):
    """The whole cloud in int64, added up by numpy."""
    products = layer.depth.astype(np.int64)[:, :, None] * layer.activation.astype(np.int64)[:, None, :]
    cloud = _finish(products.ravel(), layer.cloud_shift, False).astype(np.int64).reshape(-1, layer.outputs)
    kept = layer.cell.ravel() >= 0
    hit, row = np.unique(layer.cell.ravel()[kept], return_inverse=True)
    sums = np.zeros((hit.size, layer.outputs), np.int64)
    np.add.at(sums, row, cloud[kept])
    return differs(_finish(sums, layer.shift, False), words)


def _finish(sums, shift, relu):
    """Rounded, halves up, and saturated; in floating point where it is exact, which shifts of ours are not."""
    whole = np.floor_divide(sums + ((1 << shift) // 2), 1 << shift)
    return np.clip(whole, 0 if relu else LOWEST, HIGHEST).astype(np.int16).ravel()


def _words(rng, shape):
    return rng.integers(LOWEST, HIGHEST + 1, shape).astype(np.int16)
