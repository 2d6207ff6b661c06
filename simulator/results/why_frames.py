"""From what `why --json` printed to data frames, as pictures are drawn of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from workloads.document_types import Document
from workloads.errors import refuse

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
    """A row for each PE of the first layer that has slack: its number, slack, and cycles of the critical path.

    InputError where no layer has any.
    """
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
            return frame, _layer_title(found[0], layer)
    _refuse_without_slack(files, found)
    return pd.DataFrame(), ""


def slack_map(files: Sequence[StoredFile]) -> tuple[pd.DataFrame, str]:
    """A row for each interval of time and line of PEs of the first layer that has them, and a title.

    Columns: `cycle`, the first of the interval, `pe`, the first of the line, `slack`, None where no work begins, and
    `cycles` and `pes` of the run. InputError where no layer has them, ValueError where they are of no such run.
    """
    import pandas as pd

    found = _documents(files)
    for layer in [layer for one in found for layer in one["layers"]]:
        known = (layer["critical_path"] or {}).get("slack")
        if known:
            least, cycles, pes = known["least"], known["cycles"], known["pes"]
            _check_map(least, cycles, pes, layer)
            rows = [
                (time * cycles / len(least), line * pes / len(row), slack, cycles, pes)
                for time, row in enumerate(least)
                for line, slack in enumerate(row)
            ]
            frame = pd.DataFrame(rows, columns=["cycle", "pe", "slack", "cycles", "pes"])
            return frame, _layer_title(found[0], layer)
    _refuse_without_slack(files, found)
    return pd.DataFrame(), ""


def _check_map(least: list[list[int | None]], cycles: int, pes: int, layer: Document) -> None:
    """ValueError where a map of slack is none of this layer's run."""
    lines = {len(row) for row in least}
    if cycles != layer["cycles"] or len(lines) != 1 or not 1 <= max(lines) <= pes or not 1 <= len(least) <= cycles:
        raise ValueError(f"slack is of {cycles} cycles and {pes} PEs in {len(least)} rows of {sorted(lines)} numbers")
    known = [one for row in least for one in row if one is not None]
    if not known or min(known) < 0 or max(known) >= 1 << 63:
        raise ValueError("slack is no number of cycles anywhere, or below zero, or beyond 64 bits")


def _layer_title(found: Document, layer: Document) -> str:
    """The layer, its machine and cycles, and of how many layers it is one."""
    others = f", one of {len(found['layers'])} layers" if len(found["layers"]) > 1 else ""
    return f"{layer['layer']} on {found['config']}: {layer['cycles']:,} cycles{others}"


def _refuse_without_slack(files: Sequence[StoredFile], found: Sequence[Document]) -> None:
    """InputError where machines name what decides the end, but no slack of PEs."""
    if found:
        refuse(
            str(files[0].path),
            f"{found[0]['config']} gives no slack of its PEs",
            "a run of a machine that does, as eie",
        )


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
