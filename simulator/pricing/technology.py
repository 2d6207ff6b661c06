"""What turns counts into time, energy and area: prices for one architecture, each with its source."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import NamedTuple

from simulator.hardware.sram.interpolation import log_log
from simulator.pricing.schema import SourcedPrice, SourcedShare, TechnologyFile
from simulator.pricing.sram_arrays import Array, build_arrays
from workloads.errors import InputError

TOTAL = "total"
"""The sum of all components; no component may be called so."""


FLAT, DATA_SHEET = "flat", "data_sheet"
"""Who prices DRAM: each event's own price, or what each command of the memory draws."""


class Price(NamedTuple):
    """What one event costs, and to which component it is charged."""

    event: str
    component: str
    pj: float
    source: str
    type: str | None = None


class Share(NamedTuple):
    """A component's static power in mW, or its area in um2, for each `per` of the machine's units."""

    component: str
    per: str
    value: float
    source: str
    type: str | None = None
    leakage: bool = False  # of an SRAM array; of a clock network, as static power, False


class Technology(NamedTuple):
    """Prices the counts; it never influences a cycle."""

    node_nm: float  # of the areas
    energy_node_nm: float  # of the prices
    clock_mhz: float
    static_mw: tuple[Share, ...]
    energy_pj: tuple[Price, ...]
    area_um2: tuple[Share, ...]
    dram_energy: str  # FLAT or DATA_SHEET


def build_technology(
    source: str, file: TechnologyFile, events: Sequence[str], units: Mapping[str, int], arch: NamedTuple
) -> tuple[Technology, tuple[str, ...]]:
    """The technology of a file for `arch`, and a note for each price that lies beyond its table.

    events: each has one price. units: how many of each part the machine has. InputError names a key of the file.
    """
    check_names(f"{source}: technology.energy_pj", file.energy_pj, events, "event", "a price for each event")
    for key in ("static_mw", "energy_pj", "area_um2"):
        for name, item in getattr(file, key).items():
            component = item.component or name
            if component == TOTAL:
                raise InputError(f"{source}: technology.{key}: a component is {TOTAL!r}; expected any other name")
            if isinstance(item, SourcedShare) and item.sram is None and item.per not in units:
                expected = f"one of {', '.join(units)}"
                raise InputError(f"{source}: technology.{key}.{name}.per is {item.per!r}; expected {expected}")
    arrays, notes = build_arrays(f"{source}: technology", file, arch, units)
    technology = Technology(
        node_nm=file.areas_of.value,
        energy_node_nm=file.prices_nm.value,
        clock_mhz=file.clock_mhz.value,
        static_mw=_shares(f"{source}: technology.static_mw", file.static_mw, arrays, "leakage_mw", 1),
        energy_pj=tuple(
            Price(
                event,
                item.component,
                *_price(f"{source}: technology.energy_pj.{event}", event, item, arch, arrays, notes),
                item.type,
            )
            for event, item in file.energy_pj.items()
        ),
        area_um2=_shares(f"{source}: technology.area_um2", file.area_um2, arrays, "area_mm2", 1e6),
        dram_energy=file.dram_energy.value,
    )
    return technology, tuple(notes)


def check_names(where: str, given: Iterable[str], expected: Iterable[str], what: str, complete: str) -> None:
    """InputError where names are missing or unknown."""
    given, expected = list(given), list(expected)
    others = [other for other in given if other not in expected]
    for name in expected:
        if name not in given:
            close = get_close_matches(name, others, 1) or others
            hint = f" (it has {close[0]})" if close else ""
            raise InputError(f"{where}.{name} is missing{hint}; expected {complete}")
    for name in given:
        if name not in expected:
            close = get_close_matches(name, expected, 1) or expected
            raise InputError(f"{where}.{name} is an unknown {what}; expected {' or '.join(close)}")


def _shares(
    where: str, items: dict[str, SourcedShare], arrays: Mapping[str, Array], figure: str, scale: float
) -> tuple[Share, ...]:
    """Shares as the file has them; those of arrays are the figure of all arrays of a unit, times `scale`."""
    found = []
    for name, item in items.items():
        component = item.component or name
        if item.sram is None:
            assert item.per is not None
            assert item.value is not None
            found.append(Share(component, item.per, item.value, item.source, item.type))
        else:
            array = _array(f"{where}.{name}", item.sram, arrays)
            value = scale * array.number * array.figure(f"{where}.{name}", figure)
            source = f"{array.source_of(figure)}; {item.source}"
            found.append(Share(component, array.per, value, source, item.type, leakage=True))
    return tuple(found)


def _array(where: str, name: str, arrays: Mapping[str, Array]) -> Array:
    if name not in arrays:
        expected = f"one of {', '.join(arrays)}" if arrays else "an array of technology.srams, which has none"
        raise InputError(f"{where}.sram is {name!r}; expected {expected}")
    return arrays[name]


def _price(
    where: str, event: str, item: SourcedPrice, arch: NamedTuple, arrays: Mapping[str, Array], notes: list[str]
) -> tuple[float, str]:
    """The price of an event and its source: the file's number, its table's for this architecture, or an SRAM's."""
    if item.value is not None:
        return item.value, item.source
    if item.sram is not None:
        array, figure, times = _array(where, item.sram, arrays), f"{item.access}_pj", item.times or 1
        origin = array.source_of(figure) + (f" x {times:g}" if times != 1 else "")
        return times * array.figure(where, figure), f"{origin}; {item.source}"
    assert item.by is not None
    assert item.table is not None
    numbers = {key: value for key, value in arch._asdict().items() if isinstance(value, int) and value > 0}
    at = numbers.get(item.by, 0)
    if not at:
        known = ", ".join(numbers)
        raise InputError(f"{where}.by is {item.by!r}; expected a positive number of the architecture: {known}")
    if not min(item.table) <= at <= max(item.table):
        notes.append(
            f"{event}: {item.by} = {at} lies outside the table of prices "
            f"({min(item.table)} to {max(item.table)}); the price is extrapolated"
        )
    return log_log(item.table, at), item.source
