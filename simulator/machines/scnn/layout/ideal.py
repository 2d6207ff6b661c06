"""Numbers and layouts of a machine with one mechanism made ideal, which model and engine run like any other."""

import numpy as np

from simulator.machines.scnn.arch import Arch
from simulator.machines.scnn.layout.streams import Streams

WIDE = 1 << 40
"""Bytes in a thousand cycles, or sums in a cycle: more than any layer has."""


def without_memory(arch: Arch, streams: Streams) -> tuple[Arch, Streams]:
    """Weights and bands that are there at once."""
    load_cycles = np.zeros_like(streams.load_cycles)
    return arch._replace(dram=None, dram_bytes_per_kcycle=WIDE), streams._replace(load_cycles=load_cycles)


def wide_post_processing(arch: Arch) -> Arch:
    """Post-processing units that take all sums of a round in a cycle."""
    return arch._replace(ppu_width=WIDE)


def any_fifo(arch: Arch, streams: Streams) -> Arch:
    """FIFOs that hold all weights of a layer."""
    return arch._replace(fifo_vectors=max(arch.fifo_vectors, streams.weights.value.size + 1))
