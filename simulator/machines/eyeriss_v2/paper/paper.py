"""Eyeriss v2's published figures as the machine declares them."""

from simulator.core.machine import Paper
from simulator.core.published import read_published
from simulator.machines.eyeriss_v2.paper import masks, validation

PAPER = Paper(
    draws=validation.DRAWS,
    figures=validation.rows,
    published=lambda: read_published(validation.PACKAGE),
    of_data=masks.rows,
    energy=frozenset({"inferences_per_j"}),
)
