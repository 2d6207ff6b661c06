"""A machine's two witnesses on a model: the SimPy model and the engine, layer by layer, and the reference kernel."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

from simulator.config.load import Config
from simulator.core.registry import find
from simulator.core.run import Run, as_shown, chain, first_difference
from simulator.results.model_result import LayerRow
from simulator.results.result import Result, versions
from simulator.run import verify
from simulator.run.executor import load_for, naming_file, open_for
from simulator.run.layers import describe_notes, for_each_layer
from simulator.run.simulate import simulate
from simulator.run.steps import StepProgress, ignore_step
from workloads.document_types import Document
from workloads.model import Origin
from workloads.options import WorkloadOptions
from workloads.workload import Layer, Model, Workload

if TYPE_CHECKING:
    import pandas as pd


class Twins(NamedTuple):
    """A layer on both; `difference`: where they first differ, or None. A layer that did not run has a reason."""

    layer: str
    kind: str
    model: Result | None
    engine: Result | None
    difference: str | None
    reason: str | None = None  # why it did not run; then there are no results
    circuit_s: float | None = None  # seconds of the circuit; None: it was not asked for

    def to_dict(self) -> Document:
        """What was compared, and the time on this computer without compilation; None where the layer did not run."""
        engine, model = self.engine, self.model
        sizes = {} if engine is None else {
            "cycles": engine.run.cycles,
            "counts": len(engine.run.counts),
            "letters": engine.run.trace.size,
            "outputs": engine.run.output.size,
        }  # fmt: skip
        return {
            "layer": self.layer,
            "kind": self.kind,
            "equal": None if engine is None else self.difference is None,
            "difference": self.difference,
            **dict.fromkeys(("cycles", "counts", "letters", "outputs")),
            **sizes,
            "model_s": model and model.elapsed_s,
            "engine_s": engine and engine.elapsed_s,
            "circuit_s": self.circuit_s,
            "reason": self.reason,
        }


class Checked(NamedTuple):
    """A source on both witnesses of one machine."""

    config: Config
    source: Model
    rows: tuple[Twins, ...]

    @property
    def equal(self) -> bool:
        """Whether no layer differs."""
        return not any(row.difference for row in self.rows)

    def notes(self) -> list[str]:
        """Sentences, as in the result of a run: which layers did not run and why, what the source leaves out."""
        rows = [LayerRow(row.layer, row.kind, notes=_notes(row), reason=row.reason) for row in self.rows]
        return describe_notes(self.config, self.source, rows)

    def to_dict(self) -> Document:
        """All of it, as JSON can hold it."""
        return {
            "workload": self.source.name,
            "machine": self.config.machine,
            "config": self.config.name,
            "changes": self.config.changes,
            "equal": self.equal,
            "layers": [row.to_dict() for row in self.rows],
            "notes": self.notes(),
            "versions": versions(),
        }

    def to_frame(self) -> "pd.DataFrame":
        """A row for each layer."""
        import pandas as pd

        origin = {"workload": self.source.name, "machine": self.config.machine, "config": self.config.name}
        whole = dict.fromkeys(("cycles", "counts", "letters", "outputs"), "Int64")
        return pd.DataFrame([{**origin, **row.to_dict()} for row in self.rows]).astype({**whole, "equal": "boolean"})


def check_source(
    config: Config,
    source: Origin,
    options: WorkloadOptions,
    progress: StepProgress = ignore_step,
    circuit: bool = False,
) -> Checked:
    """Run both witnesses on every layer of a source, and the machine's circuit. InputError as in `check_twins`."""
    with naming_file(source, options.layer):
        model = _one_of_each(open_for(config, source, options))
        return Checked(config, model, tuple(check_layers(config, model, progress, circuit)))


def check_twins(config: Config, source: Origin, options: WorkloadOptions) -> Iterator[Twins]:
    """Run both on every layer, with the trace of the whole run; a layer that the machine does not run has a reason.

    InputError where none runs, where the only layer cannot be run, or where the source cannot be opened.
    """
    yield from check_source(config, source, options).rows


def check_layers(
    config: Config, model: Model, progress: StepProgress = ignore_step, circuit: bool = False
) -> Iterator[Twins]:
    """The layers of an open model one after the other; see `check_twins`. Of equal layers, the first."""
    for done in for_each_layer(model, partial(_check, config, circuit), progress):
        yield done.made or Twins(done.layer, done.kind, None, None, None, done.reason)


def _one_of_each(model: Model) -> Model:
    """The model with the first layer of each sort, where it has sorts."""
    layers = list(model.layers)
    if not any(layer.group for layer in layers):
        return model._replace(layers=layers)
    first = {(layer.group, layer.like): layer for layer in reversed(layers)}
    return model._replace(layers=list(reversed(first.values())))


def _check(config: Config, circuit: bool, layer: Layer) -> Twins:
    """Both on a layer, or on the sample of a layer without values; perhaps the machine's circuit, too."""
    workload = load_for(config, layer)
    if workload.sample is not None:
        workload = workload._replace(layer=workload.sample, sample=None)
    shown, circuit_s = _run_circuit(config, workload) if circuit else (None, None)
    engine = simulate(config, workload, engine="numba", trace_cycles=sys.maxsize)
    simpy = simulate(config, workload, engine="simpy", trace_cycles=sys.maxsize)
    again = simulate(config, workload, engine="numba", trace_cycles=sys.maxsize)  # the first one may have compiled
    engine = replace(engine, elapsed_s=min(engine.elapsed_s, again.elapsed_s))
    reference = verify.reference_output(engine)
    engine, simpy = (verify.check_output(result, reference) for result in (engine, simpy))
    difference = first_difference(simpy.run, engine.run)
    if difference is not None:
        difference += " (model against engine)"
    elif not engine.output_matches_reference:
        difference = "output: model and engine agree, but not with the reference kernel"
    elif shown is not None:
        difference = first_difference(as_shown(engine.run, shown), shown)
        difference = difference and f"{difference} (engine against circuit)"
    return Twins(layer.name, workload.kind, simpy, engine, difference, circuit_s=circuit_s)


def _run_circuit(config: Config, workload: Workload) -> tuple[Run, float]:
    """The layer on the machine's circuit, and how many seconds it took. InputError as in `Machine.run_circuit`."""
    machine, began = find(config.machine), perf_counter()
    passes = machine.layout(config.arch, workload.layer)
    run = chain([machine.run_circuit(config.arch, streams, sys.maxsize) for streams in passes])
    return run, perf_counter() - began


def _notes(row: Twins) -> tuple[str, ...]:
    return () if row.engine is None else (*row.engine.workload.notes, *row.engine.workload.layer.notes)
