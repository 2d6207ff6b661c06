"""Bits that common sparse formats need."""

from workloads.compression.columns import Columns


def csc_bits(columns: Columns, outputs: int, value_bits: int) -> int:
    """Compressed columns: a row index and a value for each weight, a pointer for each column and one more."""
    stored, width = columns.row.size, columns.start.size - 1
    return stored * (value_bits + index_bits(outputs)) + (width + 1) * index_bits(stored + 1)


def csr_bits(columns: Columns, outputs: int, value_bits: int) -> int:
    """Compressed rows: a column index and a value for each weight, a pointer for each row and one more."""
    stored, width = columns.row.size, columns.start.size - 1
    return stored * (value_bits + index_bits(width)) + (outputs + 1) * index_bits(stored + 1)


def bitmask_bits(columns: Columns, outputs: int, value_bits: int) -> int:
    """A bit for every weight, and the values that are not zero."""
    return (columns.start.size - 1) * outputs + columns.row.size * value_bits


def index_bits(count: int) -> int:
    """Bits that tell `count` things apart."""
    return max(1, (count - 1).bit_length())
