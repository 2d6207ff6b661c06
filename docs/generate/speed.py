"""The page on speed, from what `python -m benchmarks.speed` wrote down."""

import json
from itertools import groupby
from pathlib import Path
from typing import Any

from docs.generate.markdown import MADE, table

HEAD = """# Speed

What a simulation costs, next to something that has to be done anyway: the reference kernel that only computes the
output, or Python with numpy and Numba loaded. Both were measured in turn on the same computer, in seconds of processor
time of all threads (medians); so the ratios hold elsewhere, the seconds do not.

```sh
.venv/bin/python -m benchmarks.speed --json docs/validation/speed.json
```

"""
GROUPS = {
    "start": "## Whole commands\n\nWith all caches filled, from the start of Python to its end.\n\n",
    "engine": "## Engines\n\n",
    "DRAM": "## DRAM\n\nThe engine that serves lines of a channel; consecutive lines are worked out in bulk.\n\n",
    "layout": "## Layouts\n\n",
    "sweep": "## Sweeps\n\n",
    "growth": "## How the cost grows\n\n"
    "Each setting or layer, next to the same machine as configured on the whole layer.\n\n",
}
PEERS = """## Other programs

Measured earlier, once, on a shared computer with two cores of the same kind; the command above does not repeat them.
They answer different questions: Timeloop, ZigZag and AccelForge evaluate formulas for mappings, STONNE and SCALE-Sim
simulate dense or sparse arrays cycle by cycle, DNNsim and losif63's program SCNN.

"""


OURS = (
    ("a fully connected layer of 4096 x 4096", "`zeroskip run eie alexnet-fc7`", 1),
    ("a fully connected layer of 4096 x 4096", "eie, alexnet-fc7: pes = 64", 1),
    ("vgg16-conv5_3", "SCNN, vgg16-conv5_3, banks by channels 7 banks apart", 1),
    ("a layer on EIE", "EIE, alexnet-fc6, with output", 1),
    ("a read from DRAM", "ddr3_1600, a million random lines", 1_000_000),
    ("a read from DRAM", "ddr4_2400, a million random lines", 1_000_000),
)
"""A task of other programs, what was measured of ours, and how often it does the task."""


def pages(folder: Path) -> dict[str, str]:
    """`speed.md`."""
    file = folder / "validation" / "speed.json"
    figures = json.loads(file.read_text("utf-8"))["figures"] if file.exists() else []
    text = HEAD if figures else f"{HEAD}Not measured yet.\n\n"
    order = list(GROUPS)
    for group, rows in groupby(sorted(figures, key=lambda one: order.index(one["group"])), lambda one: one["group"]):
        text += GROUPS[group] + _table(list(rows))
    peers = json.loads((folder / "validation" / "peers.json").read_text("utf-8"))
    measured = {one["what"]: one for one in figures}
    ours = [
        {"task": task, "program": "zeroskip", "seconds": measured[what]["seconds"] / times, "how": what}
        for task, what, times in OURS
        if what in measured
    ]
    tasks = list(dict.fromkeys(one["task"] for one in peers))
    rows = sorted([*peers, *ours], key=lambda one: (tasks.index(one["task"]), -one["seconds"]))
    shown = [(one["task"], one["program"], _seconds(one["seconds"]), one["how"]) for one in rows]
    text += PEERS + table(("task", "program", "time", "how it was run"), shown)
    return {"speed.md": MADE + text}


def _table(rows: list[dict[str, Any]]) -> str:
    """A line for each figure."""
    names = ("what", "time", "ratio", "of", "its time", "pairs", "in other words")
    lines = [
        (
            one["what"],
            _seconds(one["seconds"]),
            "-" if one["ratio"] is None else f"{one['ratio']:.2f}",
            one["reference"] or "-",
            "-" if one["reference_seconds"] is None else _seconds(one["reference_seconds"]),
            one["rounds"],
            one["note"] or "-",
        )
        for one in rows
    ]
    return table(names, lines, ("time", "ratio", "its time", "pairs")) + "\n"


def _seconds(value: float) -> str:
    """With the unit that keeps it short."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value * 1e6:.3g} us"
