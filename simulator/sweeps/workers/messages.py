"""What goes to a worker and what comes back: names and figures, never arrays."""

from typing import NamedTuple

from simulator.sweeps.points import Point


class Task(NamedTuple):
    """A point for a worker; `identity` is what the client resolved it to."""

    number: int
    point: Point
    identity: str


class Outcome(NamedTuple):
    """A point that a worker finished."""

    number: int
    results: str | None  # JSON: the values of `names`
    names: tuple[str, ...]  # of the figures
    layers: str | None  # JSON
    error: str | None
    elapsed_s: float
    notes: tuple[str, ...] = ()  # sentences that the results hold, too


class Batch(NamedTuple):
    """Tasks that go to one worker together."""

    number: int
    tasks: tuple[Task, ...]


class Report(NamedTuple):
    """What an executor reports of a batch: outcomes so far; `done`: no more will come.

    Tasks of a batch that is done and that were not reported were not run: given back, or, if `lost`, their worker died.
    """

    batch: int
    outcomes: tuple[Outcome, ...]
    done: bool
    lost: bool = False
    pid: int = 0  # of the process, in its first report
