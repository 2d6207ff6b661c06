"""Attention of a trained network that skips blocks of keys: what it saves, and what the network's task loses.

rxnmapper's ALBERT recovers masked tokens of chemical reactions; every attention of its twelve passes runs on the tensor
engine, and the next pass reads what came out. Its reactions have some fifty tokens, so that tiles and blocks are small.
"""

from typing import NamedTuple

import numpy as np

from simulator.config.load import load_arch
from simulator.core.registry import find
from simulator.pricing.energy import by_component
from simulator.pricing.technology import TOTAL
from simulator.run.simulate import simulate
from workloads.document_types import Document
from workloads.study import Progress
from workloads.workload import Workload

ROWS, BLOCK = (8, 1), 8
"""Queries of a tile, as for a prompt and as for the next token; keys of a block."""
FACTORS = (0, 300, 1000, 3000, 10_000, 20_000)
"""Thousandths of lambda times keys."""


class RealRow(NamedTuple):
    """The whole network with one threshold."""

    rows: int
    factor: int
    skipped: float
    cycles: int  # of attention, all reactions and passes
    nanojoules: float
    recovered: int
    tokens: int
    kl: float


def rows(progress: Progress) -> list[RealRow]:
    """All sizes of tiles and thresholds. InputError where the wheel cannot be had."""
    return [_row(size, factor, progress) for size in ROWS for factor in FACTORS]


def _row(size: int, factor: int, progress: Progress) -> RealRow:
    from workloads.experiments.aqn import kl
    from workloads.kinds.attention import AttentionKind
    from workloads.kinds.attention.layer import Attention
    from workloads.options import WorkloadOptions
    from workloads.sources.pretrained.albert import REACTIONS, albert, forward, mask, softmax

    progress(f"{size} rows, {factor} thousandths")
    config = load_arch("tensor", tile_queries=size, block_keys=BLOCK, skip_thousandths=factor)
    formats = find(config.machine).formats(config.arch)
    total = dict.fromkeys(("cycles", "nanojoules", "blocks", "blocks_skipped"), 0.0)

    def attend(query: np.ndarray, key: np.ndarray, value: np.ndarray) -> np.ndarray:
        layer = Attention("attention", query, key, value, causal=False)
        compressed = AttentionKind().compress(layer, None, WorkloadOptions(formats=formats))
        result = simulate(config, Workload("attention", "rxnmapper", None, compressed, "attention"))
        total["cycles"] += result.run.cycles
        total["nanojoules"] += by_component(result.energy)[TOTAL] / 1000
        for name in ("blocks", "blocks_skipped"):
            total[name] += result.counts[name]
        return result.run.output.reshape(query.shape)

    network = albert()
    masked = [mask(network, reaction) for reaction in REACTIONS]
    exact, found = (
        np.concatenate([softmax(forward(network, one.given, attend=way)[one.places]) for one in masked])
        for way in (None, attend)
    )
    right = np.concatenate([one.right[one.places] for one in masked])
    recovered = int(np.count_nonzero(found.argmax(axis=1) == right))
    skipped = total["blocks_skipped"] / total["blocks"]
    cost = int(total["cycles"]), total["nanojoules"]
    return RealRow(size, factor, skipped, *cost, recovered, right.size, kl(exact, found))


def study(seed: int, progress: Progress) -> Document:  # noqa: ARG001 - nothing is drawn
    """A table of thresholds."""
    found = rows(progress)
    dense = {row.rows: row.cycles for row in found if not row.factor}
    lines = [
        [
            str(row.rows),
            f"{row.factor / 1000:g}",
            f"{100 * row.skipped:.1f}",
            f"{row.cycles:,}",
            f"{dense[row.rows] / row.cycles:.2f}",
            f"{row.nanojoules:,.0f}",
            f"{row.recovered} of {row.tokens}",
            f"{row.kl:.4f}",
        ]
        for row in found
    ]
    columns = ["rows", "lambda x keys", "skipped %", "cycles", "speed-up", "nJ", "tokens recovered", "KL"]
    title = f"attention of rxnmapper's ALBERT on tensor, blocks of {BLOCK} keys; all reactions and passes"
    return {
        "study": "Attention of a trained network that skips blocks of keys",
        "tables": [{"title": title, "columns": columns, "rows": lines}],
        "points": [row._asdict() for row in found],
    }
