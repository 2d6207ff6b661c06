"""A model divided over several chips: which layer each chip computes, and what they exchange after it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from workloads.field_docs import describe_fields

if TYPE_CHECKING:
    from workloads.workload import Model

TENSOR, EXPERTS = "tensor", "experts"
SPLITS = TENSOR, EXPERTS
"""How models are divided: the matrices of each layer, or sequences and experts."""
ALL_REDUCE, REDUCE_SCATTER, ALL_GATHER, ALL_TO_ALL = "all-reduce", "reduce-scatter", "all-gather", "all-to-all"
NO_LAYER = -1


@describe_fields(
    kind="ALL_REDUCE, REDUCE_SCATTER, ALL_GATHER or ALL_TO_ALL.",
    size="Bytes of each chip's operand; of an all-gather, of all shares together; of an all-to-all, of no use.",
    shares="Of an all-to-all, bytes by source and target.",
)
class Exchange(NamedTuple):
    """What chips exchange."""

    kind: str
    size: int = 0
    shares: tuple[tuple[int, ...], ...] = ()


@describe_fields(
    name="What results call it.",
    about="What layers of its sort are called.",
    layers="For each chip, the place of its layer among those of the division's model, or NO_LAYER.",
    exchange="What follows it, or None.",
    needed="Place of the stage that first reads what is exchanged; the number of stages: none does.",
)
class LayerStage(NamedTuple):
    """A layer as the chips compute it."""

    name: str
    about: str
    layers: tuple[int, ...]
    exchange: Exchange | None = None
    needed: int = 0


@describe_fields(
    model="Its layers are all that any chip computes, those that are equal once.",
    stages="In running order.",
    notes="What is assumed, a sentence each.",
)
class Division(NamedTuple):
    """A model on several chips."""

    model: "Model"
    stages: tuple[LayerStage, ...]
    notes: tuple[str, ...] = ()

    @property
    def chips(self) -> int:
        """How many there are."""
        return len(self.stages[0].layers)


Divide = Callable[[int, str], Division]
"""Of a number of chips and one of SPLITS. InputError where the model does not divide so."""
