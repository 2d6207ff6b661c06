"""EIE's published figures as the machine declares them."""

from simulator.core.machine import MemoryCase, Paper
from simulator.core.published import read_published
from simulator.machines.eie.paper import of_result, reproduced, savings, scaling, validation

PAPER = Paper(
    draws=validation.DRAWS,
    figures=validation.rows,
    published=lambda: read_published("simulator.machines.eie.paper"),
    of_result=of_result.rows,
    of_data=reproduced.rows,
    energy=frozenset({"pe_power_mw", "power_w", "summary", "projection", "spmat_read_energy_nj", "sram_power_mw"}),
    more_energy=scaling.rows,
    savings=savings.SAVINGS,
    memories=(
        MemoryCase("vgg16-fc6", ("lpddr2_1066", "lpddr3_1600", "lpddr4_3200", "ddr3_1600", "ddr4_2400", "hbm2")),
        MemoryCase("alexnet-fc6", ("lpddr2_1066",)),
    ),
)
