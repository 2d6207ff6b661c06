"""The outputs of BEV pooling, interval after interval."""

import numpy as np
from numba import njit

from simulator.machines.bevpool.layout import Streams

LOWEST, HIGHEST = -(1 << 15), (1 << 15) - 1


def output_of(streams: Streams) -> np.ndarray:
    """All outputs, int16 [hit cells x channels]."""
    layer, held = streams.layer, streams.intervals
    sums = np.zeros((held.cell.size, layer.outputs), np.int64)
    _add(layer.depth.ravel(), layer.activation, held.first, held.point, layer.depth.shape[1], layer.cloud_shift, sums)
    rounded = (sums + ((1 << layer.shift) >> 1)) >> layer.shift
    return np.clip(rounded, LOWEST, HIGHEST).astype(np.int16).ravel()


@njit(cache=True)
def _add(weight, context, first, point, depths, cloud_shift, sums):  # type: ignore[no-untyped-def]
    """Add up each interval, cell after cell: sums int64 [cells, channels].

    weight: int16 [rays x depths]; context: int16 [rays, channels]; first: int64 [cells + 1]; point: int32 [points].
    """
    half = (1 << cloud_shift) >> 1
    for cell in range(sums.shape[0]):
        for place in range(first[cell], first[cell + 1]):
            ray, w = point[place] // depths, np.int64(weight[point[place]])
            for channel in range(sums.shape[1]):
                word = (w * np.int64(context[ray, channel]) + half) >> cloud_shift
                sums[cell, channel] += min(max(word, LOWEST), HIGHEST)
