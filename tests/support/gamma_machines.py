"""Small GAMMAs and sparse products for tests: written down, and drawn at random."""

import numpy as np
from hypothesis import strategies as st

from simulator.config.load import load_arch
from simulator.machines.gamma.arch import Arch
from workloads.kinds.sparse_product.compress import compress_sparse
from workloads.kinds.sparse_product.layer import SparseProduct, by_rows

PLAIN = load_arch("gamma").arch._replace(
    pes=2,
    radix=3,
    task_slots=2,
    way_lines=2,
    write_lines=2,
    cache_bytes=2 * 2 * 4 * 24,
    cache_ways=2,
    cache_banks=2,
    cache_latency=1,
    line_bytes=24,
    lines_ahead=2,
    dram_bits_per_kcycle=96_000,
    dram_latency=5,
)
"""Lines of two elements, four sets of two lines in each of two banks, an element of DRAM in a cycle."""


def fitting(sets, **numbers):
    """An architecture whose banks have that many sets, and a rest."""
    line = numbers["line_bytes"]
    size = numbers["cache_ways"] * numbers["cache_banks"] * line * sets + numbers["cache_ways"]
    return Arch(cache_bytes=size, coordinate_bytes=4, value_bytes=8, **numbers)


machines = st.builds(
    fitting,
    st.integers(1, 6),
    pes=st.integers(1, 4),
    radix=st.integers(2, 6),
    task_slots=st.integers(1, 3),
    way_lines=st.integers(1, 3),
    write_lines=st.integers(2, 5),
    cache_ways=st.integers(1, 4),
    cache_banks=st.integers(1, 4),
    cache_latency=st.integers(1, 3),
    line_bytes=st.integers(12, 60),
    lines_ahead=st.integers(0, 5),
    dram_bits_per_kcycle=st.sampled_from([7_000, 96_000, 333_333, 1_024_000, 1 << 40]),
    dram_latency=st.sampled_from([1, 3, 20]),
)


def matrix(rng, rows, columns, density, whole=False):
    """A matrix by rows, each place with an entry or not."""
    held = rng.random((rows, columns)) < density
    row, column = np.nonzero(held)
    values = rng.integers(-3, 4, row.size) if whole else rng.standard_normal(row.size)
    return by_rows("drawn", (rows, columns), row, column, values.astype(np.float64))


def product(seed, rows, inner, columns, left=0.4, right=0.4, whole=False):
    """A drawn sparse product, compressed."""
    rng = np.random.default_rng(seed)
    pair = matrix(rng, rows, inner, left, whole), matrix(rng, inner, columns, right, whole)
    return compress_sparse(SparseProduct("drawn", *pair), None)


def product_for(arch, seed=0):  # noqa: ARG001
    """A small product for a machine."""
    return product(seed, 5, 9, 7)
