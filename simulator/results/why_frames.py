"""From what `why --json` printed to data frames, as pictures are drawn of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from workloads.document_types import Document

if TYPE_CHECKING:
    import pandas as pd

    from simulator.results.files import StoredFile

KIND = "why"


def _documents(files: Sequence[StoredFile]) -> list[Document]:
    return [file.content for file in files if file.kind == KIND]


def _title(found: Sequence[Document]) -> str:
    """The workload and the machine, or how many there are."""
    parts = []
    for key, what in (("workload", "workloads"), ("config", "machines")):
        names = list(dict.fromkeys(str(one[key]) for one in found))
        parts.append(names[0] if len(names) == 1 else f"{len(names)} {what}")
    return " on ".join(parts)


def stacks(files: Sequence[StoredFile]) -> tuple[pd.DataFrame, str]:
    """A row for each part of each layer's stack, and of the sum of a network; and a title."""
    import pandas as pd

    found, rows = _documents(files), []
    several = len({one["config"] for one in found}) > 1
    for one in found:
        bars = [(layer["layer"], layer["parts"]) for layer in one["layers"]]
        bars += [(f"all of {one['workload']}", one["stack"]["parts"])] if len(bars) > 1 else []
        for layer, parts in bars:
            name = f"{layer}, {one['config']}" if several else layer
            rows += [(name, part["name"], part["cycles"]) for part in parts]
    return pd.DataFrame(rows, columns=["layer", "part", "cycles"]), _title(found) if found else ""


def slack(files: Sequence[StoredFile]) -> tuple[pd.DataFrame, str]:
    """A row for each PE of the first layer that has slack: its number, slack, and cycles of the critical path."""
    import pandas as pd

    found = _documents(files)
    for layer in [layer for one in found for layer in one["layers"]]:
        units = (layer["critical_path"] or {}).get("units", [])
        rows = [
            (int(unit["name"].removeprefix("PE ")), unit["slack"], unit["path_cycles"])
            for unit in units
            if unit["name"].startswith("PE ")
        ]
        if rows:
            frame = pd.DataFrame(rows, columns=["pe", "slack", "path_cycles"])
            return frame, f"{layer['layer']} on {found[0]['config']}: {layer['cycles']:,} cycles"
    return pd.DataFrame(), ""


def slack_map(files: Sequence[StoredFile]) -> tuple[pd.DataFrame, str]:
    """A row for each interval of time and line of PEs of the first layer that has them, and a title.

    Columns: `cycle`, the first of the interval, `pe`, the first of the line, `slack`, None where no work begins, and
    `cycles` and `pes` of the run.
    """
    import pandas as pd

    found = _documents(files)
    for layer in [layer for one in found for layer in one["layers"]]:
        known = (layer["critical_path"] or {}).get("slack")
        if known:
            least, cycles, pes = known["least"], known["cycles"], known["pes"]
            rows = [
                (time * cycles / len(least), line * pes / len(row), slack, cycles, pes)
                for time, row in enumerate(least)
                for line, slack in enumerate(row)
            ]
            frame = pd.DataFrame(rows, columns=["cycle", "pe", "slack", "cycles", "pes"])
            return frame, f"{layer['layer']} on {found[0]['config']}: {layer['cycles']:,} cycles"
    return pd.DataFrame(), ""


def changes(files: Sequence[StoredFile]) -> tuple[pd.DataFrame, str]:
    """A row for each change: what it is, and the share of the run's cycles that it saves."""
    import pandas as pd

    found = _documents(files)
    rows = [
        (f"{change['key']}: {change['before']} to {change['after']}", 100 * change["cycles_saved"] / one["cycles"])
        for one in found[:1]
        for change in one["what_if"] or ()
        if change["cycles_saved"]
    ]
    return pd.DataFrame(rows, columns=["change", "saved_percent"]), _title(found) if found else ""
