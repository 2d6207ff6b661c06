"""The table of SRAM arrays that CACTI 7 was run for (`cacti7.csv`)."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from workloads.errors import InputError

GENERATOR = "CACTI 7"


class Figures(NamedTuple):
    """Figures of an array: energy per access, leakage at 300 K, area, access time, and cycle time between accesses."""

    read_pj: float
    write_pj: float
    leakage_mw: float
    area_mm2: float
    access_ns: float
    cycle_ns: float


Size = tuple[int, int]
"""Capacity in bytes, width in bits."""


@cache
def tables() -> Mapping[tuple[int, str], Mapping[Size, Figures]]:
    """All arrays: (node in nm, cell) -> size -> figures."""
    found: dict[tuple[int, str], dict[Size, Figures]] = {}
    for node, cell, capacity, width, *figures in read_rows("cacti7.csv"):
        found.setdefault((int(node), cell), {})[int(capacity), int(width)] = Figures(*map(float, figures))
    return found


def read_rows(name: str) -> list[list[str]]:
    """The rows of a CSV file of this folder, without comments and header."""
    lines = (files("simulator.hardware.sram") / name).read_text("utf-8").splitlines()
    return [line.split(",") for line in lines if not line.startswith("#")][1:]


def nodes() -> list[int]:
    """The nodes of the table in nm, largest first."""
    return sorted({node for node, _ in tables()}, reverse=True)


def cells() -> list[str]:
    """The cell types of the table: hp, lop, lstp (high performance, low operating power, low standby power)."""
    return sorted({cell for _, cell in tables()})


def find_table(node_nm: float, cell: str) -> Mapping[Size, Figures]:
    """The arrays of a node in nm and a cell type. InputError where the table lacks one; it lists what the table has."""
    if node_nm not in nodes():
        known = ", ".join(map(str, nodes()))
        raise InputError(f"SRAM: node is {node_nm:g} nm; expected one that the table of {GENERATOR} has: {known}")
    if cell not in cells():
        raise InputError(f"SRAM: cell is {cell!r}; expected one of {', '.join(cells())}")
    return tables()[int(node_nm), cell]
