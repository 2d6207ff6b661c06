"""How large a convolution may be once it is padded, spread or dilated: a few numbers must not ask for gigabytes."""

FREE_ELEMENTS, MOST_ELEMENTS = 1 << 22, 1 << 28
"""Of a padded input or of dilated kernels that any layer, and that no layer may have: 8 and 512 MB in 16-bit words."""
ELEMENTS_A_VALUE = 32
"""That each value of the input and of the weight allows: kernels dilated 6 times, inputs spread 4 times each way."""


def most_elements(values: int) -> int:
    """Elements that the padded input or the dilated kernels may have, where input and weight have this many values."""
    return min(MOST_ELEMENTS, max(FREE_ELEMENTS, ELEMENTS_A_VALUE * values))


MOST_UNFOLDED = 3 << 24
"""Elements of the windows that a convolution reads as a matrix product: 2 GiB with their numbers in NVFP4."""
FREE_OUTPUTS, OUTPUTS_A_VALUE = 1 << 24, 256
"""Elements of the output that any layer may have, and that each value of the input and of the weight allows more."""
FREE_PRODUCTS, PRODUCTS_A_VALUE = 1 << 32, 1 << 14
"""Multiplications of weights and inputs, zeros too, likewise: seconds of work."""


def most_outputs(values: int) -> int:
    """Elements that the output may have, where input and weight have this many values."""
    return min(MOST_ELEMENTS, max(FREE_OUTPUTS, OUTPUTS_A_VALUE * values))


def most_products(values: int) -> int:
    """Multiplications that a layer may have, where input and weight have this many values."""
    return max(FREE_PRODUCTS, PRODUCTS_A_VALUE * values)
