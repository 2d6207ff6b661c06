"""Whole networks on a machine: a row for each layer, those too that the machine cannot run, and the total."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from simulator.config.load import Config
from simulator.core.registry import find
from simulator.pricing.energy import Line
from simulator.results.result import FORMAT, Result, project_asked
from simulator.run.parts import Part
from simulator.run.simulate import simulate
from simulator.run.verify import check_output, reference_output
from workloads.errors import InputError, refuse
from workloads.kinds import Kind, kind_of
from workloads.kinds.fully_connected.as_convolution import as_convolution
from workloads.kinds.fully_connected.layer import CompressedFullyConnected
from workloads.workload import Workload

if TYPE_CHECKING:
    import pandas as pd


DETAILS = (
    "theoretical_cycles",
    "entries",
    "padding_entries",
    "multiplies",
    "load_balance",
    "counts",
    "energy_pj",
    "energy_lines",
    "cycles_by_reason",
    "reason_units",
    "roofline",
    "units",
)
"""Of a single result, what a layer of a network tells too."""


class Loaded(NamedTuple):
    """A layer as machines with the same options read it, and what it must put out, once that is known."""

    workload: Workload
    kind: Kind
    reference: np.ndarray | None


class Row(NamedTuple):
    """A layer on a machine; where it did not run, `reason` says why and the figures are None."""

    layer: str
    kind: Kind
    weight_density: float | None = None
    activation_density: float | None = None
    operations: int | None = None  # of the dense layer
    cycles: int | None = None
    time_us: float | None = None
    energy_uj: float | None = None
    edp_uj_us: float | None = None
    dram_bytes: int | None = None
    output_matches_reference: bool | None = None
    violations: tuple[str, ...] = ()
    reason: str | None = None
    details: dict[str, Any] | None = None  # counts and priced lines, by the keys of a single result


COLUMNS = tuple(name for name in Row._fields if name != "details")
"""Of a row, what a table holds."""
PICTURED = ("energy_pj", "cycles_by_reason", "reason_units", "roofline", "units")
"""Of a row's details, what a table holds too."""


class Total(NamedTuple):
    """Sums over layers; `edp_uj_us` is the product of the sums of energy and time."""

    layers: tuple[str, ...]
    cycles: int
    time_us: float
    energy_uj: float
    edp_uj_us: float
    dram_bytes: int
    output_matches_reference: bool


class NetworkResult(NamedTuple):
    """A network, or a part of one, on one configuration."""

    config: Config
    workload: str
    rows: tuple[Row, ...]

    @property
    def ran(self) -> tuple[str, ...]:
        """The layers that ran."""
        return tuple(row.layer for row in self.rows if row.reason is None)

    def notes(self) -> list[str]:
        """Sentences: which layers did not run and why, and what does not fit the machine."""
        told: dict[str, list[str]] = {}
        for row in self.rows:
            sentences = [f"did not run: {row.reason}"] if row.reason else [f"does not fit: {v}" for v in row.violations]
            for sentence in sentences:
                told.setdefault(sentence, []).append(row.layer)
        return [f"{', '.join(layers)} - {sentence}" for sentence, layers in told.items()]

    def total(self, layers: Sequence[str] | None = None) -> Total:
        """Over these layers, which ran, or over all that ran."""
        chosen = [row for row in self.rows if row.layer in (self.ran if layers is None else layers)]
        time, energy = (math.fsum(getattr(row, key) for row in chosen) for key in ("time_us", "energy_uj"))
        return Total(
            layers=tuple(row.layer for row in chosen),
            cycles=sum(row.cycles or 0 for row in chosen),
            time_us=time,
            energy_uj=energy,
            edp_uj_us=time * energy,
            dram_bytes=sum(row.dram_bytes or 0 for row in chosen),
            output_matches_reference=all(row.output_matches_reference for row in chosen),
        )

    @property
    def at_node(self) -> dict[str, Any] | None:
        """Energy of all layers that ran and area at the node that was asked for, as a single result tells them."""
        told = [line for row in self.rows if row.details for line in row.details["energy_lines"]]
        return project_asked(self.config, [Line(**line) for line in told])

    def to_dict(self) -> dict[str, Any]:
        """All of it, as JSON can hold it."""
        config = self.config
        return {
            "format": FORMAT,
            "workload": self.workload,
            "machine": config.machine,
            "config": config.name,
            "changes": config.changes,
            "node_nm": config.technology.node_nm,
            "at_node": self.at_node,
            "clock_mhz": config.technology.clock_mhz,
            "dram": find(config.machine).part("arch").DRAM,
            "layers": [_tell(row) for row in self.rows],
            "total": self.total()._asdict(),
            "notes": self.notes(),
            "config_sources": config.tell_sources(),
        }

    def to_frame(self) -> "pd.DataFrame":
        """A row for each layer, with machine and configuration; sentences are joined.

        Nested keys become columns such as `energy_pj.total`, lists become text.
        """
        import pandas as pd

        told = {"workload": self.workload, "machine": self.config.machine, "config": self.config.name}
        rows = [{**told, **_columns(row)} for row in self.rows]
        frame = pd.json_normalize(rows).map(lambda value: "; ".join(value) if isinstance(value, list) else value)
        whole = dict.fromkeys(("operations", "cycles", "dram_bytes"), "Int64")
        return frame.astype({**whole, "output_matches_reference": "boolean"})


def run_parts(
    workload: str,
    configs: Sequence[Config],
    parts: Iterable[Part],
    *,
    engine: str = "numba",
    say: Callable[[str], object] = lambda _: None,
    price: Callable[[Result], Result] = lambda result: result,
) -> list[NetworkResult]:
    """Run the layers on each configuration; each is compressed once for all machines that want the same.

    price: puts other prices into a layer's result. InputError where no machine runs any of the layers.
    """
    rows: list[list[Row]] = [[] for _ in configs]
    for part in parts:
        say(part.name)
        held: dict[str, Loaded] = {}
        for config, found in zip(configs, rows, strict=True):
            found.append(_run(config, part, engine, held, price))
    results = [NetworkResult(config, workload, tuple(found)) for config, found in zip(configs, rows, strict=True)]
    if not any(result.ran for result in results):
        reasons = "; ".join(dict.fromkeys(row.reason or "" for found in rows for row in found))
        refuse(workload, f"none of its layers ran ({reasons})", "a machine that runs them")
    return results


def _run(config: Config, part: Part, engine: str, held: dict[str, Loaded], price: Callable[[Result], Result]) -> Row:
    """One layer on one machine. held: what is loaded already, by options."""
    arch = find(config.machine).part("arch")
    if part.kind is not None and part.kind not in arch.KINDS:
        return Row(part.name, part.kind, reason=_refusal(config, part.kind))
    options = arch.options(config.arch)
    key = repr(sorted(options.items()))
    loaded = held[key] if key in held else _load(part, options)
    held[key] = loaded
    if loaded.kind not in arch.KINDS:
        return Row(part.name, loaded.kind, reason=_refusal(config, loaded.kind))
    try:
        result = simulate(config, loaded.workload, engine=engine)
    except InputError as error:
        return Row(part.name, loaded.kind, reason=str(error))
    reference = reference_output(result) if loaded.reference is None else loaded.reference
    held[key] = loaded._replace(reference=reference)
    return _row(part.name, loaded.kind, price(check_output(result, reference)))


def _load(part: Part, options: Mapping[str, Any]) -> Loaded:
    """The layer as a machine with these options reads it."""
    workload = part.load({name: value for name, value in options.items() if name != "convolution"})
    known = part.kind or kind_of(workload.layer)
    if options.get("convolution") and isinstance(workload.layer, CompressedFullyConnected):
        workload = workload._replace(layer=as_convolution(workload.layer))
    return Loaded(workload, known, None)


def _tell(row: Row) -> dict[str, Any]:
    """A layer as JSON can hold it: what it tells in detail stands beside its sums."""
    told = row._asdict()
    details = told.pop("details") or {}
    return {**told, **details}


def _columns(row: Row) -> dict[str, Any]:
    """A row with those of its details that a table holds."""
    details = {key: row.details[key] for key in PICTURED} if row.details else {}
    return {**{name: getattr(row, name) for name in COLUMNS}, "violations": list(row.violations), **details}


def _row(name: str, known: Kind, result: Result) -> Row:
    layer, told = result.workload.layer, result.to_dict()
    return Row(
        layer=name,
        kind=known,
        weight_density=layer.weight_density,
        activation_density=layer.activation_density,
        operations=layer.dense_operations,
        cycles=result.run.cycles,
        time_us=result.time_us,
        energy_uj=result.energy_uj,
        edp_uj_us=result.edp_uj_us,
        dram_bytes=result.dram_bytes,
        output_matches_reference=result.output_matches_reference,
        violations=tuple(result.violations),
        details={key: told[key] for key in DETAILS},
    )


def _refusal(config: Config, known: Kind) -> str:
    kinds = " and ".join(find(config.machine).part("arch").KINDS)
    return f"{config.name} runs no {known} layers, only {kinds} ones"
