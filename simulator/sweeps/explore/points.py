"""Points of a search as those of a sweep: their numbers in a space, run through a store, and their rows in it."""

from collections.abc import Callable, Sequence

from simulator.results.store import Store
from simulator.results.store_reader import Results
from simulator.sweeps.axes import Value
from simulator.sweeps.explore.asker import Places
from simulator.sweeps.points import Space, points_at
from simulator.sweeps.run import Executor, run_points
from simulator.sweeps.state import SweepState
from workloads.document_types import Document


class Points:
    """Runs points of a space that the store does not hold, and reads their rows."""

    def __init__(self, space: Space, store: Store, state: SweepState, executor: Callable[[], Executor]):
        self._space, self._store, self._state, self._executor = space, store, state, executor
        self._sizes = [len(axis.values) for (axis,) in space.axes]

    def run(self, asked: Sequence[Places]) -> list[Document] | None:
        """The row of each point, in this order; None where the search was stopped before all of them were done.

        InputError where the store or the workers fail.
        """
        numbers = [self._number(places) for places in asked]
        run_points(numbers, self._state, self._executor)
        self._state.commit()
        ids = [self._state.identity_of(point) for _, point in points_at(self._space, numbers)]
        rows = {row["id"]: row for row in Results(self._store.path).rows(ids=ids)}
        return [rows[one] for one in ids] if all(one in rows for one in ids) else None

    def settings(self, places: Places) -> dict[str, Value]:
        """The value of each key at a point."""
        return {axis.name: axis.values[at] for (axis,), at in zip(self._space.axes, places, strict=True)}

    def _number(self, places: Places) -> int:
        """The place of a point in the order of the space, whose last key changes fastest."""
        number = 0
        for size, at in zip(self._sizes, places, strict=True):
            number = number * size + at
        return number
