"""Prices of a user's own, a table from a file or a dictionary, put into results."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Any, TypeAlias, TypeVar

from simulator.export.ert import Ert, event_names, priced_config, reprice
from simulator.export.ert import price_with as price_result
from simulator.pricing.energy import Line, by_component
from simulator.pricing.technology import TOTAL
from simulator.results.model_result import LayerRow, ModelResult
from simulator.results.result import MICRO, PICO, Result
from workloads.errors import InputError, refuse
from workloads.yaml_files import shorten

Prices: TypeAlias = Ert | Mapping[str, float]
"""What `read_ert` gives, or pJ by event: `component.event`, or `event` where only one component has it."""
R = TypeVar("R", Result, ModelResult)
WHERE = "prices"
MOST_PJ = 1e9


def price_with(result: R, prices: Prices) -> R:
    """A result at other prices; cycles and counts do not change.

    >>> from simulator.run.api import simulate
    >>> result = simulate("eie", "alexnet-fc8", scale=0.01)
    >>> free = price_with(result, {f"{line.component}.{line.event}": 0 for line in result.energy})
    >>> free.energy_uj, free.run.cycles == result.run.cycles
    (0.0, True)

    prices: of every event, in pJ. InputError lists the events that have none, and names a price that is of no event,
    or is no number from 0 on.
    """
    if isinstance(result, Result):
        return price_result(result, table_of(prices, result.energy))
    if not isinstance(result, ModelResult):
        raise InputError(f"result is {shorten(repr(result), 40)}; expected a result of `simulate` or `run`")
    first = next((row.details for row in result.rows if row.details), None)
    table = table_of(prices, [] if first is None else _lines(first))
    rows = tuple(_price_row(row, table) if row.details else row for row in result.rows)
    return result._replace(config=priced_config(result.config, table), rows=rows)


def table_of(prices: Prices, lines: Sequence[Line]) -> Ert:
    """Prices as a table for these lines of a result. InputError as in `price_with`, but for tables: see `reprice`."""
    if isinstance(prices, Ert):
        return prices
    if not isinstance(prices, Mapping):
        refuse(WHERE, f"it is {shorten(repr(prices), 40)}", "a dictionary of pJ by event, or what read_ert gives")
    full = dict(zip(event_names(WHERE, lines), lines, strict=True))
    many = Counter(line.event for line in lines)
    names = {**{line.event: key for key, line in full.items() if many[line.event] == 1}, **{key: key for key in full}}
    found: dict[str, float] = {}
    for given, picojoules in prices.items():
        if given not in names:
            refuse(WHERE, f"{shorten(repr(given), 60)} is no event", _expected(full, many))
        if names[given] in found:
            refuse(WHERE, f"{given} is given twice", "one price of each event")
        found[names[given]] = _number(given, picojoules)
    missing = [_short(line, many) for key, line in full.items() if key not in found]
    if missing:
        refuse(WHERE, f"{', '.join(missing)} is not given", "a price in pJ of every event")
    return Ert(WHERE, {(full[key].component, full[key].event): each for key, each in found.items()})


def _short(line: Line, many: Mapping[str, int]) -> str:
    return line.event if many[line.event] == 1 else f"{line.component}.{line.event}"


def _expected(full: Mapping[str, Line], many: Mapping[str, int]) -> str:
    return f"a price in pJ of each of {', '.join(_short(line, many) for line in full.values())}"


def _number(name: str, value: object) -> float:
    number = float(value) if isinstance(value, Real) and not isinstance(value, bool) else math.nan
    if not 0 <= number <= MOST_PJ:
        refuse(WHERE, f"{name} is {shorten(repr(value), 40)}", f"a number of pJ from 0 to {MOST_PJ:g}")
    return number


def _lines(details: Mapping[str, Any]) -> list[Line]:
    return [Line(**line) for line in details["energy_lines"]]


def _price_row(row: LayerRow, table: Ert) -> LayerRow:
    """A layer's row at other prices, with the result that it holds, if it does."""
    assert row.details is not None
    assert row.time_us is not None
    lines = reprice(_lines(row.details), table)
    energy = by_component(lines)
    energy_uj = energy[TOTAL] * PICO / MICRO
    details = {**row.details, "energy_pj": energy, "energy_lines": [line._asdict() for line in lines]}
    result = None if row.result is None else price_result(row.result, table)
    return row._replace(energy_uj=energy_uj, edp_uj_us=energy_uj * row.time_us, details=details, result=result)
