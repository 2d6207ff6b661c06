"""Runs of GAMMA by what is compared and tabled."""

from typing import NamedTuple

from simulator.config.load import Config
from simulator.run.simulate import simulate
from workloads.kinds.sparse_product.layer import CompressedSparseProduct
from workloads.workload import Workload


class Measured(NamedTuple):
    """A run."""

    time_ns: float
    cycles: int
    multiplications: int
    output_entries: int
    bytes: int
    minimal_bytes: int  # 12 for each entry of A, B and the product
    partial_bytes: int
    utilisation: float  # products, of all that the PEs could take


def measure(config: Config, layer: CompressedSparseProduct) -> Measured:
    """Run a product without its output."""
    result = simulate(config, Workload(layer.name, "given", None, layer, "sparse product"), output=False)
    counts, arch = result.counts, config.arch
    entries = layer.left.entries + layer.right.entries + counts["output_elements"]
    return Measured(
        time_ns=1000 * result.time_us,
        cycles=result.run.cycles,
        multiplications=counts["multiplies"],
        output_entries=counts["output_elements"],
        bytes=result.dram_bytes,
        minimal_bytes=arch.element_bytes * entries,
        partial_bytes=counts["dram_partial_bytes"],
        utilisation=counts["multiplies"] / arch.pes / result.run.cycles,
    )
