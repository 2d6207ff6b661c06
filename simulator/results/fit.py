"""Whether what was simulated fits its machine, and is the whole network: what a command wrote may say so variously."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from simulator.results.text import counted

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from workloads.document_types import Fields

FITS = "fits"
"""The column: True, False, or missing for a point that failed."""
VIOLATIONS = "violations"
PARTIAL = ("layers_run", "layers_found", "left_out")
"""Columns of a network: layers in its sums, layers that it has, the names of those that are not in the sums."""


def row_fits(row: Fields) -> bool:
    """Whether a row of figures names no violated capacity; a list, a text and a missing value are all read."""
    found = row.get(VIOLATIONS)
    return not isinstance(found, str | list | tuple) or not found


def partial_networks(rows: Iterable[Fields]) -> list[str]:
    """A sentence for each network and machine whose figures are sums over some of its layers only.

    rows: points with `workload`, `machine` and the columns PARTIAL, which a single layer lacks.
    """
    run, found, names = PARTIAL
    keys = ("workload", "machine", run, found)
    cases = Counter(tuple(row.get(key) for key in keys) for row in rows if row.get(names) and row.get(run) is not None)
    return [
        f"{network} on {machine}: figures of {layers_of(some, every)}, as the machine does not "
        f"run the others (column {names}; {counted(count, 'point')})"
        for (network, machine, some, every), count in cases.items()
    ]


def layers_of(some: object, every: object) -> str:
    """`2 of 3 layers`, or `1 layer` where it is not known how many there are."""
    return f"{some} of {every} layers" if every else f"{some} {'layer' if some == 1 else 'layers'}"


def with_fits(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with a column `fits` of booleans; one that is there is kept. A row without violations fits."""
    import pandas as pd

    if FITS in frame:
        return frame.assign(**{FITS: frame[FITS].map(lambda value: str(value) != "False").astype(bool)})
    if VIOLATIONS not in frame:
        return frame.assign(**{FITS: True})
    fits = [row_fits({VIOLATIONS: value}) for value in frame[VIOLATIONS]]
    return frame.assign(**{FITS: pd.Series(fits, index=frame.index, dtype=bool)})
