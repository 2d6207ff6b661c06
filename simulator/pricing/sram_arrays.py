"""The SRAM arrays of a configuration: sizes follow the architecture, energies and areas come from table or file."""

import math
from collections.abc import Mapping
from typing import NamedTuple

from simulator.hardware.sram.figures import LARGEST, Sram, sram
from simulator.hardware.sram.table import GENERATOR, Figures
from simulator.pricing.schema import Product, SramFile, TechnologyFile
from workloads.errors import InputError

MOST_FACTORS = 16
"""Of a size."""


class Array(NamedTuple):
    """One of the `number` equal arrays in each unit of kind `per`.

    figures: by the names of `hardware.sram.table.Figures`, in pJ, mW, mm2 and ns; those that neither file nor table
    gives are missing. sources: the source of each figure.
    """

    name: str
    per: str
    number: int
    figures: dict[str, float]
    sources: dict[str, str]

    def figure(self, where: str, name: str) -> float:
        """A figure by name; InputError where it is missing. where: the key of the file, for the error message."""
        if name not in self.figures:
            raise InputError(f"{where}: {self.name}.{name} is missing; expected it, or a cell to look it up for")
        return self.figures[name]

    def source_of(self, name: str) -> str:
        """The source of a figure; an empty string where the figure is missing."""
        return self.sources.get(name, "")


def build_arrays(
    where: str, file: TechnologyFile, arch: NamedTuple, units: Mapping[str, int]
) -> tuple[dict[str, Array], list[str]]:
    """The arrays of a file by name, and notes.

    A note says that figures are interpolated or by the fitted law, or that an access takes longer than a clock cycle;
    the latter is checked where the figures are those of the machine's node. arch: the machine's numbers. InputError
    where an array belongs to an unknown unit, the architecture lacks a number, or the table has no such array.
    """
    arrays: dict[str, Array] = {}
    notes: list[str] = []
    for name, item in file.srams.items():
        place = f"{where}.srams.{name}"
        if item.per not in units:
            raise InputError(f"{place}.per is {item.per!r}; expected one of {', '.join(units)}")
        node = item.node_nm or file.prices_nm.value
        found: list[str] = []
        arrays[name] = _build(place, name, item, node, arch, found)
        if not units[item.per]:
            continue  # this machine has none of them
        notes += found
        if node == file.areas_of.value or item.access_ns is not None:
            notes += _slow(name, arrays[name].figures, file.clock_mhz.value)
    return arrays, notes


def _build(place: str, name: str, item: SramFile, node: float, arch: NamedTuple, notes: list[str]) -> Array:
    """An array: figures of the file, else of the table. A size that is not in the table adds a note."""
    number, width = _multiply(f"{place}.arrays", item.arrays, arch), _multiply(f"{place}.width", item.width, arch)
    word_bytes = -(-width // 8)
    capacity = max(-(-_multiply(f"{place}.capacity", item.capacity, arch) // number), word_bytes)
    given = {figure: getattr(item, figure) for figure in Figures._fields if getattr(item, figure, None) is not None}
    figures: dict[str, float] = {}
    sources: dict[str, str] = {}
    if item.cell is not None:
        try:
            found = sram(node, item.cell, capacity, width)
        except InputError as error:
            raise InputError(f"{place}: {error}") from None
        size = f"{capacity:,} bytes x {width} bits, {node:g} nm {item.cell.upper()}"
        figures = {figure: getattr(found, figure) for figure in Figures._fields}
        sources = dict.fromkeys(figures, f"{GENERATOR}, {size}{HOW[found.how]} ({item.source})")
        if found.how != "table" and not {"read_pj", "write_pj"} <= given.keys():
            notes.append(_inexact(name, size, found))
    figures |= {figure: one.value for figure, one in given.items()}
    sources |= {figure: one.source for figure, one in given.items()}
    return Array(name, item.per, number, figures, sources)


HOW = {"table": "", "interpolated": ", interpolated", "law": ", by the fitted law"}


def _inexact(name: str, size: str, found: Sram) -> str:
    place = "between sizes" if found.how == "interpolated" else "outside the grid"
    off = found.uncertainty_percent
    return (
        f"{name}: {size}: {place} of {GENERATOR}'s table{HOW[found.how]}, "
        f"within about {off.read_pj:.0f} % (read) and {off.write_pj:.0f} % (write)"
    )


def _multiply(where: str, product: Product, arch: NamedTuple) -> int:
    """The value of a key: a number, a number of the architecture by name, or a product of these; at least 1.

    InputError where a factor is not a positive number, they are more than MOST_FACTORS, or their product is larger than
    any array.
    """
    factors = product if isinstance(product, list) else [product]
    if len(factors) > MOST_FACTORS:
        raise InputError(f"{where} has {len(factors):,} factors; expected at most {MOST_FACTORS}")
    values = [getattr(arch, factor, 0) if isinstance(factor, str) else factor for factor in factors]
    for factor, value in zip(factors, values, strict=True):
        if not isinstance(value, int) or value < 1:
            numbers = {key: held for key, held in arch._asdict().items() if isinstance(held, int)}
            known = ", ".join(key for key, held in numbers.items() if held > 0)
            raise InputError(f"{where} has {factor!r}; expected a positive number of the architecture: {known}")
    found = math.prod(values)
    if found > LARGEST:
        raise InputError(f"{where} is more than {LARGEST:,}; expected at most as many")
    return found


def _slow(name: str, figures: Mapping[str, float], clock_mhz: float) -> list[str]:
    """A note where an access takes longer than a clock cycle, else nothing."""
    period, access = 1000 / clock_mhz, figures.get("access_ns", 0)
    if access <= period:
        return []
    apart = figures.get("cycle_ns")
    if apart is None:
        more = "how soon the next can begin is not known"
    else:
        more = f"the next can begin after {apart:.2f} ns, {'which fits' if apart <= period else 'which does not fit'}"
    return [f"{name}: an access takes {access:.2f} ns, a cycle of {clock_mhz:g} MHz {period:.2f} ns; {more}"]
