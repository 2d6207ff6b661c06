"""Run-length encoding as in SCNN: each value with the number of zeros before it."""

import numpy as np

from workloads.errors import InputError


def to_run_lengths(values: np.ndarray, bits: int) -> tuple[np.ndarray, np.ndarray]:
    """Encode a vector, any dtype [size], as pairs of zeros before a value and the value (SCNN, section IV).

    Return the counts of zeros, uint8 [pairs], each of `bits` bits, and the values, the vector's dtype [pairs]. A longer
    run is cut by a stored zero; zeros after the last non-zero are left out. InputError where `bits` is not 1 .. 8.
    """
    if not 1 <= bits <= 8:
        raise InputError(f"bits is {bits}; expected an integer from 1 to 8")
    step = 1 << bits
    place = np.flatnonzero(values)
    gap = np.diff(place, prepend=-1) - 1
    cuts = gap // step
    end = np.cumsum(cuts + 1)
    zeros = np.full(int(end[-1]) if end.size else 0, step - 1, np.uint8)
    stored = np.zeros(zeros.size, values.dtype)
    zeros[end - 1], stored[end - 1] = gap % step, values[place]
    return zeros, stored
