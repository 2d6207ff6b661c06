"""EdgeDRNN's published figures as the machine declares them."""

from simulator.core.machine import Paper
from simulator.core.published import read_published
from simulator.machines.edgedrnn.paper import validation

PAPER = Paper(
    draws=validation.DRAWS,
    figures=validation.rows,
    published=lambda: read_published("simulator.machines.edgedrnn.paper"),
)
