"""Delays behind a camera as data frames: rows of `camera --json`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from workloads.document_types import Document

if TYPE_CHECKING:
    import pandas as pd

    from simulator.results.files import StoredFile

KIND = "camera"
"""What the JSON is called where files are recognised."""
PARTS = ("misses", "lost frames", "sensor", "queue", "service")
"""What a delay consists of, in the order in which a frame meets it."""


def camera_rows(content: Document) -> pd.DataFrame:
    """A row for each operating point of one camera, with what it is of; parts of the delay in ms."""
    import pandas as pd

    camera = {key: content[key] for key in ("workload", "truth", "detections", "fps", "policy", "depth")}
    camera["machine"] = ", ".join(str(stage["machine"]) for stage in content["stages"])
    points = [{**camera, **point, **point["parts_ms"]} for point in content["points"]]
    return pd.DataFrame(points).drop(columns="parts_ms").rename(columns={"name": "point"})


def delays(files: Sequence[StoredFile]) -> tuple[pd.DataFrame, str]:
    """A row for each operating point of one file, or for the first point of each of several; and a title."""
    import pandas as pd

    found = [camera_rows(file.content) for file in files if file.kind == KIND]
    found = [one.iloc[:1] for one in found] if len(found) > 1 else found
    frame = pd.concat(found, ignore_index=True) if found else pd.DataFrame()
    names = [", ".join(dict.fromkeys(frame[key].astype(str))) for key in ("workload", "machine") if key in frame]
    return frame, " on ".join(names)
