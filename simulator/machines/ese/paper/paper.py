"""ESE's published figures as the machine declares them."""

from simulator.core.machine import MemoryCase, Paper
from simulator.core.published import read_published
from simulator.machines.ese.paper import of_result, savings, validation

PAPER = Paper(
    draws=validation.DRAWS,
    figures=validation.rows,
    published=lambda: read_published("simulator.machines.ese.paper"),
    of_result=of_result.rows,
    savings=savings.SAVINGS,
    memories=(MemoryCase("google-lstm", ("lpddr2_1066", "lpddr4_3200", "ddr3_1600", "ddr4_2400", "hbm2")),),
)
