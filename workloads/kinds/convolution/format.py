"""What a machine wants a convolution compressed to."""

from typing import NamedTuple


class ConvolutionFormat(NamedTuple):
    """Linear fixed point."""

    bits: int = 16  # of a weight and of an activation, 2 to 16
