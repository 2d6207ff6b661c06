"""What each idea of a machine saves: the steps of an ablation, what each costs, and the factors between them."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from workloads.document_types import Document
from workloads.workload import Workload

if TYPE_CHECKING:
    import pandas as pd


class SavingStep(NamedTuple):
    """A layer on a machine that knows this step and what is before it."""

    name: str
    stored: str  # of weights: what is stored where, and at which width it is fetched
    pricing: str  # what a fetch of weights costs, and who says so
    cycles: int
    time_us: float
    weight_pj: float  # of the energy: what fetches weights and their places
    energy_pj: float
    counted_pj: float | None  # what a weight's fetch costs as the paper counts it, where the paper has factors
    over: int | None  # the step to which factors refer
    published: float | None  # the paper's factor


class Factors(NamedTuple):
    """Of the step `over` to this one: above 1, this one is faster or needs less."""

    speedup: float | None
    counted_factor: float | None
    weight_factor: float | None
    energy_factor: float | None


Draw = Callable[..., Workload]
"""Draws or reads the layer: of formats by kind, and of options that differ from the user's -> the workload."""


class Savings(NamedTuple):
    """A machine's chain of ideas. steps: of the machine or configuration, and of how the layer is loaded."""

    steps: Callable[[str, Draw], Iterator[SavingStep]]
    published: float | None = None  # the paper's factor over all steps
    notes: tuple[str, ...] = ()


class Ablation(NamedTuple):
    """The steps of a layer on a machine."""

    workload: str
    machine: str
    config: str
    seed: int
    steps: tuple[SavingStep, ...]
    published: float | None  # the paper's factor from the first step to the last
    notes: tuple[str, ...]

    @property
    def factors(self) -> list[Factors | None]:
        """Of each step; None where it refers to no other."""
        return [None if step.over is None else divide(self.steps[step.over], step) for step in self.steps]

    @property
    def product(self) -> Factors:
        """From the first step to the last."""
        return divide(self.steps[0], self.steps[-1])

    def to_dict(self) -> Document:
        """All of it, as JSON can hold it."""
        empty = dict.fromkeys(Factors._fields)
        steps = [
            {**step._asdict(), "over": None if step.over is None else self.steps[step.over].name, **empty}
            | (factors._asdict() if factors else {})
            for step, factors in zip(self.steps, self.factors, strict=True)
        ]
        product = {**self.product._asdict(), "published": self.published}
        return {**self._asdict(), "notes": list(self.notes), "steps": steps, "product": product}

    def to_frame(self) -> "pd.DataFrame":
        """A row for each step."""
        import pandas as pd

        frame = pd.DataFrame(self.to_dict()["steps"])
        for place, key in enumerate(("workload", "machine", "config", "seed")):
            frame.insert(place, key, getattr(self, key))
        return frame


def divide(base: SavingStep, step: SavingStep) -> Factors:
    """What `base` takes over what `step` takes; None where one of them takes nothing, or is not known."""
    pairs = ((getattr(base, key), getattr(step, key)) for key in ("time_us", "counted_pj", "weight_pj", "energy_pj"))
    return Factors(*(above / below if above and below else None for above, below in pairs))
