"""The study `points`: BEVFusion's sparse encoder over a drawn scan, by layer, dataflow and way to find pairs."""

from collections.abc import Sequence
from typing import NamedTuple

from simulator.config.load import load_arch
from simulator.machines.points.arch import Arch, passes_of
from simulator.machines.points.engine.run import run
from simulator.machines.points.layout import layout
from workloads.document_types import Document
from workloads.kinds.sparse_convolution.layer import CompressedSparseConvolution
from workloads.model import open_model
from workloads.study import Progress

NAME = "bevfusion-encoder"
CONFIGURATIONS = ("points", "points_edge")
DATAFLOWS = ("gather, multiply, scatter", "fetch on demand", "implicit GEMM")
WIDTHS = (1, 4, 16, 64)
MAPPINGS = ("merge sort", "hash table")


class Total(NamedTuple):
    """All layers on a machine."""

    cycles: int
    mapping: int  # cycles of the mapping unit
    multiplies: int
    bytes: dict[str, int]  # of DRAM, by what they are


def study(seed: int, progress: Progress) -> Document:
    """Three tables."""
    model = open_model(NAME, seed=seed)
    layers: list[CompressedSparseConvolution] = [layer.load({}).layer for layer in model.layers]
    names = [layer.name for layer in model.layers]
    progress("scan")
    return {
        "study": f"BEVFusion's sparse encoder over a drawn scan of {layers[0].voxels:,} voxels, seed {seed}",
        "tables": [_layers(names, layers), _dataflows(layers, progress), _mappings(layers, progress)],
    }


def first_order(arch: Arch, layers: Sequence[CompressedSparseConvolution]) -> tuple[int, int]:
    """Least cycles of the array, pairs over its sides, and of the merger: both lists for each offset of each map."""
    array = sum(
        layer.book.pairs * deep * wide
        for layer in layers
        for deep, wide in [passes_of(arch, layer.inputs, layer.outputs)]
    )
    places = sum(layer.geometry.offsets * (layer.voxels + layer.sites) for layer in layers if not layer.shares_map)
    return array, -(-places // arch.merge_width)


def total(arch: Arch, layers: Sequence[CompressedSparseConvolution]) -> Total:
    """The layers one after the other."""
    runs = [run(arch, streams, output=False) for layer in layers for streams in layout(arch, layer)]
    names = ("feature", "weight", "map", "sum", "output")
    return Total(
        sum(one.cycles for one in runs),
        sum(int(one.reasons.match[0]) for one in runs),
        sum(int(one.counts.multiplies[0]) for one in runs),
        {name: sum(int(getattr(one.counts, f"dram_{name}_bytes")[0]) for one in runs) for name in names},
    )


def _layers(names: Sequence[str], layers: Sequence[CompressedSparseConvolution]) -> Document:
    arch, rows = load_arch("points").arch, []
    for name, layer in zip(names, layers, strict=True):
        one = total(arch, [layer])
        least, _ = first_order(arch, [layer])
        busy = 100 * one.multiplies / (arch.rows * arch.columns * one.cycles)
        rows.append(
            [name, f"{layer.inputs}>{layer.outputs}", f"{layer.sites:,}", f"{layer.book.pairs:,}",
             f"{layer.book.pairs / layer.sites:.1f}", f"{one.cycles:,}", f"{least:,}", f"{busy:.0f}"]
        )  # fmt: skip
    columns = ["layer", "features", "outputs", "pairs", "of an output", "cycles", "pairs over the array", "used %"]
    return {"title": "by layer, on points", "columns": columns, "rows": rows}


def _dataflows(layers: Sequence[CompressedSparseConvolution], progress: Progress) -> Document:
    rows = []
    for configuration in CONFIGURATIONS:
        for number, dataflow in enumerate(DATAFLOWS):
            config = load_arch(configuration, dataflow=number)
            one, least = total(config.arch, layers), sum(first_order(config.arch, layers))
            busy = 100 * one.multiplies / (config.arch.rows * config.arch.columns * one.cycles)
            sizes = [f"{one.bytes[name] / 1e6:,.1f}" for name in one.bytes]
            rows.append(
                [configuration, dataflow, f"{one.cycles / 1e6:,.2f}", f"{least / 1e6:,.2f}", f"{busy:.0f}", *sizes]
            )
            progress(f"{configuration}, {dataflow}")
    columns = ["configuration", "dataflow", "million cycles", "of the first order", "used %"]
    columns += ["features MB", "weights MB", "pairs MB", "sums MB", "outputs MB"]
    return {"title": "by dataflow", "columns": columns, "rows": rows}


def _mappings(layers: Sequence[CompressedSparseConvolution], progress: Progress) -> Document:
    rows = []
    for hashed, mapping in enumerate(MAPPINGS):
        for width in WIDTHS:
            arch = load_arch("points", hash_mapping=hashed, merge_width=width, hash_ports=width).arch
            one = total(arch, layers)
            rows.append([mapping, str(width), f"{one.mapping:,}", f"{one.cycles:,}"])
        progress(mapping)
    columns = ["pairs by", "places or probes a cycle", "cycles of the mapping unit", "cycles of all layers"]
    return {"title": "by way to find pairs, on points", "columns": columns, "rows": rows}
