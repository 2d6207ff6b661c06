"""The study `gamma`: drawn power-law matrices, what decides their time, and what sizes are worth."""

from collections.abc import Iterator

from simulator.config.load import Config, load_arch
from simulator.machines.gamma.paper.runs import Measured, measure
from workloads.document_types import Document
from workloads.kinds.sparse_product.layer import CompressedSparseProduct
from workloads.model import load_workload
from workloads.study import Progress

LAYERS = ("power-law-wiki", "power-law-gnutella", "power-law-condmat")
BASE = LAYERS[0]
OTHERS: dict[str, dict[str, int]] = {
    "as configured": {},
    "FiberCache of 384 KB": {"cache_bytes": 393216},
    "FiberCache of 48 KB": {"cache_bytes": 49152},
    "mergers of 16 ways": {"radix": 16},
    "one task a PE": {"task_slots": 1},
    "a line a way": {"way_lines": 1},
    "16 banks": {"cache_banks": 16},
    "8 PEs": {"pes": 8},
    "1,024 GB/s": {"dram_bits_per_kcycle": 8_192_000},
}
"""Configurations, for what each number is worth."""


def study(seed: int, progress: Progress) -> Document:
    """Two tables."""
    config = load_arch("gamma")
    layers = {name: _draw(name, seed) for name in LAYERS}
    found = list(_matrices(config, layers, progress))
    others = list(_others(layers[BASE], progress))
    return {
        "study": "GAMMA on drawn power-law matrices",
        "tables": [_table(layers, found), _worth(others)],
        "points": [
            *({"matrix": name, "configuration": "gamma", **one._asdict()} for name, one in found),
            *({"matrix": BASE, "configuration": name, **one._asdict()} for name, one in others),
        ],
    }


def _draw(name: str, seed: int) -> CompressedSparseProduct:
    layer = load_workload(name, seed=seed).layer
    assert isinstance(layer, CompressedSparseProduct)
    return layer


def _matrices(
    config: Config, layers: dict[str, CompressedSparseProduct], progress: Progress
) -> Iterator[tuple[str, Measured]]:
    for name, layer in layers.items():
        yield name, measure(config, layer)
        progress(name)


def _others(layer: CompressedSparseProduct, progress: Progress) -> Iterator[tuple[str, Measured]]:
    for name, changes in OTHERS.items():
        yield name, measure(load_arch("gamma", **changes), layer)
        progress(name)


def _table(layers: dict[str, CompressedSparseProduct], found: list[tuple[str, Measured]]) -> Document:
    rows = [
        [name, f"{layers[name].left.rows:,}", f"{layers[name].left.entries:,}", f"{one.multiplications:,}",
         f"{one.output_entries:,}", f"{one.cycles:,}", f"{one.bytes / one.minimal_bytes:.3f}",
         f"{one.minimal_bytes / 128 / one.cycles:.2f}", f"{one.utilisation:.2f}"]
        for name, one in found
    ]  # fmt: skip
    columns = ["matrix", "rows", "entries", "products", "entries of the product", "cycles", "bytes / minimal",
               "minimal bytes' share of the time", "utilisation"]  # fmt: skip
    return {"title": "drawn matrices times themselves, as configured", "columns": columns, "rows": rows}


def _worth(found: list[tuple[str, Measured]]) -> Document:
    base = found[0][1]
    rows = [
        [name, f"{one.cycles:,}", f"{one.cycles / base.cycles:.3f}", f"{one.bytes / one.minimal_bytes:.3f}",
         f"{one.partial_bytes:,}"]
        for name, one in found
    ]  # fmt: skip
    columns = ["configuration", "cycles", "over the first", "bytes / minimal", "bytes of partial rows"]
    return {"title": f"{BASE} by configuration", "columns": columns, "rows": rows}
