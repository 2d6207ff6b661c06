"""Packing entries into memory lines: entries fill units, and units fill lines, both padded with zeros (ESE)."""

import numpy as np


def count_lines(entries: np.ndarray, entry_bits: int, unit_bits: int, line_bits: int) -> int:
    """Return the number of memory lines for `entries` entries of each bank, int [banks].

    A unit of `unit_bits` holds entries of one bank only; a line of `line_bits` holds whole units of any banks.
    """
    units = -(-entries.astype(np.int64) // (unit_bits // entry_bits))
    return int(-(-units.sum() // (line_bits // unit_bits)))
