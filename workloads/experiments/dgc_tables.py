"""Tables of the study `dgc`: errors with and without each fix, what was sent, sizes of messages, times of steps."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from workloads.compression.gradients.messages import PAIR
from workloads.compression.gradients.warm_up import DENSITY, EPOCHS, density_in
from workloads.document_types import Document
from workloads.experiments import dgc
from workloads.experiments.dgc import Outcome, difference
from workloads.experiments.dgc_times import (
    DENSE_SPEEDUP,
    NODES,
    SPARSE_SPEEDUP,
    alexnet_speedups,
    paddle_fit,
)
from workloads.training.gradient_compression.exchange_times import break_even_nodes, union_density
from workloads.training.gradient_compression.message_sizes import NETWORKS, PUBLISHED, message_size

Table = dict[str, Any]


def to_tables(outcomes: Sequence[Outcome]) -> Document:
    """The outcomes, sizes and times as tables of text and as figures: what `study --json` prints."""
    points = [
        {"seed": one.seed, "trained": {k: v._asdict() for k, v in one.trained.items()}, "sent": one.sent._asdict()}
        for one in outcomes
    ]
    title = f"Deep Gradient Compression: LeNet-300-100, {dgc.NODES} nodes, {100 * DENSITY:g} % of the gradient sent"
    parts = [_errors(outcomes), _gaps(outcomes), _sent(outcomes), *message_tables()]
    return {"study": title, "tables": parts, "points": points}


def message_tables() -> list[Table]:
    """What no training is needed for: sizes of messages, published speed-ups and steps, where all-gathers lose."""
    return [_sizes(), _speedups(), _paddle(), _limits()]


def _errors(outcomes: Sequence[Outcome]) -> Table:
    rows = [[str(one.seed), *(f"{trained.error:.2f}" for trained in one.trained.values())] for one in outcomes]
    means = [np.mean([one.trained[name].error for one in outcomes]) for name in dgc.VARIANTS]
    rows.append(["mean", *(f"{mean:.2f}" for mean in means)])
    return {"title": "error on the test set, %", "columns": ["seed", *dgc.VARIANTS], "rows": rows}


def _gaps(outcomes: Sequence[Outcome]) -> Table:
    """Each variant against DGC, and DGC against dense."""
    rows = []
    for name, over in dgc.COMPARED:
        found = [difference(outcomes, name, over, key) for key in ("error", "training_error")]
        rows.append([f"{name} over {over}", *(f"{mean:+.2f} ± {spread:.2f}" for mean, spread in found)])
    columns = ["variant", "on the test set", "on the training set"]
    return {"title": "errors more than another variant's, points ± standard error", "columns": columns, "rows": rows}


def _sent(outcomes: Sequence[Outcome]) -> Table:
    rows = []
    for one in outcomes:
        sent, guess = one.sent, union_density(dgc.NODES, DENSITY)
        rows.append(
            [
                *(str(one.seed), f"{sent.elements:.1f}", f"{sent.bytes:,.0f}", f"{sent.ratio:.1f}"),
                *(f"{100 * sent.union:.3f}", f"{100 * guess:.3f}", f"{sent.longest:,}", str(sent.cut)),
            ]
        )
    columns = (
        *("seed", "elements of a node", "bytes of a node", "times smaller"),
        *("elements of all nodes, %", "if independent, %", "longest run", "runs cut"),
    )
    return {"title": "what is sent in a step after warm-up", "columns": list(columns), "rows": rows}


def _sizes() -> Table:
    rows = []
    for name, tensors in NETWORKS.items():
        made = tensors()
        size = message_size(made)
        mebibytes = [f"{part / 2**20:.4f}" for part in (size.dense, size.sparse, size.whole, size.sent)]
        published = [f"{value}" for value in PUBLISHED.get(name, ("", ""))]
        counts = f"{sum(made.weights):,}", f"{sum(made.whole):,}"
        rows.append([name, *counts, *mebibytes, f"{size.ratio:.1f}", *published])
    columns = (
        *("network", "weights", "1-D", "dense", "sparse", "1-D, whole", "sent"),
        *("times smaller", "published", "published, times"),
    )
    return {"title": f"a node's message at {100 * DENSITY:g} %, MiB", "columns": list(columns), "rows": rows}


def _speedups() -> Table:
    found = alexnet_speedups()
    published = {("dense", 10): f"{DENSE_SPEEDUP:.0f} (fitted)", ("DGC", 1): f"> {SPARSE_SPEEDUP:.0f}"}
    rows = [
        [name, str(gigabits), f"{value:.1f}", published.get((name, gigabits), "")]
        for (name, gigabits), value in found.speedups.items()
    ]
    title = f"speed-up of AlexNet on {NODES} nodes; a step computes for {found.compute:.3f} s"
    return {"title": title, "columns": ["gradients", "Gb/s", "times", "published"], "rows": rows}


def _paddle() -> Table:
    found = paddle_fit()
    rows = [
        [
            *(str(row.gigabits), f"{row.dense:.3f}", f"{row.published_dense:.4f}"),
            *(f"{row.sparse:.3f}", f"{row.published_sparse:.4f}"),
        ]
        for row in found.rows
    ]
    title = (
        f"Faster R-CNN on two machines, s a step: {found.payload / 1e6:.0f} MB and {found.compute:.3f} s of computing "
        "(both from the dense steps at 100 and 1 Gb/s)"
    )
    return {"title": title, "columns": ["Gb/s", "dense", "published", "DGC", "published (DGC)"], "rows": rows}


def _limits() -> Table:
    """Nodes from which an all-gather loses, for each density of the warm-up and each size of an element."""
    sizes = PAIR.itemsize, 8, 12
    densities = [density_in(epoch) for epoch in range(EPOCHS + 1)]
    rows = [[f"{100 * one:.3g}", *(f"{break_even_nodes(one, size):,.1f}" for size in sizes)] for one in densities]
    columns = ["sent, %", "16-bit runs: 6 bytes", "32-bit positions: 8", "64-bit positions: 12"]
    return {
        "title": "nodes above which a sparse all-gather takes longer than a dense ring",
        "columns": columns,
        "rows": rows,
    }
