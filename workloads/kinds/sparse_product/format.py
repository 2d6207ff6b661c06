"""What a machine wants a sparse product compressed to."""

from typing import NamedTuple


class SparseFormat(NamedTuple):
    """Values of 16 bits in fixed point, exact in FP64: there is one."""
