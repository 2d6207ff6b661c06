"""Simulates points, and keeps drawn layers and their layouts for the next ones."""

import math
from collections import OrderedDict
from collections.abc import Sequence
from typing import NamedTuple

from simulator.core.registry import find
from simulator.results.result import Result
from simulator.run.executor import check_kind, load_for
from simulator.run.simulate import simulate
from simulator.sweeps.identity import Resolved
from simulator.sweeps.workers.layout_cache import Layouts, array_bytes
from workloads.document_types import Document, Fields
from workloads.errors import refuse
from workloads.model import make_options, open_model
from workloads.options import WorkloadOptions
from workloads.workload import Layer, Workload

MOST_BYTES = 512 << 20
"""Of kept layers."""
DROPPED = (
    "machine", "config", "changes", "workload", "workload_source", "engine", "seed", "arch", "clock_mhz", "node_nm",
    "elapsed_s", "tables", "notes", "output_argmax", "output_matches_reference", "config_sources", "versions",
    "energy_lines", "reason_units", "units", "format",
)  # fmt: skip
"""Keys of `Result.to_dict` that a point's parameters hold, or that are no figures of it."""
ADDED_PARTS = ("counts.", "energy_pj.", "cycles_by_reason.")
ADDED = ("cycles", "time_us", "energy_uj", "dram_bytes")
"""Figures of a network that are sums over its layers, and beginnings of the names of others."""


class Kept(NamedTuple):
    """A compressed layer and its layouts on a machine."""

    workload: Workload
    layouts: Layouts
    bytes: int


class PointRunner:
    """Simulates one point after the other; only timing and counts, no output."""

    def __init__(self, most_bytes: int = MOST_BYTES):
        self.most_bytes = most_bytes
        self.loads = 0
        self._kept: OrderedDict[str, Kept] = OrderedDict()

    def run(self, resolved: Resolved) -> Document:
        """A point's figures: numbers and words by name; of a network the sums, and a list `layers`.

        InputError where the machine runs none of the layers.
        """
        model = open_model(resolved.point.workload, workload_options(resolved.options))
        if not model.network:
            (layer,) = model.layers
            return figures(self._simulate(resolved, layer))
        kinds = find(resolved.config.machine).kinds
        chosen = [layer for layer in model.layers if layer.kind is None or layer.kind in kinds]
        if not chosen:
            refuse(resolved.point.workload, f"{resolved.config.name} runs none of its layers", "a machine that does")
        rows = [{"layer": layer.name, **figures(self._simulate(resolved, layer))} for layer in chosen]
        return {**add_up(rows), "layers": rows}

    def _simulate(self, resolved: Resolved, layer: Layer) -> Result:
        kept, config = self._find(resolved, layer), resolved.config
        check_kind(config, layer.name, kept.workload.kind)
        passes = kept.layouts.find(config.arch)
        return simulate(config, kept.workload, engine=resolved.engine, output=False, passes=passes)

    def _find(self, resolved: Resolved, layer: Layer) -> Kept:
        """The compressed layer, drawn now or before. What a machine asks of a layer is part of the key."""
        machine = find(resolved.config.machine)
        formats = machine.formats(resolved.config.arch)
        key = repr((machine.name, resolved.workload, layer.name, sorted(formats.items())))
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        self._make_room()
        workload = load_for(resolved.config, layer, formats)
        self.loads += 1
        self._kept[key] = Kept(workload, Layouts(machine, workload.layer), array_bytes(workload.layer))
        return self._kept[key]

    def _make_room(self) -> None:
        """Before a layer is drawn, the oldest go, with their layouts."""
        while sum(kept.bytes + kept.layouts.bytes for kept in self._kept.values()) > self.most_bytes:
            self._kept.popitem(last=False)


def workload_options(options: Fields) -> WorkloadOptions:
    """The options of a point as workloads know them: `input` is the file of an activation. InputError as there."""
    given = {name: value for name, value in options.items() if value is not None}
    path = given.pop("input", None)
    return make_options(**given, **({} if path is None else {"activation": path}))


def figures(result: Result) -> Document:
    """A result's figures, flat: numbers and words by name, nested ones as `counts.entries`; lists are joined."""
    content = {name: value for name, value in result.to_dict().items() if name not in DROPPED}
    flat = {"energy_uj": result.energy_uj, **_flatten(content, "")}
    return {name: value for name, value in flat.items() if value is not None}


def add_up(rows: Sequence[Fields]) -> Document:
    """The sums over layers that run one after the other."""
    names = dict.fromkeys(name for row in rows for name in row if name in ADDED or name.startswith(ADDED_PARTS))
    total: Document = {"layers_run": len(rows)}
    for name in names:
        values = [row.get(name, 0) for row in rows]
        total[name] = sum(values) if all(isinstance(value, int) for value in values) else math.fsum(values)
    return {**total, "edp_uj_us": total["energy_uj"] * total["time_us"], "area_mm2": rows[0]["area_mm2"]}


def _flatten(content: Fields, above: str) -> Document:
    flat: Document = {}
    for name, value in content.items():
        if isinstance(value, dict):
            flat.update(_flatten(value, f"{above}{name}."))
        elif isinstance(value, list | tuple):
            if value and all(isinstance(one, str) for one in value):
                flat[f"{above}{name}"] = "; ".join(value)
        else:
            flat[f"{above}{name}"] = value
    return flat
