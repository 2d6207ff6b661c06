"""What collectives ask of the number of chips and of bytes."""

from workloads.errors import refuse


def share(name: str, size: int, parts: int) -> int:
    """`size` bytes in `parts` equal shares. InputError where they are uneven or empty."""
    if size < 1 or size % parts:
        refuse(name, f"{size} bytes do not split evenly over {parts} chips", f"a positive multiple of {parts}")
    return size // parts


def doublings(name: str, chips: int) -> int:
    """log2 of the number of chips. InputError where that is no integer."""
    if chips < 1 or chips & (chips - 1):
        refuse(name, f"it has {chips} chips", "a power of two")
    return chips.bit_length() - 1
