"""SCNN's published figures as the machine declares them."""

from simulator.core.machine import MemoryCase, Paper
from simulator.core.published import read_published
from simulator.machines.scnn.paper import of_result, savings, validation

PAPER = Paper(
    draws=validation.DRAWS,
    figures=validation.rows,
    published=lambda: read_published("simulator.machines.scnn.paper"),
    of_result=of_result.rows,
    energy=frozenset(
        {"energy_gain_over_dcnn", "energy_gain_of_dcnn_opt_over_dcnn", "energy_over_dcnn", "energy_over_dcnn_opt"}
    ),
    savings=savings.SAVINGS,
    memories=(
        MemoryCase("vgg16-conv1_2", ("lpddr4_3200", "ddr3_1600", "hbm2")),
        MemoryCase("vgg16-conv5_1", ("lpddr4_3200", "ddr3_1600", "hbm2")),
    ),
)
