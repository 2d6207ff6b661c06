"""Weights that have fewer non-zero values than a density asks for: pruning leaves them as they are."""

import math
from typing import Any

import numpy as np

from workloads.kinds.kind import AnyKind


def sparser_note(kind: AnyKind, layer: Any, density: float | None) -> tuple[str, ...]:
    """A sentence where a layer in floating point, not yet pruned, is sparser than `density`; None asks for nothing."""
    if density is None:
        return ()
    matrices = [one.layer for one in kind.matrices(layer)]
    weights = [one.weight for one in matrices if hasattr(one, "weight")]  # codes are never pruned
    size, kept = sum(one.size for one in weights), sum(int(np.count_nonzero(one)) for one in weights)
    if kept >= math.floor(density * size):
        return ()
    return (f"it has fewer non-zero weights than density {density:g} asks for: {100 * kept / size:.3g} %",)
