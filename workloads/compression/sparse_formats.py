"""Bits that common sparse matrix formats take."""

from workloads.compression.columns import Columns


def csc_bits(columns: Columns, outputs: int, value_bits: int) -> int:
    """Bits of compressed columns (CSC): a row index and a value for each weight, columns + 1 pointers."""
    stored, width = columns.row.size, columns.start.size - 1
    return stored * (value_bits + index_bits(outputs)) + (width + 1) * index_bits(stored + 1)


def csr_bits(columns: Columns, outputs: int, value_bits: int) -> int:
    """Bits of compressed rows (CSR): a column index and a value for each weight, rows + 1 pointers."""
    stored, width = columns.row.size, columns.start.size - 1
    return stored * (value_bits + index_bits(width)) + (outputs + 1) * index_bits(stored + 1)


def bitmask_bits(columns: Columns, outputs: int, value_bits: int) -> int:
    """Bits of a bitmask: one for every weight, and the values of those that are not zero."""
    return (columns.start.size - 1) * outputs + columns.row.size * value_bits


def index_bits(count: int) -> int:
    """Bits of an index into `count` things, at least one."""
    return max(1, (count - 1).bit_length())
