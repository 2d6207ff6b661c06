"""Whether what was simulated fits its machine: what a command wrote may say so in several forms."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from workloads.document_types import Fields

FITS = "fits"
"""The column: True, False, or missing for a point that failed."""
VIOLATIONS = "violations"


def row_fits(row: Fields) -> bool:
    """Whether a row of figures names no violated capacity; a list, a text and a missing value are all read."""
    found = row.get(VIOLATIONS)
    return not isinstance(found, str | list | tuple) or not found


def with_fits(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with a column `fits` of booleans; one that is there is kept. A row without violations fits."""
    import pandas as pd

    if FITS in frame:
        return frame.assign(**{FITS: frame[FITS].map(lambda value: str(value) != "False").astype(bool)})
    if VIOLATIONS not in frame:
        return frame.assign(**{FITS: True})
    fits = [row_fits({VIOLATIONS: value}) for value in frame[VIOLATIONS]]
    return frame.assign(**{FITS: pd.Series(fits, index=frame.index, dtype=bool)})
