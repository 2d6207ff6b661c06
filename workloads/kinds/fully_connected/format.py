"""What a machine wants a fully connected layer compressed to."""

from typing import NamedTuple

from workloads.compression.shared import CODEBOOK


class FullyConnectedFormat(NamedTuple):
    """The number format of the weights, where biases are, and whether the machine reads the layer as another kind."""

    weight_bits: int = 4  # of a code of a codebook, 1 to 8
    as_convolution: bool = False  # of a plane of 1 x 1
    preload_bias: bool = False  # accumulators begin with the biases; else these are a column of codes
    weight_format: str = CODEBOOK  # a number format; a codebook has `weight_bits`
    across: int = 0  # of a format with scales: 0: blocks along the inputs, else along the outputs of each of these PEs
    block_outputs: int = 1  # weights are pruned in blocks of as many outputs, of the same input each
    as_product: bool = False  # a matrix product of one token, in the format of that kind
