"""The SRAM arrays of a configuration, sized by the architecture."""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from simulator.hardware.sram.figures import Sram, sram
from simulator.hardware.sram.table import GENERATOR, Figures
from simulator.pricing.schema import Product, SramFile, TechnologyFile
from workloads.errors import InputError


class Array(NamedTuple):
    """One of `number` equal arrays that each of the machine's units `per` has.

    figures: by the names of `memory.table.Figures`, without what neither file nor table says; sources: of each.
    """

    name: str
    per: str
    number: int
    figures: dict[str, float]
    sources: dict[str, str]

    def figure(self, where: str, name: str) -> float:
        """A figure; InputError where there is none."""
        if name not in self.figures:
            raise InputError(f"{where}: {self.name}.{name} is missing; expected it, or a cell to look it up for")
        return self.figures[name]

    def told(self, name: str) -> str:
        """Where a figure comes from, if there is one."""
        return self.sources.get(name, "")


def build_arrays(
    where: str, file: TechnologyFile, arch: Any, units: Mapping[str, int]
) -> tuple[dict[str, Array], list[str]]:
    """The arrays of a file by name, and notes: what is not the table's own figure, and what is too slow for the clock.

    An array is compared with the clock where its figures are those of the machine's node.
    """
    arrays: dict[str, Array] = {}
    notes: list[str] = []
    for name, item in file.srams.items():
        place = f"{where}.srams.{name}"
        if item.per not in units:
            raise InputError(f"{place}.per is {item.per!r}; expected one of {', '.join(units)}")
        node = item.node_nm or (file.energy_node_nm or file.node_nm).value
        arrays[name] = _build(place, name, item, node, arch, notes)
        if node == file.node_nm.value or item.access_ns is not None:
            notes += _slow(name, arrays[name].figures, file.clock_mhz.value)
    return arrays, notes


def _build(place: str, name: str, item: SramFile, node: float, arch: Any, notes: list[str]) -> Array:
    """An array; what is not given is looked up, and noted where it is no size of the table."""
    number, width = _multiply(f"{place}.arrays", item.arrays, arch), _multiply(f"{place}.width", item.width, arch)
    word_bytes = -(-width // 8)
    capacity = max(-(-_multiply(f"{place}.capacity", item.capacity, arch) // number), word_bytes)
    own = {figure: getattr(item, figure) for figure in Figures._fields if getattr(item, figure, None) is not None}
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
        if found.how != "table" and not {"read_pj", "write_pj"} <= own.keys():
            notes.append(_inexact(name, size, found))
    figures |= {figure: one.value for figure, one in own.items()}
    sources |= {figure: one.source for figure, one in own.items()}
    return Array(name, item.per, number, figures, sources)


HOW = {"table": "", "interpolated": ", interpolated", "law": ", by the fitted law"}


def _inexact(name: str, size: str, found: Sram) -> str:
    place = "between sizes" if found.how == "interpolated" else "outside the grid"
    off = found.uncertainty_percent
    return (
        f"{name}: {size}: {place} of {GENERATOR}'s table{HOW[found.how]}, "
        f"within about {off.read_pj:.0f} % (read) and {off.write_pj:.0f} % (write)"
    )


def _multiply(where: str, product: Product, arch: Any) -> int:
    """A number of the file, of the architecture, or a product of such; at least 1."""
    factors = product if isinstance(product, list) else [product]
    values = [getattr(arch, factor, 0) if isinstance(factor, str) else factor for factor in factors]
    for factor, value in zip(factors, values, strict=True):
        if not isinstance(value, int) or value < 1:
            numbers = {key: held for key, held in arch._asdict().items() if isinstance(held, int)}
            known = ", ".join(key for key, held in numbers.items() if held > 0)
            raise InputError(f"{where} has {factor!r}; expected a positive number of the architecture: {known}")
    return math.prod(values)


def _slow(name: str, figures: Mapping[str, float], clock_mhz: float) -> list[str]:
    """A sentence where an access takes longer than a cycle of the clock."""
    period, access = 1000 / clock_mhz, figures.get("access_ns", 0)
    if access <= period:
        return []
    apart = figures.get("cycle_ns")
    if apart is None:
        more = "how soon the next can begin is not known"
    else:
        more = f"the next can begin after {apart:.2f} ns, {'which' if apart <= period else 'which neither'} fits"
    return [f"{name}: an access takes {access:.2f} ns, a cycle of {clock_mhz:g} MHz {period:.2f} ns; {more}"]
