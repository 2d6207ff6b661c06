"""The study `pooling`: BEV pooling at three resolutions, from prefix sums over a sort to intervals of known ranks."""

import numpy as np

from simulator.config.load import load_arch
from simulator.machines.bevpool.engine.run import run
from simulator.machines.bevpool.layout import layout
from simulator.machines.bevpool.report.tables import LANES, balance
from workloads.document_types import Document
from workloads.kinds.bev_pooling.layer import CompressedBevPooling
from workloads.model import load_workload
from workloads.study import Progress

RESOLUTIONS = {"1/16": "bevfusion-pooling-coarse", "1/8": "bevfusion-pooling", "1/4": "bevfusion-pooling-fine"}
WAYS = {
    "sort, prefix sums, cloud in DRAM": {"ranks": 0, "fused": 0},
    "ranks, interval sums, cloud in DRAM": {"ranks": 1, "fused": 0},
    "the same, outer product in the lanes": {"ranks": 1, "fused": 1},
    "the same, cells with as many points together": {"ranks": 1, "fused": 1, "by_length": 1},
}
"""From LSS to BEVFusion, and beyond; names -> numbers of the architecture."""


def study(seed: int, progress: Progress) -> Document:
    """Two tables."""
    layers: dict[str, CompressedBevPooling] = {
        name: load_workload(workload, seed=seed).layer for name, workload in RESOLUTIONS.items()
    }
    progress("rigs")
    return {
        "study": f"BEV pooling of six idealised cameras, seed {seed}",
        "tables": [_ways(layers, progress), _balances(layers)],
    }


def _ways(layers: dict[str, CompressedBevPooling], progress: Progress) -> Document:
    rows = []
    for way, numbers in WAYS.items():
        arch = load_arch("bevpool", **numbers).arch
        for name, layer in layers.items():
            (streams,) = layout(arch, layer)
            one = run(arch, streams, output=False)
            parts = ("feature", "cloud", "rank", "sum", "output")
            sizes = [f"{int(getattr(one.counts, f'dram_{part}_bytes')[0]) / 1e6:,.1f}" for part in parts]
            rows.append([way, name, f"{one.cycles:,}", f"{1000 * one.cycles / layer.inputs:.0f}", *sizes])
        progress(way)
    columns = ["way", "features", "cycles", "cycles of 1,000 points"]
    columns += ["features MB", "cloud MB", "ranks or keys MB", "sums MB", "outputs MB"]
    return {"title": "by way and resolution, on bevpool", "columns": columns, "rows": rows}


def _balances(layers: dict[str, CompressedBevPooling]) -> Document:
    rows = []
    for name, layer in layers.items():
        lengths = layer.intervals().lengths
        together = -np.sort(-lengths)
        rows.append(
            [name, f"{layer.inputs:,}", f"{layer.kept:,}", f"{lengths.size:,}", f"{lengths.mean():.0f}",
             f"{np.median(lengths):.0f}", f"{np.percentile(lengths, 99):.0f}", f"{lengths.max():,}",
             *(f"{balance(lengths, lanes):.2f}" for lanes in LANES), f"{balance(together, LANES[1]):.2f}"]
        )  # fmt: skip
    columns = ["features", "points", "in a cell", "cells", "mean", "median", "99th percentile", "most"]
    columns += [*(f"busy, {lanes:,} lanes" for lanes in LANES), f"{LANES[1]} lanes, by length"]
    return {"title": "points of a cell, and busy lanes", "columns": columns, "rows": rows}
