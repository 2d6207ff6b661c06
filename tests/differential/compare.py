"""Words of an output against what they should be."""

import numpy as np


def differs(expected, words, apart=0):
    """Words that are further apart from `expected`, numbers of the same shape, than allowed; None: there are none."""
    if expected.shape != words.shape:
        return f"{words.shape} words against {expected.shape}"
    with np.errstate(invalid="ignore"):  # infinite numbers that are equal
        wrong = (expected != words) & ~(np.abs(expected - words) <= apart)
    if not wrong.any():
        return None
    place = int(np.flatnonzero(wrong)[0])
    return f"output[{place}] is {words[place]} against {expected[place]}"
