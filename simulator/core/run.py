"""What every accelerator has in common: the shape of a run."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

FEW = 64
"""Units whose numbers are added up faster in Python than in NumPy."""


class Run(NamedTuple):
    """What a machine did with one set of streams.

    `counts` holds how often each event happened and `reasons` how many cycles each unit spent on what: named tuples of
    int64 arrays, a number per unit. `trace` is uint8 [unit, cycle], a letter for what each unit did; length 0 = off.
    """

    cycles: int
    output: np.ndarray  # [outputs]: int16 words, or float32 of matrix products; never NaN
    counts: Any
    reasons: Any
    trace: np.ndarray


def chain(runs: Sequence[Run]) -> Run:
    """One run after the other: cycles and counts add up, outputs and traces follow each other."""
    if len(runs) == 1:
        return runs[0]
    counts, reasons = type(runs[0].counts), type(runs[0].reasons)
    return Run(
        cycles=sum(run.cycles for run in runs),
        output=np.concatenate([run.output for run in runs]),
        counts=counts(*(sum(field) for field in zip(*(run.counts for run in runs), strict=True))),
        reasons=reasons(*(sum(field) for field in zip(*(run.reasons for run in runs), strict=True))),
        trace=np.concatenate([run.trace for run in runs], axis=1),
    )


def totals(values: Any) -> dict[str, int]:
    """A named tuple of arrays -> field name and sum over the units."""
    return dict(zip(values._fields, map(total, values), strict=True))


def total(array: np.ndarray) -> int:
    """The sum of an array, int64 [units]; a short one is added up without a call of NumPy, which costs more."""
    return sum(array.tolist()) if array.size <= FEW and array.ndim == 1 else int(array.sum())


def as_shown(run: Run, shown: Run) -> Run:
    """`run` with those counts and reasons only that `shown` has: what another witness can be compared with."""
    counts, reasons = type(shown.counts), type(shown.reasons)
    return run._replace(
        counts=counts(*(getattr(run.counts, name) for name in counts._fields)),
        reasons=reasons(*(getattr(run.reasons, name) for name in reasons._fields)),
    )


def first_difference(left: Run, right: Run) -> str | None:
    """Where two runs first differ, in a line; None where they are equal to the last bit."""
    both = min(left.trace.shape[1], right.trace.shape[1])
    if left.trace.shape[0] != right.trace.shape[0]:
        return f"units in the trace: {left.trace.shape[0]} against {right.trace.shape[0]}"
    differing = np.argwhere((left.trace[:, :both] != right.trace[:, :both]).T)
    if differing.size:
        cycle, unit = differing[0].tolist()
        letters = f"{chr(left.trace[unit, cycle])!r} against {chr(right.trace[unit, cycle])!r}"
        return f"trace of unit {unit} in cycle {cycle}: {letters}"
    if left.cycles != right.cycles:
        return f"cycles: {left.cycles} against {right.cycles}"
    if left.trace.shape != right.trace.shape:
        return f"length of the trace: {left.trace.shape[1]} against {right.trace.shape[1]}"
    for kind, ours, theirs in (
        ("counts", left.counts, right.counts),
        ("reasons", left.reasons, right.reasons),
    ):
        for name, a, b in zip(ours._fields, ours, theirs, strict=True):
            if not np.array_equal(a, b):
                return f"{kind}: {_first_place(name, a, b)}"
    if not np.array_equal(left.output, right.output):
        return _first_place("output", left.output, right.output)
    return None


def _first_place(name: str, left: np.ndarray, right: np.ndarray) -> str:
    if left.shape != right.shape:
        return f"{name} has shape {left.shape} against {right.shape}"
    place = int(np.flatnonzero(left != right)[0])
    return f"{name}[{place}] is {left[place]} against {right[place]}"
