"""GAMMA's published figures as the machine declares them."""

from simulator.core.machine import Paper
from simulator.core.published import read_published
from simulator.machines.gamma.paper import validation

PAPER = Paper(
    draws=1,
    figures=validation.without_files,
    published=lambda: read_published(validation.PACKAGE),
    of_data=validation.rows,
)
