"""Simulates points, and keeps drawn layers and their layouts for the next ones."""

import math
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from simulator.core.registry import Accelerator, find
from simulator.results.result import Result
from simulator.run.simulate import simulate
from simulator.sweeps.identity import Resolved
from simulator.sweeps.layouts import Layouts, array_bytes
from workloads.catalogue import load_workload
from workloads.errors import InputError, refuse
from workloads.kinds import kind_of, kind_of_recipe
from workloads.kinds.fully_connected.as_convolution import as_convolution
from workloads.kinds.fully_connected.layer import CompressedFullyConnected
from workloads.sources.zoo.changes import recipe_keys
from workloads.sources.zoo.recipes import zoo
from workloads.workload import Workload

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


class Bench:
    """Simulates one point after the other; only timing and counts, no output."""

    def __init__(self, most_bytes: int = MOST_BYTES):
        self.most_bytes = most_bytes
        self.loads = 0
        self._kept: OrderedDict[str, Kept] = OrderedDict()

    def run(self, resolved: Resolved) -> dict[str, Any]:
        """A point's figures: numbers and words by name; of a network the sums, and a list `layers`."""
        machine = find(resolved.config.machine)
        if not resolved.network:
            return figures(self._simulate(machine, resolved, resolved.layers[0], resolved.options))
        kinds = machine.part("arch").KINDS
        chosen = [name for name in resolved.layers if kind_of_recipe(zoo()[name]) in kinds]
        if not chosen:
            refuse(resolved.point.workload, f"{resolved.config.name} runs none of its layers", "a machine that does")
        rows = []
        for name in chosen:
            rows.append({"layer": name, **figures(self._simulate(machine, resolved, name, _own(name, resolved)))})
        return {**add_up(rows), "layers": rows}

    def _simulate(self, machine: Accelerator, resolved: Resolved, layer: str, options: Mapping[str, Any]) -> Result:
        kept = self._find(machine, resolved, layer, options)
        config = resolved.config
        if kind_of(kept.workload.layer) not in machine.part("arch").KINDS:
            kinds = " and ".join(machine.part("arch").KINDS)
            refuse(layer, f"its kind is {kind_of(kept.workload.layer)}", f"{kinds} on {config.name}")
        passes = kept.layouts.find(config.arch)
        return simulate(config, kept.workload, engine=resolved.engine, output=False, passes=passes)

    def _find(self, machine: Accelerator, resolved: Resolved, layer: str, options: Mapping[str, Any]) -> Kept:
        """The compressed layer, drawn now or before. What a machine asks of a layer is part of the key."""
        wanted = _wanted(machine, resolved, options)
        key = repr((machine.name, resolved.workload, layer, sorted(wanted.items())))
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        self._make_room()
        workload = load(layer, wanted)
        self.loads += 1
        self._kept[key] = Kept(workload, Layouts(machine, workload.layer), array_bytes(workload.layer))
        return self._kept[key]

    def _make_room(self) -> None:
        """Before a layer is drawn, the oldest go, with their layouts."""
        while sum(kept.bytes + kept.layouts.bytes for kept in self._kept.values()) > self.most_bytes:
            self._kept.popitem(last=False)


def load(layer: str, wanted: Mapping[str, Any]) -> Workload:
    """A layer as a machine reads it."""
    plain = {name: value for name, value in wanted.items() if name != "convolution"}
    workload = load_workload(layer, **plain)
    if wanted.get("convolution") and isinstance(workload.layer, CompressedFullyConnected):
        return workload._replace(layer=as_convolution(workload.layer))
    return workload


def figures(result: Result) -> dict[str, Any]:
    """What a result tells, flat: numbers and words by name, nested ones as `counts.entries`; lists are joined."""
    told = {name: value for name, value in result.to_dict().items() if name not in DROPPED}
    flat = {"energy_uj": result.energy_uj, **_flatten(told, "")}
    return {name: value for name, value in flat.items() if value is not None}


def add_up(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The sums over layers that run one after the other."""
    names = dict.fromkeys(name for row in rows for name in row if name in ADDED or name.startswith(ADDED_PARTS))
    total: dict[str, Any] = {"layers_run": len(rows)}
    for name in names:
        values = [row.get(name, 0) for row in rows]
        total[name] = sum(values) if all(isinstance(value, int) for value in values) else math.fsum(values)
    return {**total, "edp_uj_us": total["energy_uj"] * total["time_us"], "area_mm2": rows[0]["area_mm2"]}


def _flatten(told: Mapping[str, Any], above: str) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in told.items():
        if isinstance(value, dict):
            flat.update(_flatten(value, f"{above}{name}."))
        elif isinstance(value, list | tuple):
            if value and all(isinstance(one, str) for one in value):
                flat[f"{above}{name}"] = "; ".join(value)
        else:
            flat[f"{above}{name}"] = value
    return flat


def _own(layer: str, resolved: Resolved) -> dict[str, Any]:
    """The options of one layer of a network: changes that its recipe knows, granularity for convolutions only."""
    options, recipe = resolved.options, zoo()[layer]
    changes = {key: value for key, value in options["recipe"].items() if key in recipe_keys(recipe)}
    granularity = options.get("granularity", 0) if kind_of_recipe(recipe) == "convolution" else 0
    return {**options, "recipe": changes, "granularity": granularity}


def _wanted(machine: Accelerator, resolved: Resolved, options: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of `load_workload`: the machine's and the user's."""
    own = machine.part("arch").options(resolved.config.arch)
    given = {name: value for name, value in options.items() if value is not None}
    prune, path = given.pop("prune", None), given.pop("input", None)
    if prune is not None:
        if prune not in ("balanced", "plain") or "lstm" not in own:
            raise InputError(f"prune is {prune!r} on {resolved.config.name}; expected balanced or plain, of an LSTM")
        own["lstm"] = own["lstm"]._replace(balanced=prune == "balanced")
    if path is not None:
        given["activation"] = path
    if resolved.network:
        given.pop("layer", None)
    return {**own, **given}
