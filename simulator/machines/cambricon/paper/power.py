"""The power of a machine whose components all work in every cycle, DRAM apart."""

import math

from simulator.config.load import load_arch
from simulator.machines.cambricon.arch import BY_SELECTOR, Arch


def full_power_mw(config: str) -> float:
    """Of a configuration by name: every event that its parts can have in a cycle, once, at the clock's rate.

    Products of two non-zeros in all multipliers; sums are read and written at once, which NBout's power is taken as.
    """
    found = load_arch(config)
    technology, arch = found.technology, found.arch
    events = {price.event: price.pj for price in technology.energy_pj}
    each = dict.fromkeys(BY_SELECTOR, arch.selectors) | {"multiplies": arch.pes * arch.multipliers}
    absent = ("step_reads", "padding", "sum_reads", "port_chunks", *_idle(arch))
    busy = math.fsum(
        each.get(name, arch.pes) * price
        for name, price in events.items()
        if name not in absent and not name.startswith("dram")
    )
    return busy * technology.clock_mhz / 1000 + math.fsum(one.value for one in technology.static_mw)


def _idle(arch: Arch) -> tuple[str, ...]:
    return () if arch.shared_selector else ("index_reads", "synapse_selections", "decodes")
