"""Language models over contexts, and their bytes by part, as data frames."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from workloads.document_types import Document

if TYPE_CHECKING:
    import pandas as pd

    from simulator.results.files import StoredFile

PARTS = "bytes_by_part."
"""Beginning of the columns of bytes by part."""


def context_rows(content: Document) -> pd.DataFrame:
    """The rows of `compare --json` of language models over contexts; bytes by part are columns, zeros left out."""
    import pandas as pd

    frame = pd.json_normalize(content["contexts"])
    empty = [name for name in frame if str(name).startswith(PARTS) and not frame[name].any()]
    return frame.drop(columns=empty)


def contexts(files: Sequence[StoredFile]) -> tuple[pd.DataFrame, str]:
    """A row for each model, machine and context of the files."""
    import pandas as pd

    frames = [context_rows(file.content) for file in files if file.kind == "contexts"]
    frames += [file.content for file in files if file.kind == "rows"]
    return (pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()), "language models over contexts"


def parts(files: Sequence[StoredFile]) -> tuple[pd.DataFrame, str]:
    """Bytes of a step by part: a row for each model and machine of `run --json`, or for each context, too."""
    import pandas as pd

    rows = []
    for file in files:
        if file.kind == "contexts":
            rows += file.content["contexts"]
        elif file.kind == "network" and "bytes_by_part" in file.content:
            content = file.content
            bytes_by_part, machine = content["bytes_by_part"], content["config"]
            rows.append({"workload": content["workload"], "machine": machine, "bytes_by_part": bytes_by_part})
    return pd.json_normalize(rows), "bytes of DRAM in a step"
