"""Numbers of text files, as the files' formats have them: digits of ASCII, no `_` between them."""

import numpy as np

LONGEST = 400
"""Characters of a number."""


def parse_numbers(text: str, dtype: type) -> np.ndarray:
    """The numbers of a text with spaces between them, [n] of the dtype, float64 or int64.

    ValueError or OverflowError where one is none. Python and numpy would take `1_0` and digits of other scripts too.
    """
    if "_" in text or not text.isascii():
        raise ValueError("a sign that is in no number")
    words = text.split()
    if max(map(len, words), default=0) > LONGEST:
        raise ValueError(f"a number of more than {LONGEST} characters")
    return np.array(words, dtype)
