"""What a machine wants a sparse convolution compressed to."""

from typing import NamedTuple


class SparseConvolutionFormat(NamedTuple):
    """16-bit words over pairs, or a convolution of 1 x 1 over the outputs, for machines that know no other."""

    as_convolution: bool = False
