"""The page on speed, from what `python -m benchmarks.speed` wrote down."""

import json
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from docs.generate.markdown import MADE, code, table
from docs.generate.speed_goals import goals
from simulator.core.registry import machines
from simulator.hardware.dram.presets import presets
from workloads.sources.zoo.recipes import zoo

HEAD = """# Speed

What a simulation costs, next to something that has to be done anyway: the reference kernel that only computes the
output, or Python with numpy and Numba loaded. Both were measured in turn on the same computer, in seconds of processor
time of all threads; so the ratios hold elsewhere, the seconds do not.

```sh
.venv/bin/python -m benchmarks.speed --json docs/validation/speed.json
```

In the tables, *next to* names what took turns with the left column, and *its time* is the time of that. *Pairs* is how
many turns were taken: both times are medians over them, and *ratio* is the median of the ratios of the pairs. The
tables time different parts of a simulation, so a layer may have different times in them; each says which part.

"""
WHAT = {
    "start": "## Whole commands\n\nTimed: a process from the start of Python to its end, with all caches filled.\n\n",
    "engine": "## Engines\n\n"
    "Timed: a machine's engine on a compressed layer that is loaded and laid out already. Rows that name the layout "
    "time it too. No row holds reading, drawing or compressing the layer, prices, or the result.\n\n",
    "machine": "## Machines\n\n"
    "Timed: the layout of a compressed layer and the engine with its output, for each machine's first configuration; "
    "the kernel computes the same bits, and knows nothing of time.\n\n",
    "DRAM": "## DRAM\n\n"
    "Timed: the engine that serves lines of a channel; consecutive lines are worked out in bulk.\n\n",
    "layout": "## Layouts\n\nTimed: the layout of a compressed layer alone.\n\n",
    "sweep": "## Sweeps\n\nTimed: a sweep of one worker with its store, from drawing to writing; with the start of "
    "the worker, or of the client's process alone.\n\n",
    "growth": "## How the cost grows\n\n"
    "Timed: `simulate`, which is layout, engine with output, counts and energies, of a layer that is loaded already. "
    "Each setting or layer is next to the same machine as configured on the whole layer.\n\n",
}
"""What each table times, in the order of the page."""
CONDITIONS = """## Where and when

{table}
Not measured: the engines of {machines}; the DRAM presets {presets}.

"""
ASKED = ("date", "processor", "cores", "system", "python", "numpy", "numba", "zeroskip")
UNKNOWN = "not recorded"
PEERS = """## Other programs

Measured earlier, once, on a shared computer with two cores of the same kind; the command above does not repeat them.
They answer different questions: Timeloop, ZigZag and AccelForge evaluate formulas for mappings, STONNE and SCALE-Sim
simulate dense or sparse arrays cycle by cycle, DNNsim and losif63's program SCNN. What was noted at the time is in the
table; where a version, a configuration or a density is *not recorded*, the row gives an order of magnitude and no more.

"""
LAYER, ON_EIE, CONV = "a fully connected layer of 4096 x 4096", "a layer on EIE", "vgg16-conv5_3"
READ, LINE = "a read from DRAM", "1 M random lines"
OURS = (
    (LAYER, "`zeroskip run eie alexnet-fc7`", "eie_64pe", "alexnet-fc7"),
    (LAYER, "eie, alexnet-fc7: pes = 64", "eie_64pe, `simulate`", "alexnet-fc7"),
    (CONV, "SCNN, vgg16-conv5_3, banks by channels 7 banks apart", "scnn_8x8, engine alone", "vgg16-conv5_3"),
    (ON_EIE, "EIE, alexnet-fc6, with output", "eie_64pe, engine alone", "alexnet-fc6"),
    *((READ, f"{name}, {LINE}", f"{name}, {LINE}", "") for name in ("ddr3_1600", "ddr4_2400")),
)
"""A task of other programs, what was measured of ours, its configuration, and the layer of the zoo."""


def pages(folder: Path) -> dict[str, str]:
    """`speed.md`."""
    file = folder / "validation" / "speed.json"
    figures = json.loads(file.read_text("utf-8"))["figures"] if file.exists() else []
    text = HEAD if figures else f"{HEAD}Not measured yet.\n\n"
    order = list(WHAT)
    for group, rows in groupby(sorted(figures, key=lambda one: order.index(one["group"])), lambda one: one["group"]):
        text += WHAT[group] + (_lines if group == "DRAM" else _table)(list(rows))
    text += goals(figures) + conditions(figures) if figures else ""
    peers = json.loads((folder / "validation" / "peers.json").read_text("utf-8"))
    tasks = list(dict.fromkeys(one["task"] for one in peers))
    rows = sorted([*peers, *_ours(figures)], key=lambda one: (tasks.index(one["task"]), -one["seconds"]))
    columns = ("task", "program", "version", "configuration", "density", "time", "how it was run")
    shown = [
        (
            *(one["task"], one["program"]),
            *(one[key] or UNKNOWN for key in ("version", "configuration", "density")),
            *(_seconds(one["seconds"]), one["how"]),
        )
        for one in rows
    ]
    return {"speed.md": MADE + text + PEERS + table(columns, shown, ("time",))}


def _ours(figures: Sequence[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    """What was measured of this simulator, as rows of the table of other programs."""
    measured = {one["what"]: one for one in figures}
    for task, what, configuration, layer in OURS:
        if what in measured:
            one = measured[what]
            yield {
                "task": task,
                "program": "zeroskip",
                "version": one.get("measured", {}).get("zeroskip"),
                "configuration": configuration,
                "density": _density(layer) if layer else "-",
                "seconds": one["seconds"] / one.get("units", 1),
                "how": what,
            }


def _density(layer: str) -> str:
    """Of weights and inputs, as the zoo has them."""
    recipe: Any = zoo()[layer]
    return f"{100 * recipe.weight_density.value:g} % x {100 * recipe.activations.density.value:g} %"


def conditions(figures: Sequence[dict[str, Any]]) -> str:
    """Computers, versions and dates, with how many figures were measured so; and what was not measured."""
    rows: dict[tuple[str, ...], int] = {}
    for one in figures:
        key = tuple(str(one.get("measured", {}).get(name, UNKNOWN)) for name in ASKED)
        rows[key] = rows.get(key, 0) + 1
    texts = " ".join(one["what"].casefold() for one in figures if one["group"] in ("engine", "machine"))
    measured = {one["what"].partition(",")[0] for one in figures if one["group"] == "DRAM"}
    absent = [code(name) for name in machines() if name not in texts]
    return CONDITIONS.format(
        table=table(("figures", *ASKED), [(count, *key) for key, count in rows.items()], ("figures",)),
        machines=", ".join(absent) or "none",
        presets=", ".join(code(name) for name in presets() if name not in measured) or "none",
    )


def _table(rows: list[dict[str, Any]]) -> str:
    """A line for each figure, without columns that are empty in all."""
    names = ("what", "time", "ratio", "next to", "its time", "pairs", "in other words")
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
    kept = [place for place in range(len(names)) if any(line[place] != "-" for line in lines)]
    shown = [[line[place] for place in kept] for line in lines]
    return table([names[place] for place in kept], shown, ("time", "ratio", "its time", "pairs")) + "\n"


def _lines(rows: list[dict[str, Any]]) -> str:
    """A line for each figure of DRAM, with the time of one line: both sides may serve different numbers of them."""
    names = ("what", "time", "ns a line", "next to", "its time", "its ns a line", "pairs", "in other words")
    lines = [
        (
            one["what"],
            _seconds(one["seconds"]),
            f"{1e9 * one['seconds'] / one['units']:.3g}",
            one["reference"],
            _seconds(one["reference_seconds"]),
            f"{1e9 * one['reference_seconds'] / one['reference_units']:.3g}",
            one["rounds"],
            one["note"] or "-",
        )
        for one in rows
    ]
    return table(names, lines, ("time", "ns a line", "its time", "its ns a line", "pairs")) + "\n"


def _seconds(value: float) -> str:
    """With the unit that keeps it short."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value * 1e9:.3g} ns"
