"""Where a run of many layers is."""

from collections.abc import Callable, Iterator, Sized
from dataclasses import dataclass

from workloads.workload import Layer, Model


@dataclass(frozen=True)
class Step:
    """A layer that is about to be run."""

    number: int  # from 1 on
    count: int | None  # of all layers; None: known when the last one is done, as each is computed from the one before
    layer: str


StepProgress = Callable[[Step], object]
"""Gets each step before it is run."""


def number_layers(model: Model) -> Iterator[tuple[Step, Layer]]:
    """The layers of a model in running order, each with its number."""
    count = len(model.layers) if isinstance(model.layers, Sized) else None
    for number, layer in enumerate(model.layers, 1):
        yield Step(number, count, layer.name), layer


def ignore_step(_: Step) -> None:
    """Show nothing."""
