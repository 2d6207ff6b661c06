"""Random BEV poolings, and machines for them."""

import numpy as np
from hypothesis import strategies as st

from simulator.config.load import load_arch
from simulator.machines.bevpool.layout import layout
from workloads.kinds.bev_pooling.compress import compress_pooling
from workloads.kinds.bev_pooling.layer import BevPooling

BASE = load_arch("bevpool").arch


def pooling(seed, most_rays=6, most_depths=5, most_channels=4, cells=7):
    """A random layer in floating point with a point in a cell."""
    rng = np.random.default_rng(seed)
    rays, depths, channels = (int(rng.integers(1, most + 1)) for most in (most_rays, most_depths, most_channels))
    cell = rng.integers(-2, cells, (rays, depths)).clip(-1).astype(np.int32)
    cell[0, 0] = max(0, cell[0, 0])
    depth = rng.random((rays, depths), dtype=np.float32)
    return BevPooling("drawn", cell, cells, depth, rng.standard_normal((rays, channels), dtype=np.float32))


def compressed(seed, **sizes):
    """The same, compressed."""
    return compress_pooling(pooling(seed, **sizes))


def machine(seed, **numbers):
    """A small machine of any sort."""
    rng = np.random.default_rng([seed, 5])
    ranks = int(rng.integers(0, 2))
    drawn = {
        "lanes": int(rng.integers(1, 6)), "channels": int(rng.integers(1, 4)), "ranks": ranks,
        "fused": int(rng.integers(0, 2)), "by_length": int(rng.integers(0, 2)) * ranks,
        "sort_width": int(rng.integers(1, 6)), "feature_buffer_bytes": int(rng.choice([0, 20, 1 << 20])),
        "dram_bits_per_kcycle": int(rng.choice([9_000, 60_000, 1 << 30])),
    }  # fmt: skip
    drawn = {**drawn, **numbers}
    return BASE._replace(**{**drawn, "by_length": drawn["by_length"] * drawn["ranks"]})


machines = st.integers(0, 1 << 30).map(machine)


def case(seed, **numbers):
    """A random machine with a random layer's streams."""
    arch = machine(seed, **numbers)
    (streams,) = layout(arch, compressed(seed))
    return arch, streams
