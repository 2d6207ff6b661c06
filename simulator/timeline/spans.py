"""Spans of a trace: consecutive cycles of a unit with the same letter, and so the same reason."""

from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

import numpy as np


class Span(NamedTuple):
    """The cycles of a unit from `begin` up to, not including, `begin + cycles`, and how many it spent on each reason.

    An exact span has one reason. A down-sampled one may have several, and is named after the most frequent one.
    """

    begin: int
    cycles: int
    spent: dict[str, int]  # reason -> cycles

    @property
    def name(self) -> str:
        """The reason with the most cycles, the first of equals."""
        return max(self.spent, key=lambda reason: self.spent[reason])


def reason_of(letter: StrEnum) -> str:
    """The name of a letter in words: `QUEUE_FULL` is `queue full`."""
    return letter.name.lower().replace("_", " ")


def count_runs(trace: np.ndarray) -> int:
    """How many exact spans all rows of a trace have. trace: uint8 [units, cycles], at least one cycle."""
    return trace.shape[0] + int(np.count_nonzero(trace[:, 1:] != trace[:, :-1]))


def exact_spans(row: np.ndarray, letters: type[StrEnum], start: int) -> list[Span]:
    """The exact spans of a unit. row: uint8 [cycles], beginning with cycle `start`."""
    names = {ord(letter): reason_of(letter) for letter in letters}
    borders = [0, *(np.flatnonzero(row[1:] != row[:-1]) + 1).tolist(), row.size]
    return [Span(start + begin, end - begin, {names[row[begin]]: end - begin}) for begin, end in pairwise(borders)]


def binned_spans(row: np.ndarray, letters: type[StrEnum], start: int, width: int) -> list[Span]:
    """The spans of a unit, cut every `width` cycles; neighbouring bins of one single and equal reason are one span.

    row: uint8 [cycles], beginning with cycle `start`. RuntimeError where it holds a letter that is not in `letters`.
    """
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
