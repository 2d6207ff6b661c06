"""Runs of equal letters of a trace as spans with a reason."""

from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

import numpy as np


class Span(NamedTuple):
    """Cycles `begin` up to `begin + cycles` of a unit, and how many of them it spent on what.

    Exact spans have one reason. Those of a down-sampled timeline may have several, and bear the name of the longest.
    """

    begin: int
    cycles: int
    spent: dict[str, int]

    @property
    def name(self) -> str:
        """What most of the cycles were spent on; of equals the first."""
        return max(self.spent, key=lambda reason: self.spent[reason])


def reason_of(letter: StrEnum) -> str:
    """`QUEUE_FULL` -> `queue full`."""
    return letter.name.lower().replace("_", " ")


def count_runs(trace: np.ndarray) -> int:
    """Runs of equal letters in all rows of a trace, uint8 [units, cycles] with at least one cycle."""
    return trace.shape[0] + int(np.count_nonzero(trace[:, 1:] != trace[:, :-1]))


def exact_spans(row: np.ndarray, letters: type[StrEnum], start: int) -> list[Span]:
    """The spans of a unit. row: uint8 [cycles], of which the first is cycle `start`."""
    names = {ord(letter): reason_of(letter) for letter in letters}
    borders = [0, *(np.flatnonzero(row[1:] != row[:-1]) + 1).tolist(), row.size]
    return [Span(start + begin, end - begin, {names[row[begin]]: end - begin}) for begin, end in pairwise(borders)]


def binned_spans(row: np.ndarray, letters: type[StrEnum], start: int, width: int) -> list[Span]:
    """The spans of a unit, cut at every `width` cycles; bins of one and the same reason are joined again."""
    border = np.append(np.arange(0, row.size, width), row.size)
    spent = np.array([np.add.reduceat(row == ord(letter), border[:-1], dtype=np.int64) for letter in letters])
    if int(spent.sum()) != row.size:
        raise RuntimeError(f"the trace holds a letter that is none of {', '.join(letters)}")
    longest = spent.argmax(axis=0)
    pure = np.count_nonzero(spent, axis=0) == 1
    joined = pure[1:] & pure[:-1] & (longest[1:] == longest[:-1])
    firsts = [0, *(np.flatnonzero(~joined) + 1).tolist(), longest.size]
    names = [reason_of(letter) for letter in letters]
    spans = []
    for first, after in pairwise(firsts):
        begin, cycles = int(border[first]), int(border[after] - border[first])
        whole = spent[:, first:after].sum(axis=1).tolist()
        spans.append(Span(start + begin, cycles, {name: n for name, n in zip(names, whole, strict=True) if n}))
    return spans
