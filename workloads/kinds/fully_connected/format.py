"""What a machine wants a fully connected layer compressed to."""

from typing import NamedTuple


class FullyConnectedFormat(NamedTuple):
    """A codebook's width, where biases are, and whether the machine reads the layer as a convolution."""

    weight_bits: int = 4  # of a code, 1 to 8
    as_convolution: bool = False  # of a plane of 1 x 1
    preload_bias: bool = False  # accumulators begin with the biases; else these are a column of codes
