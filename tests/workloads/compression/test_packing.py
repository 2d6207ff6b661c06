"""Entries packed into units and units into lines, against filling them one after the other."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from workloads.compression.packing import count_lines


def fill(entries, entry_bits, unit_bits, line_bits):
    """Lines that are needed, entry after entry."""
    units = lines = 0
    for bank in entries:
        free = 0
        for _ in range(bank):
            if free < entry_bits:
                units, free = units + 1, unit_bits
            free -= entry_bits
    free = 0
    for _ in range(units):
        if free < unit_bits:
            lines, free = lines + 1, line_bits
        free -= unit_bits
    return lines


@given(
    entries=st.lists(st.integers(0, 40), min_size=1, max_size=6),
    entry_bits=st.integers(1, 16),
    more=st.tuples(st.integers(0, 40), st.integers(0, 100)),
)
def test_lines_are_those_of_filling(entries, entry_bits, more):
    unit_bits = entry_bits + more[0]
    line_bits = unit_bits + more[1]
    expected = fill(entries, entry_bits, unit_bits, line_bits)
    assert count_lines(np.array(entries), entry_bits, unit_bits, line_bits) == expected
