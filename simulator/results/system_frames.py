"""Steps of several chips as data frames: rows of `system --json`, spans of its timelines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from workloads.document_types import Document

if TYPE_CHECKING:
    import pandas as pd

    from simulator.results.files import StoredFile


def system_rows(content: Document) -> pd.DataFrame:
    """The rows of `system --json`, with what they are of; columns that are empty in all of them left out."""
    import pandas as pd

    origin = {key: content[key] for key in ("system", "workload", "step", "chip")}
    frame = pd.DataFrame([{**origin, **row} for row in content["points"]])
    return frame.dropna(axis="columns", how="all")


def points(files: Sequence[StoredFile]) -> tuple[pd.DataFrame, str]:
    """A row for each number of chips and exchange of the files, or of their CSV; and a title."""
    import pandas as pd

    frames = [system_rows(file.content) for file in files if file.kind == "system"]
    frames += [file.content for file in files if file.kind == "rows"]
    frame = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()
    names = [", ".join(dict.fromkeys(frame[key].astype(str))) for key in ("workload", "system") if key in frame]
    return frame, " on ".join(names)


def spans(files: Sequence[StoredFile]) -> tuple[pd.DataFrame, str]:
    """The spans of one timeline of `system --trace`: unit, name, reason, begin_us, us."""
    import pandas as pd

    content = files[0].content
    if files[0].kind != "system timeline":
        return pd.DataFrame(), ""
    names = {
        (event["pid"], event["tid"]): event["args"]["name"]
        for event in content["traceEvents"]
        if event["name"] == "thread_name"
    }
    rows = [
        {
            "unit": names[event["pid"], event["tid"]], "name": event["name"], "reason": event["args"]["reason"],
            "begin_us": event["args"]["begin_ps"] / 1e6, "us": event["args"]["ps"] / 1e6,
        }
        for event in content["traceEvents"]
        if event["ph"] == "X"
    ]  # fmt: skip
    return pd.DataFrame(rows), f"{content['otherData']['workload']} on {content['system']}"
