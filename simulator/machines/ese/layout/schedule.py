"""The order of ESE's work in a time step: what is fetched, multiplied and computed in each slot (section 4.4).

What is fetched in a slot serves the next one. A slot lasts as long as the slowest of what runs in it.
"""

from typing import NamedTuple


class Step(NamedTuple):
    """A slot as the paper's state machine has it."""

    state: int
    slot: int
    weights: str  # the matrix to fetch, with its pointers; "" = none
    vector: str  # what else is fetched: biases, a peephole, the inputs
    product: str  # the matrix to multiply
    element: str  # what the element-wise units compute: an entry of ELEMENTS


TABLE = (
    Step(1, 1, "Wfx", "bi", "Wix", ""),
    Step(1, 2, "Wcx", "Wic", "Wfx", ""),
    Step(1, 3, "Wir", "Wfc", "Wcx", "Wic c"),
    Step(2, 4, "Wfr", "bf", "Wir", "Wfc c"),
    Step(2, 5, "Wcr", "bc", "Wfr", "i"),
    Step(2, 6, "Wox", "bo", "Wcr", "f"),
    Step(3, 7, "Wor", "Woc", "Wox", "g"),
    Step(4, 8, "", "", "Wor", "c"),
    Step(4, 9, "", "", "", "Woc c"),
    Step(4, 10, "", "", "", "h"),
    Step(5, 11, "Wym", "", "", "o"),
    Step(5, 12, "", "", "", "m"),
    Step(6, 13, "Wix", "x", "Wym", ""),
)
"""The paper's state machine, but for its first state, which fills tables and buffers once."""

PEEPHOLES = {"Wic", "Wfc", "Woc"}


class Element(NamedTuple):
    """What an element-wise operation costs for each cell."""

    multiplies: int
    additions: int
    lookups: int
    reads: int  # words of the channel's buffers
    writes: int


ELEMENTS = {
    "Wic c": Element(1, 0, 0, 2, 1),
    "Wfc c": Element(1, 0, 0, 2, 1),
    "Woc c": Element(1, 0, 0, 2, 1),
    "i": Element(0, 3, 1, 4, 1),
    "f": Element(0, 3, 1, 4, 1),
    "g": Element(0, 2, 1, 3, 1),
    "o": Element(0, 3, 1, 4, 1),
    "c": Element(2, 1, 0, 4, 1),
    "h": Element(0, 0, 1, 1, 1),
    "m": Element(1, 0, 0, 2, 1),
}
"""i, f and o add two products, a bias and a peephole; g has no peephole. Without peepholes there is a term less."""
WITH_PEEPHOLE = {"i", "f", "o"}


def time_step(projection: bool, peepholes: bool) -> tuple[Step, ...]:
    """The slots of a time step: a slot of which nothing is left is dropped.

    Without a projection, the next step's first matrix and inputs are fetched where Wym was.
    """
    steps = list(TABLE)
    if not projection:
        last = steps.pop()
        steps[10] = steps[10]._replace(weights=last.weights, vector=last.vector)
    if not peepholes:
        steps = [_without_peephole(step) for step in steps]
    return tuple(step for step in steps if step.weights or step.product or step.element)


def element_cost(name: str, peepholes: bool) -> Element:
    """An element-wise operation's cost for each cell; "" costs nothing."""
    if not name:
        return Element(0, 0, 0, 0, 0)
    cost = ELEMENTS[name]
    if peepholes or name not in WITH_PEEPHOLE:
        return cost
    return cost._replace(additions=cost.additions - 1, reads=cost.reads - 1)


def _without_peephole(step: Step) -> Step:
    return step._replace(
        vector="" if step.vector in PEEPHOLES else step.vector,
        element="" if step.element.partition(" ")[0] in PEEPHOLES else step.element,
    )
