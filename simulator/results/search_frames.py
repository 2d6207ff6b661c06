"""Trials of a search as a data frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from workloads.document_types import Document

if TYPE_CHECKING:
    import pandas as pd

    from simulator.results.files import StoredFile

KIND = "exploration"
OBJECTIVE = "objective."
"""Beginning of the columns of objectives."""


def trials(files: Sequence[StoredFile]) -> tuple[pd.DataFrame, str]:
    """A row for each trial of `explore --json`, and a title.

    Columns: `trial`, `hypervolume` (a share of the last one), `front` and `takes_part` (booleans), and each objective
    after OBJECTIVE. No rows where the file is of another kind.
    """
    import pandas as pd

    (file,) = files
    if file.kind != KIND:
        return pd.DataFrame(), ""
    content: Document = file.content
    about = content[KIND]
    names = (*about["minimise"], *about["maximise"])
    rows = [
        {
            **{key: row[key] for key in ("trial", "hypervolume", "front")},
            "takes_part": row["left_out"] is None,
            **{f"{OBJECTIVE}{name}": row[name] for name in names},
        }
        for row in content["trials"]
    ]
    return pd.DataFrame(rows), f"{about['workload']} on {about['machine']}, {len(rows):,} trials"
