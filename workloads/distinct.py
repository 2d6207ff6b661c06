"""The different values of an array."""

import numpy as np


def distinct(values: np.ndarray) -> np.ndarray:
    """The different values, ascending: of numbers [any shape], [different values] of the same dtype.

    By sorting: `np.unique` without counts takes a table of hashes, twenty times as long for millions of integers.
    """
    ordered = np.sort(values, axis=None)
    first = np.ones(ordered.size, np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return ordered[first]
