"""Simulates points, and keeps drawn layers and their layouts for the next ones."""

import math
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from typing import NamedTuple

from simulator.core.registry import find
from simulator.results.model_result import LayerRow
from simulator.results.result import MICRO, Result
from simulator.run.executor import check_kind, load_for
from simulator.run.layers import describe_notes, for_each_layer
from simulator.run.simulate import simulate
from simulator.sweeps.identity import Resolved, Resolver
from simulator.sweeps.points import Point
from simulator.sweeps.workers.layout_cache import Layouts, array_bytes
from workloads.document_types import Document, Fields
from workloads.model import make_options, open_model
from workloads.options import WorkloadOptions
from workloads.sources.opened import KeptSources, keeping
from workloads.workload import Layer, Model, Workload

MOST_BYTES = 512 << 20
"""Of kept layers."""
ADDED_PARTS = ("counts.", "energy_pj.", "cycles_by_reason.")
ADDED = ("cycles", "time_us", "energy_uj", "dram_bytes")
"""Figures of a network that are sums over its layers, and beginnings of the names of others."""
PLAIN = (int, float, str)
TEXTS = ("layer", "input", "input_shape", "prune")
"""Options that are texts also where they look like numbers."""


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
        self.sources = KeptSources()
        self._kept: OrderedDict[tuple[str, str, str], Kept] = OrderedDict()
        self._opened: tuple[str, Model] | None = None

    def run(self, resolved: Resolved) -> Document:
        """A point's figures: numbers and words by name, and a list `notes` of sentences.

        Of a network the sums over the layers that ran, the names of the others in `left_out`, and a list `layers`.
        InputError where the machine runs none of the layers.
        """
        model, config = self._open(resolved), resolved.config
        if not model.network:
            (layer,) = model.layers
            return figures(self._simulate(resolved, layer))
        rows, lines = list[Document](), list[LayerRow]()
        for done in for_each_layer(model, lambda layer: self._simulate(resolved, layer)):
            name, result = done.layer, done.made
            if result is None:
                lines.append(LayerRow(name, done.kind, reason=done.reason))
                rows.append({"layer": name, "reason": done.reason})
                continue
            notes = (*result.workload.notes, *result.workload.layer.notes)
            lines.append(LayerRow(name, result.workload.kind, violations=tuple(result.violations), notes=notes))
            rows.append({"layer": name, **figures(result), "notes": "; ".join(notes) or None})
        return {
            **add_up(rows),
            **of_tokens(model.tokens, rows),
            "notes": describe_notes(config, model, lines),
            "layers": rows,
        }

    def prepare(self, resolver: Resolver, point: Point) -> None:
        """Draw and lay out the first layer of a point; what is wrong with it is said when the point is run."""
        with suppress(Exception):
            resolved = resolver.resolve(point)
            kept = self._find(resolved, next(iter(self._open(resolved).layers)))
            kept.layouts.find(resolved.config.arch)

    def _open(self, resolved: Resolved) -> Model:
        """The source, opened now or for the point before; a file whose layers depend on options is read once."""
        if self._opened is None or self._opened[0] != resolved.workload:
            self._opened = None  # before the next one is in memory, too
            with keeping(self.sources):
                model = open_model(resolved.point.workload, workload_options(resolved.options))
            self._opened = resolved.workload, model
        return self._opened[1]

    def _simulate(self, resolved: Resolved, layer: Layer) -> Result:
        kept, config = self._find(resolved, layer), resolved.config
        check_kind(config, layer.name, kept.workload.kind)
        passes = kept.layouts.find(config.arch)
        return simulate(config, kept.workload, engine=resolved.engine, output=False, passes=passes)

    def _find(self, resolved: Resolved, layer: Layer) -> Kept:
        """The compressed layer, drawn now or before. What a machine asks of a layer is part of the key."""
        key = resolved.format, resolved.workload, layer.like or layer.name
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        self._make_room()
        workload = load_for(resolved.config, layer)
        self.loads += 1
        layouts = Layouts(find(resolved.config.machine), workload.layer)
        self._kept[key] = Kept(workload, layouts, array_bytes(workload.layer))
        return self._kept[key]

    def _make_room(self) -> None:
        """Before a layer is drawn, the oldest go, with their layouts."""
        while sum(kept.bytes + kept.layouts.bytes for kept in self._kept.values()) > self.most_bytes:
            self._kept.popitem(last=False)


def workload_options(options: Fields) -> WorkloadOptions:
    """The options of a point as workloads know them: `input` is the file of an activation. InputError as there."""
    given = {name: value for name, value in options.items() if value is not None}
    given.update({name: str(given[name]) for name in TEXTS if name in given})  # a layer may be called 7
    path = given.pop("input", None)
    return make_options(**given, **({} if path is None else {"activation": path}))


def figures(result: Result) -> Document:
    """A result's figures, flat: numbers and words by name, nested ones as `counts.entries`; lists are joined.

    `notes` stays a list, the last one.
    """
    content = result.measured()
    notes = content.pop("notes")
    flat: Document = {"energy_uj": result.energy_uj}
    _flatten(content, "", flat)
    flat["notes"] = notes
    return flat


def add_up(rows: Sequence[Fields]) -> Document:
    """The sums over layers that run one after the other; the names of those that did not run, and what does not fit."""
    ran = [row for row in rows if "reason" not in row]
    names = dict.fromkeys(name for row in ran for name in row if name in ADDED or name.startswith(ADDED_PARTS))
    total: Document = {"layers_run": len(ran), "layers_found": len(rows)}
    for name in names:
        values = [row.get(name, 0) for row in ran]
        total[name] = sum(values) if all(isinstance(value, int) for value in values) else math.fsum(values)
    of_machine = {"area_mm2": ran[0]["area_mm2"]} if "area_mm2" in ran[0] else {}  # missing: none is given
    words = {
        "left_out": ", ".join(row["layer"] for row in rows if "reason" in row),
        "violations": "; ".join(f"{row['layer']}: {row['violations']}" for row in ran if "violations" in row),
    }
    found = {name: text for name, text in words.items() if text}
    return {**total, "edp_uj_us": total["energy_uj"] * total["time_us"], **of_machine, **found}


def of_tokens(tokens: float, rows: Sequence[Fields]) -> Document:
    """Tokens a second and joules of each, where the rows are all layers of a language model and each of them ran."""
    if not tokens or any("reason" in row for row in rows):
        return {}
    time_us, energy_uj = (math.fsum(row[key] for row in rows) for key in ("time_us", "energy_uj"))
    return {"tokens_per_s": tokens / (time_us * MICRO), "joules_per_token": energy_uj * MICRO / tokens}


def _flatten(content: Fields, above: str, flat: Document) -> None:
    """Add all that is something to `flat`, which stays flat. above: what names begin with."""
    for name, value in zip(_full_names(above, tuple(content)), content.values(), strict=True):
        if isinstance(value, PLAIN):
            flat[name] = value
        elif isinstance(value, dict):
            _flatten(value, f"{name}.", flat)
        elif isinstance(value, list | tuple):
            if value and all(isinstance(one, str) for one in value):
                flat[name] = "; ".join(value)
        elif value is not None:
            flat[name] = value


@lru_cache(256)
def _full_names(above: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """The same at every point of a machine."""
    return tuple(above + name for name in names) if above else names
