"""Random machines for pairs, and layers for them."""

import numpy as np
from hypothesis import strategies as st

from simulator.config.load import load_arch
from simulator.machines.points.layout import layout
from support.sparse_convolutions import compressed

BASE = load_arch("points").arch


def machine(seed, **numbers):
    """A small machine with any dataflow and any way to find pairs."""
    rng = np.random.default_rng([seed, 7])

    def up_to(most, least=1):
        return int(rng.integers(least, most + 1))

    drawn = {
        "rows": up_to(4), "columns": up_to(4), "latency": up_to(9, 0), "dataflow": up_to(2, 0), "tile_sites": up_to(9),
        "block_pairs": up_to(9), "buffers": up_to(3), "hash_mapping": up_to(1, 0), "merge_width": up_to(9),
        "hash_ports": up_to(4), "hash_slots": up_to(4, 2), "cache_bytes": up_to(64),
        "weight_buffer_bytes": int(rng.choice([1, 64, 1 << 20])), "sum_buffer_bytes": up_to(200),
        "dram_bits_per_kcycle": int(rng.choice([9_000, 60_000, 1_000_000])),
    }  # fmt: skip
    return BASE._replace(**{**drawn, **numbers})


machines = st.integers(0, 1 << 30).map(machine)


def case(seed, **numbers):
    """A random machine with a random layer's streams; every third layer has the map of the one before."""
    arch, layer = machine(seed, **numbers), compressed(seed)._replace(shares_map=seed % 3 == 0)
    (streams,) = layout(arch, layer)
    return arch, streams
