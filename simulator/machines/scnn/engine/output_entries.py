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
    _count(result, planes.owned, arch.index_bits, entries)
    return entries


@njit(cache=True, nogil=True)
def _count(result, owned, index_bits, entries):  # type: ignore[no-untyped-def]
    """Add the non-zeros and placeholders of each PE's blocks to `entries`, int64 [pes].

    result int16 [channels, rows, columns]; owned int64 [bands, pes, 4]; a placeholder covers 1 << index_bits zeros.
    Whether an output is zero is a number here, as a branch would often be predicted wrongly.
    """
    for band in range(owned.shape[0]):
        for pe in range(owned.shape[1]):
            y0, x0, y1, x1 = owned[band, pe]
            found = 0
            for k in range(result.shape[0]):
                gap = 0
                for y in range(y0, y1):
                    for x in range(x0, x1):
                        stored = int(result[k, y, x] != 0)
                        found += stored * (1 + (gap >> index_bits))
                        gap = (gap + 1) * (1 - stored)
            entries[pe] += found
