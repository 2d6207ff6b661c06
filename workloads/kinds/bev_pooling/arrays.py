"""BEV pooling of arrays by name, checked."""

from collections.abc import Mapping

import numpy as np

from workloads.array_checks import check_shape, shaped
from workloads.errors import refuse
from workloads.kinds.bev_pooling.layer import BevPooling

KEYS = ("cell", "depth", "activation")
MOST_CELLS = 1 << 28


def layer_of(source: object, name: str, arrays: Mapping[str, np.ndarray]) -> BevPooling:
    """Of arrays, numbers [shapes of `BevPooling`] by the names of `KEYS`; InputError says of `source` what is wrong."""
    for key in arrays:
        if key not in KEYS:
            refuse(source, f"it has an unknown key {key!r:.40}", f"only {', '.join(KEYS)}")
    for key in KEYS[:2]:
        if key not in arrays:
            refuse(source, f"it has no {key}", f"the keys {', '.join(KEYS)}")
    depth = shaped(source, "depth", arrays["depth"], {"rays": None, "depths": None})
    cell = arrays["cell"]
    if cell.dtype.kind not in "ui":
        refuse(source, f"cell is {cell.dtype}", f"integers below {MOST_CELLS:,}")
    if cell.size and int(cell.max()) >= MOST_CELLS:
        refuse(source, f"cell is {cell.dtype} up to {cell.max()}", f"integers below {MOST_CELLS:,}")
    check_shape(source, "cell", cell.shape, {"rays": depth.shape[0], "depths": depth.shape[1]})
    given = arrays.get("activation")
    if given is not None:
        given = shaped(source, "activation", given, {"rays": len(depth), "channels": None})
    places = np.maximum(cell.astype(np.int64), -1).astype(np.int32)
    return BevPooling(name, places, int(places.max()) + 1, depth, given)
