"""The reference kernel of matrix products in a number format: each output as the format's dot unit adds it.

Elements of 4, 8 and 16 bits have the units of `kernels_ref.formats`; INT8 is added exactly in 32 bits. A sum, in FP32,
is multiplied by the product of both tensors' scales and then gets its bias, each rounded to nearest even, then ReLU.
"""

import numpy as np

from kernels_ref.formats import Parts, Unit, multiply

MOST_INT32 = (1 << 31) - 1
LARGEST = np.finfo(np.float32).max


def tensor_factor(left: float, right: float) -> np.float32:
    """The product of two tensors' scales in FP32; what is larger becomes the largest number."""
    with np.errstate(over="ignore", under="ignore"):
        return np.minimum(np.float32(left) * np.float32(right), LARGEST)


def finish(sums: np.ndarray, factor: np.float32, bias: np.ndarray | None, relu: bool) -> np.ndarray:
    """Outputs, float32 [tokens, outputs], of sums of that shape; bias: float32 [outputs]."""
    with np.errstate(over="ignore", under="ignore"):
        output = sums.astype(np.float32) * factor
        if bias is not None:
            output = output + bias
    return np.where(output > 0, output, np.float32(0)) if relu else output


def product(
    activation: Parts, activation_scale: Parts, weight: Parts, weight_scale: Parts, block: int, unit: Unit
) -> np.ndarray:
    """Sums in FP32 as a dot unit adds them: float32 [tokens, outputs].

    activation [tokens, K], weight [outputs, K], their scales [tokens, blocks] and [outputs, blocks], one for each
    `block` elements. ValueError where shapes do not fit.
    """
    return multiply(activation, activation_scale, weight, weight_scale, block, unit)


def integer_product(activation: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Exact sums of products of whole numbers, rounded to FP32 at the end: float32 [tokens, outputs].

    activation: integers [tokens, K]; weight: integers [outputs, K]. ValueError where a sum may not fit 32 bits.
    """
    most = int(np.abs(activation).max(initial=0)) * int(np.abs(weight).max(initial=0)) * activation.shape[1]
    if most > MOST_INT32:
        raise ValueError(f"a sum may reach {most}; expected at most {MOST_INT32}")
    return (activation.astype(np.float64) @ weight.astype(np.float64).T).astype(np.float32)
