"""What turns counts into time, energy and area: prices for one architecture, each with its source."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any, NamedTuple

from simulator.memory.interpolation import log_log
from simulator.schema import SourcedPrice, SourcedShare, TechnologyFile
from workloads.errors import InputError

TOTAL = "total"
"""The sum of all components; no component may be called so."""


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


class Technology(NamedTuple):
    """Prices the counts; it never influences a cycle."""

    node_nm: float
    clock_mhz: float
    static_mw: tuple[Share, ...]
    energy_pj: tuple[Price, ...]
    area_um2: tuple[Share, ...]


def build_technology(source: str, file: TechnologyFile, part: Any, arch: Any) -> tuple[Technology, tuple[str, ...]]:
    """The technology of a file for `arch`, and a note for each price that lies beyond its table.

    part: the machine's `arch` module, whose `Counts` and `units` say what has a price and what there is.
    """
    check_names(
        f"{source}: technology.energy_pj", file.energy_pj, part.Counts._fields, "event", "a price for each event"
    )
    units = part.units(arch)
    for key in ("static_mw", "energy_pj", "area_um2"):
        for name, item in getattr(file, key).items():
            component = item.component if isinstance(item, SourcedPrice) else name
            if component == TOTAL:
                raise InputError(f"{source}: technology.{key}: a component is {TOTAL!r}; expected any other name")
            if isinstance(item, SourcedShare) and item.per not in units:
                expected = f"one of {', '.join(units)}"
                raise InputError(f"{source}: technology.{key}.{name}.per is {item.per!r}; expected {expected}")
    notes: list[str] = []
    technology = Technology(
        node_nm=file.node_nm.value,
        clock_mhz=file.clock_mhz.value,
        static_mw=_shares(file.static_mw),
        energy_pj=tuple(
            Price(
                event,
                item.component,
                _price(f"{source}: technology.energy_pj.{event}", event, item, arch, notes),
                item.source,
                item.type,
            )
            for event, item in file.energy_pj.items()
        ),
        area_um2=_shares(file.area_um2),
    )
    return technology, tuple(notes)


def check_names(where: str, given: Iterable[str], expected: Iterable[str], what: str, complete: str) -> None:
    """Refuse missing and unknown names."""
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


def _shares(items: dict[str, SourcedShare]) -> tuple[Share, ...]:
    return tuple(Share(component, item.per, item.value, item.source, item.type) for component, item in items.items())


def _price(where: str, event: str, item: SourcedPrice, arch: Any, notes: list[str]) -> float:
    """The price of an event: the file's number, or what its table says for this architecture."""
    if item.value is not None:
        return item.value
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
    return log_log(item.table, at)
