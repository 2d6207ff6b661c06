"""DRAM as a part of an architecture."""

from simulator.hardware.component import Component


def _names() -> list[str]:
    from simulator.hardware.dram.presets import presets

    return list(presets())


def _load(name: str, cycle_ps: int) -> object:
    from simulator.hardware.dram.presets import load_dram

    return load_dram(name, cycle_ps)


MEMORY = Component("memory", _names, _load)
"""A memory that comes with the simulator, by name, seen from the machine's clock; `none` leaves it out."""
