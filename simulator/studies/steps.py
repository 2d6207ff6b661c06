"""The step of an ablation that a result makes."""

from collections.abc import Collection

from simulator.core.savings import SavingStep
from simulator.pricing.energy import by_component
from simulator.pricing.technology import TOTAL
from simulator.results.result import Result


def make_step(
    result: Result, fetches: Collection[str], name: str, stored: str, pricing: str, over: int | None = None
) -> SavingStep:
    """The step that `result` simulated. fetches: the events that fetch weights and their places."""
    weights = by_component([line for line in result.energy if line.event in fetches])[TOTAL]
    whole = by_component(result.energy)[TOTAL]
    return SavingStep(name, stored, pricing, result.run.cycles, result.time_us, weights, whole, None, over, None)
