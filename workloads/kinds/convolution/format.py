"""What a machine wants a convolution compressed to."""

from typing import NamedTuple


class ConvolutionFormat(NamedTuple):
    """Linear fixed point, or a matrix product."""

    bits: int = 16  # of a weight and of an activation, 2 to 16
    weight_bits: int = 16  # of a weight where it has fewer than an activation, 2 to 16
    block_outputs: int = 1  # single weights are pruned in blocks of as many output channels, at the same place each
    as_product: bool = False  # a matrix product, in the format of that kind; each place of the output is a token
