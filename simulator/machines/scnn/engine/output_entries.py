"""The number of entries that the compressed outputs take in the OARAMs."""

import numpy as np
from numba import njit

from simulator.machines.scnn.arch import Arch
from simulator.machines.scnn.layout.planes import Planes


def count_output_entries(arch: Arch, planes: Planes, result: np.ndarray) -> np.ndarray:
    """The entries of the outputs in each OARAM, int64 [pes]: a block for each tile and channel.

    result int16 [channels, rows, columns]: the outputs.
    """
    entries = np.zeros(arch.pes, np.int64)
    if not arch.skip_activations:
        owned = (planes.owned[..., 2:] - planes.owned[..., :2]).prod(axis=-1)
        return owned.sum(axis=0) * result.shape[0]
    _count(result, planes.owned, 1 << arch.index_bits, entries)
    return entries


@njit(cache=True, nogil=True)
def _count(result, owned, step, entries):  # type: ignore[no-untyped-def]
    """Add the non-zeros and placeholders of each PE's blocks to `entries`, int64 [pes].

    result int16 [channels, rows, columns]; owned int64 [bands, pes, 4]; step: the zeros that a placeholder covers.
    """
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
                            entries[pe] += 1 + gap // step
                            gap = 0
