"""How many entries the outputs take in the OARAMs, once they are compressed."""

import numpy as np
from numba import njit

from simulator.machines.scnn.arch import Arch
from simulator.machines.scnn.layout.planes import Planes


def stored(arch: Arch, planes: Planes, result: np.ndarray) -> np.ndarray:
    """Entries of the outputs as the OARAMs hold them, int64 [pes]: a block for each tile and channel."""
    held = np.zeros(arch.pes, np.int64)
    if not arch.skip_activations:
        places = (planes.owned[..., 2:] - planes.owned[..., :2]).prod(axis=-1)
        return places.sum(axis=0) * result.shape[0]
    _count(result, planes.owned, 1 << arch.index_bits, held)
    return held


@njit(cache=True, nogil=True)
def _count(result, owned, step, held):  # type: ignore[no-untyped-def]
    """Add the non-zeros and placeholders of each PE's blocks to `held`."""
    for band in range(owned.shape[0]):
        for pe in range(owned.shape[1]):
            y0, x0, y1, x1 = owned[band, pe]
            for k in range(result.shape[0]):
                gap = 0
                for y in range(y0, y1):
                    for x in range(x0, x1):
                        if result[k, y, x] == 0:
                            gap += 1
                        else:
                            held[pe] += 1 + gap // step
                            gap = 0
