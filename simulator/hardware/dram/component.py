"""DRAM as a part of an architecture."""

from simulator.hardware.component import NONE, Component


def _names() -> list[str]:
    from simulator.hardware.dram.presets import presets

    return list(presets())


def _load(name: str, cycle_ps: int) -> object:
    from simulator.hardware.dram.presets import load_dram

    return load_dram(name, cycle_ps)


def _bandwidth(name: str) -> float | None:
    """Peak bytes of a channel in a ps; None of `none`."""
    from simulator.hardware.dram.presets import load_dram

    if name == NONE:
        return None
    dram = load_dram(name)
    return dram.channels * dram.line_bytes / (dram.bl * dram.tck_ps)


MEMORY = Component("memory", _names, _load, rank=_bandwidth)
"""A memory that comes with the simulator, by name, seen from the machine's clock; `none` leaves it out."""
