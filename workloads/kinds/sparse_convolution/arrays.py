"""A sparse convolution of arrays by name, checked."""

from collections.abc import Mapping

import numpy as np

from workloads.array_checks import flag, shaped
from workloads.errors import refuse
from workloads.kinds.sparse_convolution.layer import SparseConvolution
from workloads.kinds.sparse_convolution.rulebook import Geometry, Triple
from workloads.kinds.sparse_convolution.scan import grid_of, sorted_places

KEYS = ("voxel", "shape", "activation", "weight", "bias", "stride", "padding", "submanifold", "relu")
NEEDED = ("voxel", "shape", "weight")
MOST_SIDE = 64
"""Of a kernel, a stride or a padding."""


def layer_of(source: object, name: str, arrays: Mapping[str, np.ndarray]) -> SparseConvolution:
    """A layer of arrays, numbers [shapes of `SparseConvolution`] by the names of `KEYS`.

    Without `submanifold`, it is one where it has no stride. InputError says of `source` what is missing or wrong.
    """
    for key in arrays:
        if key not in KEYS:
            refuse(source, f"it has an unknown key {key!r:.40}", f"only {', '.join(KEYS)}")
    for key in NEEDED:
        if key not in arrays:
            scan = "; a scan alone is the input of a network (--input)" if key == "weight" else ""
            refuse(source, f"it has no {key}", f"the keys {', '.join(NEEDED)}{scan}")
    grid = grid_of(source, arrays["shape"])
    places, order = sorted_places(source, arrays["voxel"], grid)
    free = dict.fromkeys(("outputs", "inputs", "kx", "ky", "kz"))
    weight = shaped(source, "weight", arrays["weight"], free)
    x, y, z = weight.shape[2:]
    if max(x, y, z) > MOST_SIDE:
        refuse(source, f"its kernel is {[x, y, z]}", f"sides of at most {MOST_SIDE}")
    stays = _submanifold(source, arrays)
    halves = ((x - 1) // 2, (y - 1) // 2, (z - 1) // 2)
    geometry = Geometry(
        grid=grid,
        kernel=(x, y, z),
        stride=_triple(source, "stride", arrays, (1, 1, 1), 1),
        padding=_triple(source, "padding", arrays, halves if stays else (0, 0, 0), 0),
        submanifold=stays,
    )
    given = arrays.get("activation")
    if given is not None:
        given = shaped(source, "activation", given, {"voxels": len(places), "inputs": weight.shape[1]})[order]
    bias = arrays.get("bias")
    if bias is not None:
        bias = shaped(source, "bias", bias, {"outputs": len(weight)})
    return SparseConvolution(name, places, geometry, weight, bias, given, flag(source, arrays))


def _submanifold(source: object, arrays: Mapping[str, np.ndarray]) -> bool:
    if "submanifold" not in arrays:
        return "stride" not in arrays
    given = arrays["submanifold"]
    if given.dtype.kind != "b" or given.size != 1:
        refuse(source, f"submanifold has dtype {given.dtype} and shape {list(given.shape)}", "one boolean")
    return bool(given.reshape(-1)[0])


def _triple(source: object, key: str, arrays: Mapping[str, np.ndarray], default: Triple, least: int) -> Triple:
    given = arrays.get(key)
    if given is None:
        return default
    if given.dtype.kind not in "ui" or given.shape != (3,) or not ((given >= least) & (given <= MOST_SIDE)).all():
        refuse(source, f"{key} is {str(given)[:40]}", f"integers [3] from {least} to {MOST_SIDE}, along x, y, z")
    x, y, z = (int(one) for one in given)
    return x, y, z
