"""What encodings mean, written down slowly: the inverse of the encoders of `workloads.compression`."""

import numpy as np

from workloads.compression.columns import Columns
from workloads.compression.relative_index import Banks
from workloads.errors import InputError


def decode(banks: Banks) -> Columns:
    """Return the columns that `banks` encode, from their codes and zero counts alone (not from `row`)."""
    width, count = banks.padding.shape
    start, row, code = np.zeros(width + 1, np.int64), [], []
    for j in range(width):
        place = int(banks.start[j])
        found = []
        for k in range(count):
            local = -1
            for _ in range(int(banks.pointer[j + 1, k] - banks.pointer[j, k])):
                local += int(banks.zeros[place]) + 1
                if banks.code[place]:
                    found.append((local * count + k, int(banks.code[place])))
                place += 1
        found.sort()
        row += [r for r, _ in found]
        code += [c for _, c in found]
        start[j + 1] = len(row)
    return Columns(start, np.array(row, np.uint32), np.array(code, banks.code.dtype))


def from_run_lengths(zeros: np.ndarray, stored: np.ndarray, size: int) -> np.ndarray:
    """Decode pairs, zeros uint8 [pairs] and stored [pairs], to a vector [size] of the dtype of `stored`.

    InputError where the pairs reach beyond `size` elements.
    """
    place = np.cumsum(zeros.astype(np.int64) + 1) - 1
    if place.size and place[-1] >= size:
        raise InputError(f"run lengths reach element {place[-1]}; expected at most {size - 1}")
    values = np.zeros(size, stored.dtype)
    values[place] = stored
    return values
