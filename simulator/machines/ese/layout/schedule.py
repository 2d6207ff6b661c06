"""ESE's schedule of a time step: what is fetched, multiplied and computed in each slot (section 4.4).

Data fetched in one slot are used in the next. A slot lasts as long as the slowest of its parts.
"""

from typing import NamedTuple


class PaperSlot(NamedTuple):
    """A slot of the paper's state machine."""

    state: int
    slot: int
    weights: str  # the matrix to fetch, with its pointers; "" = none
    vector: str  # the vector to fetch: biases, a peephole, the inputs
    product: str  # the matrix to multiply
    element: str  # the operation of the element-wise units: a key of ELEMENTS


TABLE = (
    PaperSlot(1, 1, "Wfx", "bi", "Wix", ""),
    PaperSlot(1, 2, "Wcx", "Wic", "Wfx", ""),
    PaperSlot(1, 3, "Wir", "Wfc", "Wcx", "Wic c"),
    PaperSlot(2, 4, "Wfr", "bf", "Wir", "Wfc c"),
    PaperSlot(2, 5, "Wcr", "bc", "Wfr", "i"),
    PaperSlot(2, 6, "Wox", "bo", "Wcr", "f"),
    PaperSlot(3, 7, "Wor", "Woc", "Wox", "g"),
    PaperSlot(4, 8, "", "", "Wor", "c"),
    PaperSlot(4, 9, "", "", "", "Woc c"),
    PaperSlot(4, 10, "", "", "", "h"),
    PaperSlot(5, 11, "Wym", "", "", "o"),
    PaperSlot(5, 12, "", "", "", "m"),
    PaperSlot(6, 13, "Wix", "x", "Wym", ""),
)
"""The paper's state machine without its first state, which fills tables and buffers once."""

PEEPHOLES = {"Wic", "Wfc", "Woc"}


class ElementCost(NamedTuple):
    """The events of an element-wise operation for each cell."""

    multiplies: int
    additions: int
    lookups: int
    reads: int  # words of the channel's buffers
    writes: int


ELEMENTS = {
    "Wic c": ElementCost(1, 0, 0, 2, 1),
    "Wfc c": ElementCost(1, 0, 0, 2, 1),
    "Woc c": ElementCost(1, 0, 0, 2, 1),
    "i": ElementCost(0, 3, 1, 4, 1),
    "f": ElementCost(0, 3, 1, 4, 1),
    "g": ElementCost(0, 2, 1, 3, 1),
    "o": ElementCost(0, 3, 1, 4, 1),
    "c": ElementCost(2, 1, 0, 4, 1),
    "h": ElementCost(0, 0, 1, 1, 1),
    "m": ElementCost(1, 0, 0, 2, 1),
}
"""i, f and o add two products, a bias and a peephole; g has no peephole. Without peepholes, there is one term less."""
WITH_PEEPHOLE = {"i", "f", "o"}


def time_step(projection: bool, peepholes: bool) -> tuple[PaperSlot, ...]:
    """The slots of a time step, without empty ones.

    Without a projection, the next step's first matrix and inputs are fetched in the slot in which Wym was fetched.
    """
    slots = list(TABLE)
    if not projection:
        last = slots.pop()
        slots[10] = slots[10]._replace(weights=last.weights, vector=last.vector)
    if not peepholes:
        slots = [_without_peephole(slot) for slot in slots]
    return tuple(slot for slot in slots if slot.weights or slot.product or slot.element)


def element_cost(name: str, peepholes: bool) -> ElementCost:
    """The events of an element-wise operation for each cell; none for ""."""
    if not name:
        return ElementCost(0, 0, 0, 0, 0)
    cost = ELEMENTS[name]
    if peepholes or name not in WITH_PEEPHOLE:
        return cost
    return cost._replace(additions=cost.additions - 1, reads=cost.reads - 1)


def _without_peephole(slot: PaperSlot) -> PaperSlot:
    return slot._replace(
        vector="" if slot.vector in PEEPHOLES else slot.vector,
        element="" if slot.element.partition(" ")[0] in PEEPHOLES else slot.element,
    )
