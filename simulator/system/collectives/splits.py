"""What collectives ask of the number of chips and of bytes."""

from simulator.system.network import MOST_CHIPS
from workloads.errors import refuse

MOST_IN_TURN = 256
"""Chips of collectives with as many rounds or messages of a chip: their steps take seconds and some 100 MB."""


def check_size(name: str, chips: int, size: int) -> None:
    """InputError where there are too few or too many chips, or no bytes."""
    if not 1 <= chips <= MOST_CHIPS:
        refuse(name, f"it has {chips} chips", f"1 to {MOST_CHIPS}")
    if size < 1:
        refuse(name, f"it has {size} bytes", "1 or more")


def check_rounds(name: str, chips: int) -> None:
    """InputError where each chip would have a message for each other one, and there are too many of them."""
    if chips > MOST_IN_TURN:
        refuse(name, f"it has {chips} chips, each with a message for each other one", f"at most {MOST_IN_TURN}")


def share(name: str, chips: int, size: int) -> int:
    """The bytes of one of `chips` equal shares. InputError where they are uneven, or `check_size` refuses them."""
    check_size(name, chips, size)
    if size % chips:
        refuse(name, f"{size} bytes do not split evenly over {chips} chips", f"a multiple of {chips}")
    return size // chips


def doublings(name: str, chips: int) -> int:
    """log2 of the number of chips, which is positive. InputError where that is no integer."""
    if chips & (chips - 1):
        refuse(name, f"it has {chips} chips", "a power of two")
    return chips.bit_length() - 1
