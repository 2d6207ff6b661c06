"""What fixed point and codes could not hold of a fully connected layer, a sentence each."""

import numpy as np

from workloads.compression.shared import CODEBOOK, SharedFullyConnected
from workloads.compression.storage import shared_bits
from workloads.number_formats import find_format

HEADROOM_BITS = 1
"""The largest partial sum of the given input stays this far below saturation."""
MOST_SHIFT = 30
"""A product and its rounding bit stay within 32 bits; only more than 2**15 products of full size would need more."""


def losses(
    shared: SharedFullyConnected, activation: np.ndarray, words: np.ndarray, bits: int, has_bias: bool
) -> tuple[str, ...]:
    """What 16 bits and the codebook could not hold of the input and of a bias that is a column, a sentence each.

    activation: float [inputs]; words: int16 [columns], of `bits` fraction bits.
    """
    found = []
    active = int(np.count_nonzero(activation))
    left = int(np.count_nonzero(words[: activation.size]))
    if left < active:
        found.append(f"{active - left} of {active} non-zero activations are rounded to zero in 16 bits")
    if shared.lost:
        kept = shared.lost + shared.columns.row.size
        found.append(f"{shared.lost} of {kept} kept weights are zero in {shared.form}, and are not stored")
    if shared.bias is None or shared.bias_code is None or not has_bias:
        return tuple(found)
    if bits < 0:
        found.append(f"the bias' activation of 1.0 is rounded to {float(words[-1]) * 2.0**-bits:g} in 16 bits")
    if shared.bias.any() and not shared.bias_code.any():
        found.append(f"all biases are zero, as no level of the {_book(shared)} is near them")
        return tuple(found)
    bias, level = float(np.abs(shared.bias).max()), largest_weight(shared)
    if bias > level:
        moved = _moved(shared, activation)
        found.append(
            f"biases reach {bias:.3g} and the {_book(shared)}'s levels {level:.3g}: as codes they move the output by"
            f" {moved:.2g} of its norm (`eie` keeps them in 16 bits with --set preload_bias=1)"
        )
    return tuple(found)


def stored_bits(shared: SharedFullyConnected) -> int:
    """Bits of the stored weights' codes and of what they share, as a codebook or scales; no index, and no biases."""
    own = shared.form != CODEBOOK
    bits = find_format(shared.form).bits if own else max(1, (shared.codebook.size - 1).bit_length())
    return shared.columns.row.size * bits + shared_bits(shared, bits)


def _book(shared: SharedFullyConnected) -> str:
    """What biases take their codes from."""
    return "codebook" if shared.form == CODEBOOK else f"format {shared.form}"


def largest_weight(shared: SharedFullyConnected) -> float:
    """The greatest magnitude that a code can mean anywhere in the matrix."""
    level = float(np.abs(shared.codebook).max())
    if not shared.scaled:
        return level
    scale = float(shared.grid().values().max(initial=0))
    return level * shared.tensor_scale * (448.0 if "tensor_scale" in shared.shared else scale)


def bias_values(shared: SharedFullyConnected) -> np.ndarray:
    """What the codes of the biases mean, float64 [outputs]."""
    assert shared.bias_code is not None
    found = shared.codebook.astype(np.float64)[shared.bias_code]
    if shared.bias_scale is None:
        return found
    grid = shared.grid()
    row = np.arange(shared.outputs)
    scale = grid.parts.of(shared.bias_scale).value()
    return found * scale[row % len(scale), row // len(scale) // grid.rows] * shared.tensor_scale


def saturation_note(needed: int) -> tuple[str, ...]:
    """A sentence where sums would have to be shifted by more bits than a machine shifts; needed: how many."""
    if needed <= MOST_SHIFT:
        return ()
    return (f"sums of up to 2**{needed - MOST_SHIFT - HEADROOM_BITS} times the largest output saturate",)


def _moved(shared: SharedFullyConnected, activation: np.ndarray) -> float:
    """The norm of what the codes of the biases change in the output over the norm of the output, before ReLU."""
    assert shared.bias is not None
    assert shared.bias_code is not None
    column = np.repeat(np.arange(shared.inputs), np.diff(shared.columns.start))
    products = shared.stored_values() * activation[column].astype(np.float64)
    exact = np.bincount(shared.columns.row, products, shared.outputs) + shared.bias
    size = float(np.linalg.norm(exact))
    change = float(np.linalg.norm(bias_values(shared) - shared.bias))
    return change / size if size else float(change > 0)
