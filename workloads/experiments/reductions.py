"""What the same bits for any number of chips cost: sums of a matrix product whose inputs are split (TBIK).

Drawn operands of unit variance, 64 tokens and 96 outputs, in BF16, on as many chips as do not cut a run. The tree gives
the same bits on any of them; a ring of sums that each chip made in FP32 does not. The price: partial sums that an
output holds, additions in BF16, rounding error, and bytes on the links.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from kernels_ref.reduction import (
    TILE,
    add_chain,
    add_pairs,
    add_ring,
    local_sums,
    one_chip,
    plan_of,
    rounded,
    tree,
    tree_of_tiles,
)
from workloads.document_types import Document
from workloads.study import Progress

KIND, WORD_BYTES = "bf16", 2
PLACES = TILE
"""Of a tile."""
TOKENS, OUTPUTS = 64, 96
INPUTS = 2048, 4096, 6144, 8192, 14336
CHIPS = 2, 4, 8


class Row(NamedTuple):
    """A number of inputs on a number of chips."""

    inputs: int
    chips: int
    tree_same: bool  # its bits are those of one chip in the same order
    ring_differs: float  # the share of outputs whose bits are not those of one chip in FP32
    pairs_differ: float  # the same where the chips' sums are added in pairs
    tree_error: float  # |y' - y| / |y| of the tree
    plain_error: float  # of one chip in FP32
    registers: int  # partial sums that an output holds in the tree; else 1
    additions: int  # in BF16, for an output on all chips
    tree_bytes: int  # that a chip sends: its sums to all others
    ring_bytes: int  # reduce-scatter and all-gather


def add_parts(parts: np.ndarray, order: str) -> np.ndarray:
    """The sums of chips in FP32, float32 [chips, ...], rounded to BF16 and added as a "chain" or a "ring" does."""
    return {"chain": add_chain, "ring": add_ring}[order](rounded(parts, KIND), KIND)


def add_tiles(tiles: np.ndarray, chips: int) -> np.ndarray:
    """The dots of tiles in FP32, float32 [tiles, ...], added in BF16 as the tree over chips does: float32 [...]."""
    return tree_of_tiles(tiles, chips, KIND)


def levels_of(tiles: int) -> int:
    """How many partial sums an output holds in the tree, at most."""
    return plan_of(tiles).levels


def study(seed: int, progress: Progress) -> Document:
    """Numbers of inputs over numbers of chips, by the kernel alone."""
    rows = [row for number, inputs in enumerate(INPUTS) for row in _rows(inputs, seed + number, progress)]
    shown = [
        (
            *(f"{row.inputs:,}", str(row.chips), "yes" if row.tree_same else "NO"),
            *(f"{row.ring_differs:.3f}", f"{row.pairs_differ:.3f}", f"{row.tree_error:.5f}", f"{row.plain_error:.5f}"),
            *(str(row.registers), str(row.additions), f"{row.tree_bytes:,}", f"{row.ring_bytes:,}"),
        )
        for row in rows
    ]
    columns = (
        *("inputs", "chips", "tree: same bits", "ring: outputs that differ", "pairs: outputs that differ"),
        *("error of the tree", "error of one chip in FP32", "partial sums of an output", "additions in BF16"),
        *("bytes sent by a chip, tree", "bytes sent by a chip, ring"),
    )
    return {
        "study": "tbik",
        "title": "one result for any number of chips: what the order of additions costs",
        "tables": [{"title": "matrix products in BF16", "columns": columns, "rows": shown}],
        "points": [row._asdict() for row in rows],
        "seed": seed,
    }


def _rows(inputs: int, seed: int, progress: Progress) -> Iterator[Row]:
    """A product on each number of chips that its inputs can be split over."""
    rng = np.random.default_rng(seed)
    activation = rounded(rng.standard_normal((TOKENS, inputs), dtype=np.float32), KIND)
    weight = rounded(rng.standard_normal((inputs, OUTPUTS), dtype=np.float32), KIND)
    plain, alone = one_chip(activation, weight, KIND), tree(activation, weight, 1, KIND)
    exact = activation.astype(np.float64) @ weight
    plan, tiles = plan_of(inputs // TILE), inputs // TILE
    for chips in CHIPS:
        if chips * plan.first > tiles:
            continue
        progress(f"{inputs:,} inputs on {chips} chips")
        local = local_sums(activation, weight, chips, KIND)
        yield Row(
            inputs,
            chips,
            tree(activation, weight, chips, KIND).tobytes() == alone.tobytes(),
            float(np.mean(add_ring(local, KIND) != plain)),
            float(np.mean(add_pairs(local, KIND) != plain)),
            _error(alone, exact),
            _error(plain, exact),
            plan.levels,
            tiles - 1,
            (chips - 1) * TOKENS * OUTPUTS * WORD_BYTES,
            2 * (chips - 1) * TOKENS * OUTPUTS * WORD_BYTES // chips,
        )


def _error(found: np.ndarray, exact: np.ndarray) -> float:
    """|y' - y| / |y|: float32 and float64 [tokens, outputs]."""
    return float(np.linalg.norm(found - exact) / np.linalg.norm(exact))
