"""The published figures of sparse tensor cores as the machine declares them."""

from simulator.core.machine import Paper
from simulator.core.published import read_published
from simulator.machines.tensor.paper import sparse_cores

PAPER = Paper(
    draws=sparse_cores.DRAWS,
    figures=sparse_cores.rows,
    published=lambda: read_published(sparse_cores.PACKAGE),
)
