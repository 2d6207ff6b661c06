"""The one executor: models on machines, layer by layer, each output compared with the reference kernel's."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple, NoReturn

import numpy as np

from simulator.config.load import Config
from simulator.core.registry import check_engine, find
from simulator.results.joined_rows import join_groups
from simulator.results.model_result import LayerRow, ModelResult, make_row
from simulator.results.more_notes import with_distance, with_sentences
from simulator.results.result import Result
from simulator.run.simulate import simulate
from simulator.run.steps import StepProgress, ignore_step, number_layers
from simulator.run.verify import check_output, reference_output
from workloads.document_types import Fields
from workloads.errors import InputError, refuse
from workloads.kinds import kind_of
from workloads.kinds.kind import CompressedLayer
from workloads.model import Origin, describe, is_text, only_layer, open_model
from workloads.options import OF_SOURCES, Formats, WorkloadOptions
from workloads.regular_files import is_file
from workloads.sources import split_layer
from workloads.workload import Layer, Model, Workload

SHOWN = ("seed", "scale", "density", "activation_density", "granularity")
"""Options that a network's result repeats."""


class Execution(NamedTuple):
    """How models are run."""

    engine: str = "numba"
    progress: StepProgress = ignore_step
    reprice: Callable[[Result], Result] = lambda result: result  # puts other prices into a layer's result
    trace_cycles: int = 0  # of the trace of a single layer
    output: bool = True  # False: only times, counts and energies are asked for; no output is computed and compared


Arrays = Mapping[str, np.ndarray]


class WrongKindError(InputError):
    """A machine does not run layers of this kind; `reason` says so without the layer's name."""

    def __init__(self, place: str, kind: str, config: Config, others: tuple[str, ...] = ()):
        known = find(config.machine).kinds
        more = f" (left out of its file: {'; '.join(others)})" if others else ""
        super().__init__(f"{place}: its kind is {kind}{more}; expected {' or '.join(known)} on {config.name}")
        self.kind, self.config, self.others = kind, config, others
        self.reason = f"{config.name} runs no {kind} layers, only {' and '.join(known)} ones"


class Loaded(NamedTuple):
    """A layer as machines that want the same formats read it, and what it must put out, once that is known."""

    workload: Workload
    reference: np.ndarray | None


def run(
    configs: Sequence[Config], source: Origin, options: WorkloadOptions, how: Execution | None = None
) -> list[ModelResult]:
    """Run a model on each configuration; a layer is compressed once for all machines that want the same formats.

    >>> from simulator.config.load import load_arch
    >>> (result,) = run([load_arch("eie")], "alexnet-fc8", WorkloadOptions(scale=0.01))
    >>> result.rows[0].output_matches_reference
    True

    A layer that a machine cannot run is a row with the reason. InputError where the source cannot be opened, where no
    machine runs any of the layers, and where the only layer cannot be run by the only machine.
    """
    how = Execution() if how is None else how
    check_engine(how.engine)
    if not (options.computed or (isinstance(source, Model) and source.inputs == "computed")):
        with naming_file(source, options.layer):
            model = open_model(source, options)
            return run_model(configs, model, how)
    found = []
    for config in configs:
        model = open_for(config, source, options)
        found += run_model([config], model, how)
    return found


def run_model(configs: Sequence[Config], model: Model, how: Execution) -> list[ModelResult]:
    """Run an open model; see `run`, also for InputError (a WrongKindError where the only layer is of another kind)."""
    alone = not model.network and len(configs) == 1
    if how.trace_cycles and model.network:
        refuse(model.name, f"trace_cycles is {how.trace_cycles}", "0 for a network, or one layer of it (layer=NAME)")
    rows: list[list[LayerRow]] = [[] for _ in configs]
    groups, alike = list[str](), dict[tuple[int, str], LayerRow]()
    weights: list[dict[str, Arrays]] = [{} for _ in configs]
    for step, layer in number_layers(model):
        how.progress(step)
        groups.append(layer.group)
        held: dict[str, Loaded] = {}
        for place, (config, found, kept) in enumerate(zip(configs, rows, weights, strict=True)):
            if layer.like and (place, layer.like) in alike:
                found.append(alike[place, layer.like]._replace(layer=layer.name))
                continue
            try:
                result = _run(config, layer, held, how)
            except InputError as error:
                if alone and isinstance(error, WrongKindError):
                    raise WrongKindError(layer.name, error.kind, config, model.others) from None
                if alone:
                    raise
                found.append(LayerRow(layer.name, layer.kind or "", reason=reason_of(error)))
            else:
                found.append(make_row(layer.name, result.workload.kind, how.reprice(result), not model.network))
                if model.output_distance is not None:
                    kept[result.workload.layer.name] = _numbers(result.workload.layer)
            alike[place, layer.like] = found[-1]
    about = model.network, model.inputs, model.left_out, _shown(model), model.notes
    results = [
        ModelResult(
            config, model.name, tuple(join_groups(found, groups)), *about, among=model.among, tokens=model.tokens
        )
        for config, found in zip(configs, rows, strict=True)
    ]
    if not any(result.ran for result in results):
        refuse_idle(model.name, [(row.layer, row.reason or "") for found in rows for row in found], model.matrix)
    return [_measure(result, model, kept) for result, kept in zip(results, weights, strict=True)]


def _shown(model: Model) -> Fields:
    """The options that a result repeats."""
    shown = {name: getattr(model.options, name) for name in SHOWN}
    if model.options.sample:
        shown["sample"] = model.options.sample
    given = model.options.given() if model.tokens else {}
    return {**shown, **{name: given[name] for name in OF_SOURCES if name in given}}


def _numbers(layer: CompressedLayer) -> Arrays:
    """The weights and biases that a layer computes with, float32 [shapes of its kind] by name."""
    return {name: array.astype(np.float32) for name, array in kind_of(layer).float_arrays(layer).items()}


def _measure(result: ModelResult, model: Model, weights: Mapping[str, Arrays]) -> ModelResult:
    """The result with what its layers' weights change in the network's own output, where the source can be run."""
    if model.output_distance is None or not weights:
        return result
    unknown = "what compression changes in the network's output is not known"
    if model.options.scale != 1:
        return with_sentences(result, f"{unknown}, as its layers run in part (scale)")
    try:
        return with_distance(result, model.output_distance(weights))
    except InputError as error:
        return with_sentences(result, f"{unknown}: {error}")


def refuse_idle(name: str, reasons: Sequence[tuple[str, str]], matrix: str = "") -> NoReturn:
    """Refuse a model without a layer that ran (InputError). reasons: a layer and why it did not run, each.

    matrix: a part of it that other machines run, as a user names it; none: there is none.
    """
    known = "; ".join(dict.fromkeys(reason.removeprefix(f"{layer}: ") for layer, reason in reasons))
    if "; expected " in known:  # a layer of a kind that a machine does not run has none
        raise InputError(f"{name}: none of its layers ran: {known}")
    others = f", or one of its matrices: {matrix}" if matrix else ""
    refuse(name, f"none of its layers ran ({known})", f"a machine that runs them{others}")


def reason_of(error: InputError) -> str:
    """Why a layer of a network does not run, as its row says it."""
    return error.reason if isinstance(error, WrongKindError) else str(error)


def open_for(config: Config, source: Origin, options: WorkloadOptions) -> Model:
    """Open a source for one machine: what is computed depends on its formats. InputError where it cannot be opened."""
    return open_model(source, options._replace(formats=find(config.machine).formats(config.arch)))


def load_for(config: Config, layer: Layer, formats: Formats | None = None) -> Workload:
    """A layer as a machine reads it. InputError where the machine does not run its kind."""
    machine = find(config.machine)
    if layer.kind is not None:
        check_kind(config, layer.name, layer.kind)
    workload = layer.load(machine.formats(config.arch) if formats is None else formats)
    check_kind(config, layer.name, workload.kind)
    read = kind_of(workload.layer).name
    if read != workload.kind and read not in machine.kinds:
        expected = f"load_workload(..., machine={config.name!r})"
        refuse(workload.name, f"it is loaded as a {read} for another machine", expected)
    return workload


def check_kind(config: Config, name: str, kind: str) -> None:
    """Refuse a kind of layer that a machine does not run (WrongKindError)."""
    if kind not in find(config.machine).kinds:
        raise WrongKindError(name, kind, config)


@contextmanager
def naming_file(source: Origin, layer: str | None) -> Iterator[None]:
    """Name the file, and the layer chosen of it, in what is said of a layer of a wrong kind (WrongKindError)."""
    try:
        yield
    except WrongKindError as error:
        if not is_text(source) or not is_file(split_layer(describe(source), layer)[0]):
            raise
        file, chosen = split_layer(describe(source), layer)
        raise WrongKindError(
            file if chosen is None else f"{file}:{chosen}", error.kind, error.config, error.others
        ) from None


def _run(config: Config, layer: Layer, held: dict[str, Loaded], how: Execution) -> Result:
    """One layer on one machine, its output, if wanted, compared. held: what is loaded already, by formats."""
    formats = find(config.machine).formats(config.arch)
    key = repr(sorted(formats.items()))
    if key in held:
        check_kind(config, layer.name, held[key].workload.kind)
    else:
        held[key] = Loaded(load_for(config, layer, formats), None)
    workload, reference = held[key]
    result = simulate(config, workload, engine=how.engine, output=how.output, trace_cycles=how.trace_cycles)
    if not how.output:
        return result
    if workload.sample is not None:
        return check_output(result)
    reference = reference_output(result) if reference is None else reference
    held[key] = Loaded(workload, reference)
    return check_output(result, reference)


def load_one(config: Config, source: Origin, options: WorkloadOptions) -> Workload:
    """One layer as a machine reads it. InputError where the source is a network, or of another kind."""
    return load_for(config, only_layer(open_for(config, source, options)))
