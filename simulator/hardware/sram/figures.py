"""SRAM arrays: energy, leakage, area and time by node, cell, capacity and width.

A size that is in the table has the table's figures. Figures of a size between four sizes of the table, all powers of
two, are interpolated linearly in the logarithms; all other sizes follow a law that was fitted to the table. Each result
names the method.
"""

import math
from collections.abc import Callable, Mapping
from functools import cache
from typing import Literal, NamedTuple

from simulator.hardware.sram.law import laws, rms_percent
from simulator.hardware.sram.table import Figures, Size, find_table, tables
from workloads.errors import InputError

How = Literal["table", "interpolated", "law"]

LARGEST = 1 << 40
"""The largest capacity, in bits."""


class Sram(NamedTuple):
    """An array: the fields of `Figures`, the method that gave them, and their error against CACTI.

    uncertainty_percent: root mean square error of the method; 0 for a size of the table. It is the error of the
    interpolation or the law, not that of CACTI: other options of CACTI give other arrays (docs/memory.md).
    """

    read_pj: float
    write_pj: float
    leakage_mw: float
    area_mm2: float
    access_ns: float
    cycle_ns: float
    how: How
    uncertainty_percent: Figures


def sram(node_nm: float, cell: str, capacity_bytes: int, width_bits: int) -> Sram:
    """An array by node in nm, cell type (hp, lop, lstp), capacity and word width.

    InputError where the table lacks the node or the cell, or where the size is less than one word or too large.
    """
    table = find_table(node_nm, cell)
    size = capacity_bytes, width_bits
    if width_bits < 1 or not width_bits <= 8 * capacity_bytes <= LARGEST:
        size_text = f"{capacity_bytes} bytes in words of {width_bits} bits"
        raise InputError(f"SRAM: it has {size_text}; expected one word or more, and at most {LARGEST} bits")
    if size in table:
        return Sram(*table[size], "table", Figures(0, 0, 0, 0, 0, 0))
    key = int(node_nm), cell
    if all(corner in table for corner in corners(size)):
        return Sram(*interpolate(table, size), "interpolated", leave_one_out_percent(*key))
    figures = Figures(*(laws()[key][figure].value(*size) for figure in Figures._fields))
    return Sram(*figures, "law", rms_percent(*key))


def corners(size: Size) -> list[Size]:
    """The sizes around a size whose capacity and width are powers of two: four, two, or the size itself."""
    return [(capacity, width) for capacity in _around(size[0]) for width in _around(size[1])]


def _around(number: int) -> list[int]:
    """The powers of two below and above a number, or the number itself if it is one."""
    below = 1 << (number.bit_length() - 1)
    return [number] if number == below else [below, 2 * below]


def interpolate(table: Mapping[Size, Figures], size: Size) -> Figures:
    """The figures at `size`, bilinear in the logarithms of capacity, width and figure.

    the table has all its corners.
    """
    found = corners(size)
    weights = [_weight(size[0], capacity) * _weight(size[1], width) for capacity, width in found]

    def mean(figure: str) -> float:
        return math.exp(
            math.fsum(
                weight * math.log(getattr(table[corner], figure)) for weight, corner in zip(weights, found, strict=True)
            )
        )

    return Figures(*map(mean, Figures._fields))


def _weight(number: int, corner: int) -> float:
    """The weight of a corner: 1 where the two numbers are equal, 0 at the next power of two."""
    return 1 - abs(math.log2(number / corner))


@cache
def leave_one_out_percent(node_nm: int, cell: str) -> Figures:
    """The root mean square error of interpolation in percent, found by leaving out sizes of the table.

    Each size with neighbours of half and double its capacity is interpolated between these two, and likewise for the
    width. The step is twice that of the table, so the error within the table is smaller rather than larger.
    """
    table = tables()[node_nm, cell]
    neighbours: tuple[Callable[[int, int], tuple[Size, Size]], ...] = (
        lambda capacity, width: ((capacity // 2, width), (2 * capacity, width)),
        lambda capacity, width: ((capacity, width // 2), (capacity, 2 * width)),
    )
    pairs = [(size, around(*size)) for around in neighbours for size in table if corners(size) == [size]]
    triples = [(table[size], table[low], table[high]) for size, (low, high) in pairs if low in table and high in table]

    def rms(figure: str) -> float:
        known = [[getattr(one, figure) for one in triple] for triple in triples]
        errors = [math.sqrt(low * high) / middle - 1 for middle, low, high in known]
        return 100 * math.sqrt(math.fsum(error**2 for error in errors) / len(errors))

    return Figures(*map(rms, Figures._fields))
