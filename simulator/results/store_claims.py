"""Which points a sweep has begun, so that another one that fills the same store leaves them to it.

A claim ends with its last point, with its sweep, when the sweep's process has ended, or when the sweep has not been
seen for LEASE_SECONDS. A claim that ended too early costs work that is done twice, and never a point.
"""

import sqlite3
from collections.abc import Sequence
from secrets import randbits
from time import time
from typing import NamedTuple

from simulator.results.process_place import may_run, process_place

LEASE_SECONDS = 30.0
"""So long after it was last seen, a sweep's claims hold."""
BEAT_SECONDS = 5.0
"""How often a sweep writes down that it is there."""
OWNER_BITS = 62


class Claimed(NamedTuple):
    """What became of points that a sweep wants to run."""

    number: int | None  # of the claim; None: no point was left
    taken: frozenset[str]  # by another sweep
    finished: frozenset[str]  # by another sweep, since they were looked up


class Claims:
    """The claims of one sweep; all methods but `due` are called in a transaction."""

    def __init__(self, file: sqlite3.Connection):
        self._file = file
        self._owner = randbits(OWNER_BITS)
        self._seen = 0.0  # 0: it is not written down

    def due(self) -> bool:
        """Whether it is time to write down that the sweep is there."""
        return bool(self._seen) and not 0 <= time() - self._seen < BEAT_SECONDS

    def beat(self) -> None:
        """Write down that the sweep is there."""
        self._seen = time()
        row = self._owner, process_place(), self._seen
        self._file.execute("INSERT OR REPLACE INTO sweep (owner, place, seen) VALUES (?, ?, ?)", row)

    def taken(self) -> frozenset[str]:
        """The points that other sweeps have begun. Claims of those that are gone are removed."""
        for owner, place, seen in self._file.execute("SELECT owner, place, seen FROM sweep").fetchall():
            written = isinstance(place, str) and isinstance(seen, float)  # a damaged store may hold anything
            if owner != self._owner and not (written and abs(time() - seen) < LEASE_SECONDS and may_run(place)):
                self._remove(owner)
        known = """
        SELECT points FROM claim WHERE owner != ? AND owner IN (SELECT owner FROM sweep) AND typeof(points) = 'text'
        """
        return frozenset(one for (text,) in self._file.execute(known, (self._owner,)) for one in text.split(","))

    def add(self, ids: Sequence[str]) -> int:
        """Claim points that nobody has; the number of the claim."""
        if not self._seen or self.due():
            self.beat()
        values = self._owner, ",".join(ids)
        return self._file.execute("INSERT INTO claim (owner, points) VALUES (?, ?)", values).lastrowid or 0

    def end(self, numbers: Sequence[int]) -> None:
        """End claims whose points are stored."""
        self._file.executemany("DELETE FROM claim WHERE number = ?", [(number,) for number in numbers])

    def leave(self) -> None:
        """End all claims of this sweep."""
        self._remove(self._owner)
        self._seen = 0.0

    @property
    def there(self) -> bool:
        """Whether the sweep is written down."""
        return bool(self._seen)

    def _remove(self, owner: int) -> None:
        self._file.execute("DELETE FROM claim WHERE owner = ?", (owner,))
        self._file.execute("DELETE FROM sweep WHERE owner = ?", (owner,))
