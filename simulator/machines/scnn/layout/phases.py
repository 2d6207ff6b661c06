"""The phases of a convolution with a stride on SCNN.

A layer with a stride has stride x stride phases: an input is multiplied only with those weights with which it
contributes to an output. Inputs are sorted by (position + padding) mod stride, weights by their position in the kernel
mod stride. A phase without stored weights takes no time, as nothing is broadcast: it is left out. Its inputs are stored
in the IARAM all the same.
"""

import numpy as np

from simulator.machines.scnn.arch import Arch
from workloads.kinds.convolution.layer import CompressedConvolution

Phases = tuple[tuple[int, int], ...]
"""Row and column, modulo the stride, of each phase."""


def stored_phases(arch: Arch, layer: CompressedConvolution) -> Phases:
    """The phases with stored weights, row by row."""
    (down, across), (tall, broad) = layer.stride, layer.weight.shape[2:]
    return tuple(
        (i, j)
        for i in range(min(down, tall))
        for j in range(min(across, broad))
        if not arch.skip_weights or layer.weight[:, :, i::down, j::across].any()
    )


def phase_of(layer: CompressedConvolution, phases: Phases, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """The phase of each place, unsigned [rows, columns]: its index, or a number from len(phases) on for other phases.

    rows, columns: int64 [any number], positions in the padded input or in the kernel.
    """
    down, across = layer.stride
    place = (rows % down)[:, None] * across + columns % across
    stored = np.array([i * across + j for i, j in phases], np.int64)
    index = np.searchsorted(stored, place)
    found = np.append(stored, -1)[index] == place
    return np.where(found, index, len(phases) + place).astype(np.min_scalar_type(len(phases) + down * across))
