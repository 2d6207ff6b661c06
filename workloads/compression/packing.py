"""Entries in lines of memory: each bank's fill whole units, and all units whole lines, padded with zeros (ESE)."""

import numpy as np


def count_lines(entries: np.ndarray, entry_bits: int, unit_bits: int, line_bits: int) -> int:
    """Lines for so many entries of each bank, int [banks]; a unit holds entries of one bank only."""
    units = -(-entries.astype(np.int64) // (unit_bits // entry_bits))
    return int(-(-units.sum() // (line_bits // unit_bits)))
