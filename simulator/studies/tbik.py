"""The study `tbik`: the same bits for any number of chips, by the kernel, on machines, and in generated tokens."""

from collections.abc import Sequence

import numpy as np

from simulator.studies import split_products
from workloads.document_types import Document
from workloads.experiments import reductions
from workloads.experiments.generation import Divergence, diverge
from workloads.sources.pretrained.albert import REACTIONS, albert
from workloads.study import Progress


def study(seed: int, progress: Progress, seeds: int = 5) -> Document:
    """Products over chips, machines, what equal bits cost, and reactions that are filled in, of each seed."""
    kernel = reductions.study(seed, progress)
    tables, points = split_products.tables(seed, progress)
    found: dict[tuple[str, int], list[Divergence]] = {}
    for one in range(seed, seed + seeds):
        for order, chips, apart in diverge(albert(), one, progress):
            found.setdefault((order, chips), []).append(apart)
    generated = [
        {"order": order, "chips": chips, "seed": seed + number, **apart._asdict()}
        for (order, chips), each in found.items()
        for number, apart in enumerate(each)
    ]
    rows = [_row(order, chips, each) for (order, chips), each in found.items()]
    columns = (
        *("order", "chips", "texts that differ, %", "tokens, %", "logits of the first round, %"),
        *("greatest difference of a probability", "round of the first other token"),
    )
    title = f"{len(REACTIONS)} masked reactions filled in, against one chip: mean ± deviation of {seeds} seeds"
    return {
        **kernel,
        "tables": [*kernel["tables"], *tables, {"title": title, "columns": columns, "rows": rows}],
        "machines": points,
        "generated": generated,
    }


def _row(order: str, chips: int, each: Sequence[Divergence]) -> tuple[str, ...]:
    """A row of the table of generated tokens."""
    shares = [_spread([100 * getattr(one, key) for one in each]) for key in ("texts", "tokens", "logits")]
    rounds = [one.first_round for one in each if one.first_round is not None]
    first = f"{np.mean(rounds):.1f}" if rounds else "none"
    return order, str(chips), *shares, f"{max(one.probability for one in each):.4f}", first


def _spread(values: Sequence[float]) -> str:
    """Mean and deviation."""
    deviation = float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
    return f"{np.mean(values):.2f} ± {deviation:.2f}"
