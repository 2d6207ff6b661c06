"""What varies: a name and its values, as a user writes them."""

import math
import re
from collections.abc import Iterable, Mapping
from fractions import Fraction
from os import PathLike
from typing import Any, NamedTuple

import numpy as np

from simulator.results.stored_json import most_digits
from workloads.errors import refuse
from workloads.path_texts import path_text
from workloads.yaml_files import shorten

Value = int | float | str
"""Of a setting, as it is stored."""
MOST = 1_000_000
"""Values on one axis."""
MOST_TOGETHER = 2 * MOST
"""Values on all axes of a sweep or of a search."""
RANGE = re.compile(r"([^:,]+):([^:,]+):(\d+)$")
POWER = re.compile(r"[eE]([-+]?[\d_]+)")
MOST_POWER = 300
"""Of ten, in the end of a range."""
LONGEST = 400
"""Characters of the end of a range."""
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$")


class Axis(NamedTuple):
    """A key of the machine, of the recipe or of the run, and the values that it takes in turn."""

    name: str
    values: tuple[Value, ...]


def parse_axis(text: str, option: str = "--over") -> Axis:
    """`pes=1,2,4` or `weight_density=0.1:1.0:10` (ten values, both ends among them).

    InputError where it names no values, or as in `make_axis`.
    """
    name, found, values = (part.strip() for part in text.partition("="))
    where = f"{option} {shorten(text, 60)}"
    if not found or not name or not values:
        refuse(where, "it names no values", "KEY=a,b,c or KEY=start:stop:count")
    return make_axis(where, name, [values])


def make_axis(where: str, name: str, values: Any) -> Axis:
    """An axis of values and texts of values, out of a list of them.

    InputError where there is no list, the key is no name, a value is none of those of `check_value` or given twice,
    and where there are no values or more than `MOST`: no more are taken from an iterator.
    """
    if not NAME.match(name):
        refuse(where, f"the key is {shorten(name, 60)!r}", "a name, or several joined by dots")
    taken: list[Value] = []
    if not isinstance(values, Iterable) or isinstance(values, str | bytes | bytearray | Mapping):
        refuse(where, f"{name} is {shown(values)}", "a list of values")
    for value in values:
        found = parse_values(where, value) if isinstance(value, str) else [value]
        taken += [check_value(where, name, one) for one in found]
        if len(taken) > MOST:
            refuse(where, f"{name} has more than {MOST} values", f"1 to {MOST}")
    if not taken:
        refuse(where, f"{name} has 0 values", f"1 to {MOST}")
    seen = set[Value]()
    for value in taken:
        if value in seen:
            refuse(where, f"{name} has the value {value} twice", "each value once")
        seen.add(value)
    return Axis(name, tuple(taken))


def take_groups(where: str, groups: Iterable[Iterable[Axis]]) -> list[tuple[Axis, ...]]:
    """Axes, those that move together in one group.

    InputError where they have more values than `MOST_TOGETHER`: no more axes are taken from the iterators.
    """
    found, values = list[tuple[Axis, ...]](), 0
    for group in groups:
        axes: list[Axis] = []
        for axis in group:
            axes.append(axis)
            values += len(axis.values)
            if values > MOST_TOGETHER:
                refuse(where, f"its axes have more than {MOST_TOGETHER:,} values", "fewer values")
        found.append(tuple(axes))
    return found


def parse_values(where: str, text: str) -> list[Value]:
    """`a,b,c` or `start:stop:count`, numbers where they are numbers.

    InputError where a value is empty, or where the count is less than 2 or more than `MOST`.
    """
    span = RANGE.match(text.strip())
    if span and all(is_number(end) for end in span.groups()[:2]):
        return _spread(where, *span.groups())
    parts = [part.strip() for part in text.split(",")]
    if not all(parts):
        refuse(where, f"{shorten(text, 60)!r} holds an empty value", "values with commas between them")
    return [parse_value(part) for part in parts]


def parse_value(text: str) -> Value:
    """An integer, a number, or a word."""
    for kind in (int, float):
        try:
            value = kind(text)
        except ValueError:
            continue
        return value if isinstance(value, int) or math.isfinite(value) else text
    return text


def is_number(text: str) -> bool:
    """Whether the text is a finite number."""
    return not isinstance(parse_value(text.strip()), str)


def _spread(where: str, start: str, stop: str, count: str) -> list[Value]:
    """Evenly spaced exact decimals, both ends among them; integers where all of them are whole and so written."""
    for end in (start, stop):
        power = POWER.search(end)
        far = power is not None and abs(int(power.group(1))) > MOST_POWER
        if far or len(end) > LONGEST:  # an exact fraction of it would take all memory
            refuse(where, f"an end is {shorten(end, 60)}", f"numbers from 1e-{MOST_POWER} to 1e{MOST_POWER}")
    first, last, many = Fraction(start.strip()), Fraction(stop.strip()), int(count)
    if not 2 <= many <= MOST:
        refuse(where, f"the count is {count}", f"start:stop:count with a count from 2 to {MOST}")
    step = (last - first) / (many - 1)
    divisor = math.lcm(first.denominator, step.denominator)
    begin, each = int(first * divisor), int(step * divisor)
    numerators = range(begin, begin + many * each, each) if each else [begin] * many
    if first.denominator == step.denominator == 1 and isinstance(parse_value(start), int):
        return list(numerators)
    return [numerator / divisor for numerator in numerators]


def check_value(where: str, name: str, value: object) -> Value:
    """A number, a text or a path as it is stored.

    InputError where it is none of them, not finite, or an integer of more digits than are read from a store.
    """
    plain = value.item() if isinstance(value, np.generic) else value
    if isinstance(plain, str | PathLike):
        return path_text(name, plain, "a text")
    if isinstance(plain, bool):
        return int(plain)
    most = most_digits(name, plain)
    if most is not None:
        refuse(where, f"{name} has the value of an integer of more than {most} digits", f"{most} digits at most")
    if not isinstance(plain, int | float) or (isinstance(plain, float) and not math.isfinite(plain)):
        refuse(where, f"{name} has the value {shown(value)}", "numbers and words")
    return plain


def shown(value: object) -> str:
    """A value in a sentence: on one line, and not all of one that is long."""
    try:
        text = " ".join(repr(value).split())
    except ValueError:  # it holds an integer of more digits than Python prints
        text = f"a {type(value).__name__} with an integer of many digits"
    return shorten(text, 60)
