"""Structured sparsity: of each four weights along the inputs, two are kept."""

import numpy as np

GROUP, KEPT = 4, 2
PLACE_BITS = 2
"""Of metadata for each weight that is kept: its place in the group."""


def keep_two(weight: np.ndarray) -> np.ndarray:
    """The weights, float32 [outputs, inputs], with the two of largest magnitude of each four; of equal ones the first.

    A last group of fewer than four keeps two of them, too.
    """
    outputs, inputs = weight.shape
    whole = np.full((outputs, -(-inputs // GROUP) * GROUP), -1.0, np.float32)
    whole[:, :inputs] = np.abs(weight)
    order = np.argsort(-whole.reshape(outputs, -1, GROUP), axis=2, kind="stable")
    mask = np.zeros(order.shape, np.bool_)
    np.put_along_axis(mask, order[:, :, :KEPT], True, axis=2)
    kept: np.ndarray = np.where(mask.reshape(outputs, -1)[:, :inputs], weight, np.float32(0))
    return kept


def kept_of(inputs: int) -> int:
    """How many weights of a row of `inputs` are kept."""
    return KEPT * (inputs // GROUP) + min(KEPT, inputs % GROUP)
