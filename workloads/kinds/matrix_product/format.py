"""What a machine wants a matrix product compressed to."""

from typing import NamedTuple


class ProductFormat(NamedTuple):
    """The number format of both operands, and whether weights are kept two of four."""

    weight_format: str = "bf16"  # formats without a dot unit hold weights only; activations are then bf16
    two_of_four: bool = False  # of each four weights along the inputs, the two of largest magnitude
