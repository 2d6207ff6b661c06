"""Something done with each layer of a model; a layer that a machine does not run has a reason instead."""

from collections.abc import Callable, Iterator
from typing import Generic, NamedTuple, TypeVar

from simulator.config.load import Config
from simulator.results.model_result import LayerRow, ModelResult
from simulator.run.executor import WrongKindError, reason_of, refuse_idle
from simulator.run.steps import StepProgress, ignore_step, number_layers
from workloads.errors import InputError
from workloads.workload import Layer, Model

T = TypeVar("T")


class Done(NamedTuple, Generic[T]):
    """A layer and what came of it; None where it did not run, for a reason."""

    layer: str
    kind: str
    made: T | None
    reason: str | None = None


def for_each_layer(model: Model, make: Callable[[Layer], T], progress: StepProgress = ignore_step) -> Iterator[Done[T]]:
    """Do something with each layer in running order.

    InputError of `make` is the reason of a network's layer, and is raised for a layer that is alone. InputError where
    it is raised for all layers.
    """
    reasons = list[tuple[str, str]]()
    for step, layer in number_layers(model):
        progress(step)
        try:
            done = Done(layer.name, layer.kind or "", make(layer))
        except InputError as error:
            if not model.network:
                raise
            kind = error.kind if isinstance(error, WrongKindError) else layer.kind or ""
            done = Done(layer.name, kind, None, reason_of(error))
        reasons.append((layer.name, done.reason or ""))
        yield done
    if all(reason for _, reason in reasons):
        refuse_idle(model.name, reasons, model.matrix)


def describe_notes(config: Config, model: Model, rows: list[LayerRow]) -> list[str]:
    """Sentences, as in the result of a run: why layers did not run, what is noted of them, what the source leaves out.

    rows: their names, kinds, notes, violations and reasons count.
    """
    return ModelResult(config, model.name, tuple(rows), left_out=model.left_out, source_notes=model.notes).notes()
