"""Where savings come from: layers on a machine that learns one idea after another, each step simulated."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from simulator.config.load import load_arch
from simulator.core.registry import find, machines
from simulator.core.savings import Ablation, Factors, Savings, SavingStep
from simulator.results.model_result import LayerRow
from simulator.run.executor import check_kind
from simulator.run.layers import describe_notes, for_each_layer
from simulator.run.steps import StepProgress, ignore_step
from workloads.document_types import Document
from workloads.errors import InputError
from workloads.model import Origin, make_options, only_layer, open_model
from workloads.options import Formats, WorkloadOptions
from workloads.study import Progress
from workloads.workload import Layer, Model, Workload

if TYPE_CHECKING:
    import pandas as pd


class NetworkAblation(NamedTuple):
    """The steps of each layer of a network on a machine, and of all of them."""

    workload: str
    layers: tuple[Ablation, ...]  # those that ran
    rows: tuple[LayerRow, ...]  # all: name, kind, why it did not run
    total: Ablation  # each step's sums
    notes: tuple[str, ...]

    @property
    def product(self) -> Factors:
        """From the first step to the last, over the sums of all layers that ran."""
        return self.total.product

    def to_dict(self) -> Document:
        """All of it, as JSON can hold it."""
        layers = [one.to_dict() for one in self.layers]
        left_out = {row.layer: row.reason for row in self.rows if row.reason is not None}
        return {**self.total.to_dict(), "layers": layers, "left_out": left_out, "notes": list(self.notes)}

    def to_frame(self) -> "pd.DataFrame":
        """A row for each step of each layer; those of the total are called as the network."""
        import pandas as pd

        return pd.concat([one.to_frame() for one in (*self.layers, self.total)], ignore_index=True)


class OpenedSource:
    """A source that is opened once for all steps that load it with the same options."""

    def __init__(self, source: Origin, options: WorkloadOptions):
        self._source, self._options, self.seed = source, options, options.seed
        self._models: dict[str, Model] = {}

    def model(self, **changes: Any) -> Model:
        """The source with some options changed. InputError where it cannot be opened."""
        key = repr(sorted(changes.items()))
        if key not in self._models:
            model = open_model(self._source, self._options._replace(**changes))
            self._models[key] = model._replace(layers=list(model.layers))
        return self._models[key]

    def load(self, name: str, formats: Formats, **changes: Any) -> Workload:
        """A layer in these formats, with some options changed. InputError where it cannot be loaded."""
        return next(layer for layer in self.model(**changes).layers if layer.name == name).load(formats)


def ablate(name: str, machine: str | None = None, say: Progress = str, **options: Any) -> Ablation:
    """The chain of a layer on a machine or configuration; without one, on the first machine that runs its kind.

    options: of `load_workload`. say: gets the name of each step when it is done. InputError where the machine has no
    chain, or the layer cannot be loaded.
    """
    source = OpenedSource(name, make_options(**options))
    layer = only_layer(source.model())
    return _ablate_layer(source, layer, choose_machine([layer], machine), say)._replace(workload=name)


def ablate_source(
    name: str, machine: str | None = None, say: Progress = str, progress: StepProgress = ignore_step, **options: Any
) -> Ablation | NetworkAblation:
    """The chain of a layer, or of each layer of a network that the machine runs, and the sums; see `ablate`.

    machine: None: of those that have a chain, the first that runs most of the layers. say: gets the name of each step
    of a layer when it is done, progress each layer of a network before its steps. InputError as there, of a network
    where it is raised for all layers.
    """
    source = OpenedSource(name, make_options(**options))
    model = source.model()
    chosen = choose_machine(list(model.layers), machine)
    if not model.network:
        return _ablate_layer(source, only_layer(model), chosen, say)._replace(workload=name)
    return _ablate_network(source, name, chosen, progress)


def _ablate_network(source: OpenedSource, name: str, machine: str, progress: StepProgress) -> NetworkAblation:
    model, config = source.model(), load_arch(machine)

    def run(layer: Layer) -> Ablation:
        return _ablate_layer(source, layer, machine, str)

    done = list(for_each_layer(model, run, progress))
    layers = tuple(one.made for one in done if one.made is not None)
    common = _savings(machine).notes
    rows = tuple(
        LayerRow(one.layer, one.kind, notes=one.made.notes[len(common) :] if one.made else (), reason=one.reason)
        for one in done
    )
    notes = (*describe_notes(config, model, list(rows)), *common)
    return NetworkAblation(name, layers, rows, add_up(name, layers), notes)


def _ablate_layer(source: OpenedSource, layer: Layer, machine: str, say: Progress) -> Ablation:
    """The chain of a layer; its notes are the chain's, then those of the layer."""
    config, savings, notes = load_arch(machine), _savings(machine), dict[str, None]()
    if layer.kind is not None:
        check_kind(config, layer.name, layer.kind)

    def draw(formats: Formats, **changes: Any) -> Workload:
        workload = source.load(layer.name, formats, **changes)
        notes.update(dict.fromkeys((*workload.notes, *workload.layer.notes)))
        return workload

    found = []
    for step in savings.steps(machine, draw):
        found.append(step)
        say(step.name)
    about = layer.name, config.machine, config.name, source.seed, tuple(found), savings.published
    return Ablation(*about, (*savings.notes, *notes))


def choose_machine(layers: Sequence[Layer], machine: str | None) -> str:
    """The machine that was asked for, or the first that runs most of the layers. InputError where it has no chain."""
    if machine is None:
        return default_machine([layer.kind or layer.load({}).kind for layer in layers])
    _savings(machine)
    return machine


def _savings(machine: str) -> Savings:
    """The chain of a machine or configuration. InputError where it has none."""
    savings = find_savings(load_arch(machine).machine)
    if savings is None:
        known = ", ".join(one for one in machines() if find_savings(one) is not None)
        raise InputError(f"{machine}: there is no chain of savings for it; expected one of {known}")
    return savings


def add_up(name: str, layers: Sequence[Ablation]) -> Ablation:
    """The sums of the layers' steps: all layers have the steps of one machine."""
    steps = [_add_steps(same) for same in zip(*(one.steps for one in layers), strict=True)]
    first = layers[0]
    return first._replace(workload=name, steps=tuple(steps), notes=())


def _add_steps(steps: Sequence[SavingStep]) -> SavingStep:
    counted = [step.counted_pj for step in steps if step.counted_pj is not None]
    return steps[0]._replace(
        cycles=sum(step.cycles for step in steps),
        time_us=math.fsum(step.time_us for step in steps),
        weight_pj=math.fsum(step.weight_pj for step in steps),
        energy_pj=math.fsum(step.energy_pj for step in steps),
        counted_pj=math.fsum(counted) if counted else None,
    )


def find_savings(machine: str) -> Savings | None:
    """The chain of a machine, if it has one."""
    paper = find(machine).paper()
    return None if paper is None else paper.savings


def default_machine(kinds: Sequence[str]) -> str:
    """Of the machines that have a chain, the first that runs most of the layers; kinds: one for each of them.

    InputError where none runs any.
    """
    able = {name: machine.kinds for name, machine in machines().items() if find_savings(name) is not None}
    ran = {name: sum(kind in known for kind in kinds) for name, known in able.items()}
    best = max(ran, key=lambda name: ran[name])
    if not ran[best]:
        raise InputError(
            f"there is no chain of savings for {' or '.join(dict.fromkeys(kinds))} layers; expected another layer"
        )
    return best
