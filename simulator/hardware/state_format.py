"""The format in which the states of sequences are kept, as a part of an architecture."""

from typing import NamedTuple

from simulator.hardware.component import Component


class StateFormat(NamedTuple):
    """A floating-point format of whole bytes."""

    name: str
    bits: int


def _names() -> list[str]:
    from workloads.kinds.state_space.format import STATE_TYPES

    return list(STATE_TYPES)


def _load(name: str, cycle_ps: int) -> StateFormat:  # noqa: ARG001
    from workloads.kinds.state_space.format import STATE_TYPES

    return StateFormat(name, 8 * STATE_TYPES[name].itemsize)


def _rank(name: str) -> float:
    """Minus the bits of a number, so that fewer come next."""
    from workloads.kinds.state_space.format import STATE_TYPES

    return -8.0 * STATE_TYPES[name].itemsize


STATE_FORMAT = Component("numbers", _names, _load, optional=False, rank=_rank)
"""FP32, FP16 or BF16 by name."""
