"""One input after the other: seeds, and changes of seeds and of inputs that were accepted."""

from random import Random

from .harness import Harness
from .mutators.plain import BINARY, LONGEST, TEXTUAL

MOST_KEPT = 64
"""Accepted inputs that are changed further."""


class Pool:
    """The inputs that others are made of: the seeds, and some of those that were accepted."""

    def __init__(self, harness: Harness, rng: Random):
        self._rng, self._own = rng, tuple(harness.mutators)
        self._seeds, self._kept = list(harness.seeds()), list[bytes]()
        textual = all(_is_text(seed) for seed in self._seeds)
        self._plain = (TEXTUAL if textual else BINARY) if harness.own_bytes else ()

    def first(self) -> list[bytes]:
        """The seeds, which the reader accepts."""
        return list(self._seeds)

    def next(self) -> bytes:
        """A seed or an accepted input, changed once to four times."""
        rng = self._rng
        data = rng.choice(self._kept if self._kept and rng.random() < 0.4 else self._seeds)
        for _ in range(rng.choice([1, 1, 1, 2, 4])):
            data = self.change(data)
        return data[:LONGEST]

    def change(self, data: bytes) -> bytes:
        """Another input, by one of the reader's own changes or one of bytes."""
        own = self._own and (not self._plain or self._rng.random() < 0.6)
        try:
            return self._rng.choice(self._own if own else self._plain)(data, self._rng)
        except Exception:  # what was to be changed is damaged already
            return data if not self._plain else self._rng.choice(self._plain)(data, self._rng)

    def keep(self, data: bytes) -> None:
        """Take an accepted input for further changes, in place of another where there are many."""
        if len(self._kept) < MOST_KEPT:
            self._kept.append(data)
        elif self._rng.random() < 0.05:
            self._kept[self._rng.randrange(MOST_KEPT)] = data


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return b"\0" not in data
