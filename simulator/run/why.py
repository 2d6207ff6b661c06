"""Where the cycles of a model come from: the stack and the critical path of each layer, and what-ifs."""

from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any, NamedTuple

from simulator.config.load import Config
from simulator.core.machine import AnyMachine
from simulator.core.mechanisms import CriticalPath
from simulator.core.registry import find
from simulator.core.run import chain
from simulator.pricing.technology import FLAT
from simulator.results.model_result import LayerRow
from simulator.results.result import Result
from simulator.results.stacks import FreeUnit, PathResult, add_stacks
from simulator.results.why import Change, LayerWhy
from simulator.results.why import Why as Why
from simulator.run.api import Machine, load_machine, open_source
from simulator.run.executor import load_for, open_for
from simulator.run.layers import describe_notes, for_each_layer
from simulator.run.simulate import simulate
from simulator.run.stacks import mechanisms_of, stack_run
from simulator.run.steps import StepProgress, ignore_step
from simulator.run.what_if import Explained, find_changes
from workloads.errors import refuse
from workloads.model import Origin
from workloads.options import WorkloadOptions
from workloads.study import Progress
from workloads.workload import Layer, Model, Workload

MOST_CHECKED = 3
"""Units whose absence is simulated, too: those whose absence saves the most."""


class Watched(NamedTuple):
    """What gets signs of life: each layer before it runs, sentences, and first how many runs changes take."""

    step: StepProgress = ignore_step
    say: Progress = str
    announce: Progress = str


def explain(
    config: Config,
    source: Origin,
    options: WorkloadOptions,
    what_if: bool = True,
    watched: Watched = Watched(),  # noqa: B008
) -> Why:
    """Where the cycles of a layer or a network come from on a configuration.

    what_if: also simulate one step in each number of the configuration, and other orders of rows. InputError where the
    source cannot be opened, where none of its layers runs, or where the machine declares no mechanisms.
    """
    mechanisms_of(config)  # before the source is opened
    model = open_for(config, source, options)
    return explain_model(config, model._replace(layers=list(model.layers)) if what_if else model, what_if, watched)


def why(
    machine: Machine,
    source: Origin,
    activation: Any = None,
    *,
    name: str | None = None,
    what_if: bool = False,
    format: str | None = None,  # noqa: A002  # as the option of the commands
    **options: Any,
) -> Why:
    """Where the cycles of a layer or a network come from on a machine.

    >>> found = why("eie", "alexnet-fc8", scale=0.05)
    >>> found.cycles == sum(part.cycles for part in found.total.parts)
    True

    what_if: also simulate single changes, a run each. See `zeroskip.run` for all else, also for InputError, which is
    raised as well where the machine declares no mechanisms.
    """
    config = load_machine(machine, format)
    if not isinstance(what_if, bool):
        refuse("what_if", f"it is of type {type(what_if).__name__}", "True or False")
    model = open_source(source, activation, name, options, config)
    return explain(config, model, WorkloadOptions(), what_if)


def explain_model(config: Config, model: Model, what_if: bool, watched: Watched) -> Why:
    """`explain` of an open model."""
    known: dict[str, Explained] = {}

    def run(layer: Layer) -> Explained:
        """A layer, or the one that it is like, which took its time already."""
        if layer.like and layer.like in known:
            found = known[layer.like]
            why = found.why._replace(layer=layer.name, engine_s=0.0, analysis_s=0.0)
            return found._replace(why=why._replace(stack=why.stack._replace(runs=0)))
        made = explain_layer(config, load_for(config, layer))
        known[layer.like or layer.name] = made._replace(why=made.why._replace(layer=layer.name))
        return known[layer.like or layer.name]

    done = list(for_each_layer(model, run, watched.step))
    ran = [(layer, one.made) for layer, one in zip(_layers(model, done), done, strict=True) if one.made is not None]
    rows = tuple(
        LayerRow(one.layer, one.kind, notes=one.made.notes if one.made else (), reason=one.reason) for one in done
    )
    changes: Sequence[Change] | None = None
    impossible: Sequence[str] = ()
    if what_if:
        changes, impossible = find_changes(config, ran, watched.say, watched.announce)
    layers = tuple(made.why for _, made in ran)
    return Why(
        config,
        model.name,
        model.network,
        rows,
        layers,
        add_stacks([layer.stack for layer in layers]),
        None if changes is None else tuple(changes),
        tuple(impossible),
        (*describe_notes(config, model, list(rows)), *_unpriced(config)),
    )


def _unpriced(config: Config) -> tuple[str, ...]:
    """A sentence where the energy of single mechanisms is not known."""
    if config.technology.dram_energy == FLAT:
        return ()
    return ("energy is not divided among the parts, as a data sheet prices DRAM (dram_energy)",)


def _layers(model: Model, done: Sequence[Any]) -> Sequence[Layer | None]:
    """The layers of a model, where they are a list that can be run again."""
    return list(model.layers) if isinstance(model.layers, list) else [None] * len(done)


def explain_layer(config: Config, workload: Workload) -> Explained:
    """The stack and the path of a layer, with the result of its run, whose output is left out."""
    machine = find(config.machine)
    began = perf_counter()
    passes = machine.layout(config.arch, workload.layer)
    laid_out = perf_counter()
    result = simulate(config, workload, output=False, passes=passes)
    stack = stack_run(config, workload.layer, passes, result.run)
    path = explain_path(machine, config.arch, passes, result)
    spent = perf_counter() - began
    engine = laid_out - began + result.elapsed_s
    why = LayerWhy(workload.layer.name, stack, path, engine, spent)
    return Explained(why, result, workload, tuple(result.notes()))


def explain_path(machine: AnyMachine, arch: Any, passes: Sequence[Any], result: Result) -> PathResult | None:
    """The critical path of a run; the units whose absence saves the most are run without, too."""
    path = machine.critical_path(arch, passes)
    if path is None:
        return None
    shares = _shares(path)
    saving = [unit for unit in path.units if unit.free is not None and unit.free < result.cycles]
    saving = sorted(saving, key=lambda unit: unit.free or 0)[:MOST_CHECKED]
    again = {unit.name: _run_without(machine, arch, passes, unit.name) for unit in saving}
    units = (
        FreeUnit(unit.name, unit.means, shares.get(unit.name, 0), unit.slack, unit.free, again.get(unit.name))
        for unit in path.units
    )
    return PathResult(path, tuple(units))


def _shares(path: CriticalPath) -> dict[str, int]:
    """Cycles of a path by unit; what the machine has once is called as what it does."""
    found: dict[str, int] = {}
    for (what, unit), cycles in path.cycles_by().items():
        found[unit or what] = found.get(unit or what, 0) + cycles
    return found


def _run_without(machine: AnyMachine, arch: Any, passes: Sequence[Any], unit: str) -> int | None:
    """The cycles of the engine's run without a unit; None: there is no such run."""
    changed = machine.free_unit(arch, passes, unit)
    if changed is None:
        return None
    run: Callable[[Any], Any] = lambda streams: machine.run_engine(changed[0], streams, 0, False)  # noqa: E731
    return chain([run(streams) for streams in changed[1]]).cycles
