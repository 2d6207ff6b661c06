"""The entries of a matrix whose columns are spread over PEs, as layouts hold them."""

import numpy as np


def without_pe(
    pointer: np.ndarray, padding: np.ndarray, start: np.ndarray, pe: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The same arrays without the entries of a PE, which then serves empty slices only.

    pointer: int32 [columns + 1, pes], entries of each PE before a column; padding: [columns, pes], those that are
    padding; start: int64 [columns + 1], entries of all PEs before a column. The types stay.
    """
    count = np.diff(pointer[:, pe], prepend=0)
    pointer, padding = pointer.copy(), padding.copy()
    pointer[:, pe], padding[:, pe] = 0, 0
    return pointer, padding, start - np.cumsum(count)
