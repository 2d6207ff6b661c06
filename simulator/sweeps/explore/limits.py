"""Limits of a search: bounds that figures of a point must keep."""

import math
from collections.abc import Collection, Iterable
from itertools import islice
from typing import Any, NamedTuple

from simulator.results.conditions import Condition
from simulator.sweeps.axes import is_number, shown
from workloads.document_types import Fields
from workloads.errors import refuse
from workloads.yaml_files import shorten

EXPECTED = "a bound such as area_mm2<=40, or energy_uj/time_us<=2"
MOST_LIMITS = 100
SIGNS = "<=", ">="


class Limit(NamedTuple):
    """An upper (`<=`) or a lower (`>=`) bound of a figure, or of a calculation with figures."""

    text: str
    left: str
    sign: str
    bound: float

    def excess(self, row: Fields, columns: Collection[str]) -> float:
        """How far a row is beyond the bound, as a share of it; 0 within. Infinite where the row lacks a figure.

        InputError where the calculation names no column.
        """
        value = Condition(self.left, columns).value(row)
        if not isinstance(value, int | float) or math.isnan(value):
            return math.inf
        beyond = value - self.bound if self.sign == "<=" else self.bound - value
        return max(0.0, beyond / (abs(self.bound) or 1.0))


class _Every(frozenset[str]):
    """Holds every name: which columns there are is known after the first point."""

    def __contains__(self, _: object) -> bool:
        return True


def parse_limit(text: Any) -> Limit:
    """`area_mm2<=40`. InputError where it is no such bound."""
    where = f"limit {shorten(text if isinstance(text, str) else repr(text), 60)}"
    if not isinstance(text, str):
        refuse(where, "it is no text", EXPECTED)
    sign = next((one for one in SIGNS if text.count(one) == 1), None)
    if sign is None:
        refuse(where, "it is no bound", EXPECTED)
    left, _, bound = (part.strip() for part in text.partition(sign))
    if not left or not is_number(bound):
        refuse(where, "it is no bound", EXPECTED)
    Condition(left, _Every())  # is refused where it is no calculation
    return Limit(text.strip(), left, sign, float(bound))


def parse_limits(texts: Iterable[str] | str) -> tuple[Limit, ...]:
    """Limits out of their texts; one text is one limit. InputError as in `parse_limit`, and of too many."""
    listed: Any = [texts] if isinstance(texts, str) else texts
    found = list(islice(listed, MOST_LIMITS + 1)) if isinstance(listed, Iterable) else None
    if found is None or len(found) > MOST_LIMITS:
        refuse("explore", f"limits is {shown(texts)}", f"at most {MOST_LIMITS}, each {EXPECTED}")
    return tuple(map(parse_limit, found))
