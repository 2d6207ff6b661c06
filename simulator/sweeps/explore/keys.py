"""What a search may vary: keys of a machine, each with the values that it may take."""

import re
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from simulator.sweeps.axes import MOST, Axis, Value, make_axis
from simulator.sweeps.identity import nearest
from simulator.sweeps.points import Space, machine_keys
from simulator.sweeps.sweep_file import make_space
from workloads.errors import refuse
from workloads.yaml_files import shorten

SPAN = re.compile(r"\s*(\d{1,18})\s*:\s*(\d{1,18})\s*(:\s*x\s*(\d{1,9})\s*)?$")
"""`1:64`, or `16:1024:x2`."""
EXPECTED = "KEY=a,b,c, KEY=start:stop, KEY=start:stop:x2 or KEY=start:stop:count, with a comma between keys"
MOST_POINTS = 1 << 62
"""Of a space; places in it are counted in 64 bits."""


def parse_keys(texts: Sequence[str]) -> dict[str, str]:
    """`["pes=16:1024,queue_depth=1,2,4"]` -> the text of the values by key.

    InputError where a text begins with no key, a key has no values or is given twice.
    """
    found: dict[str, str] = {}
    for text in texts:
        where, name = f"--over {shorten(text, 60)}", ""
        for part in text.split(","):
            key, named, value = part.partition("=")
            if not named and not name:
                refuse(where, f"{shorten(part, 60)!r} is before the first key", EXPECTED)
            if named:
                name = key.strip()
                if name in found:
                    refuse(where, f"{shorten(name, 60)} is given twice", "each key once")
            found[name] = value.strip() if named else f"{found[name]},{part.strip()}"
        for key, value in found.items():
            if not value:
                refuse(where, f"{shorten(key, 60)} has no values", EXPECTED)
    return found


def make_key(name: str, values: str | Iterable[object]) -> Axis:
    """A key and its values in ascending order, where all are numbers.

    values: one by one, or a text: `a,b,c`; `start:stop`, each whole number; `start:stop:x2`, each twice the one before
    it; `start:stop:count` as in a sweep. InputError where there are fewer than two values, and as in `make_axis`.
    """
    where = f"explore: {shorten(name, 60)}"
    span = SPAN.match(values) if isinstance(values, str) else None
    if span:
        listed: Iterable[object] = _span(where, int(span[1]), int(span[2]), int(span[4]) if span[4] else 1)
    else:
        listed = [values] if isinstance(values, str) else values
    axis = make_axis("explore", name, listed)
    if len(axis.values) < 2:
        refuse(where, f"it has one value, {axis.values[0]}", "two values or more, or the value as a setting (--set)")
    numbers = [value for value in axis.values if not isinstance(value, str)]
    return Axis(name, tuple(sorted(numbers))) if len(numbers) == len(axis.values) else axis


def make_search_space(machine: str, workload: str, keys: Mapping[str, Axis], fixed: Mapping[str, Value]) -> Space:
    """The space of one machine and one workload. InputError where a key is none of the machine's, or as in a sweep."""
    if not keys:
        refuse("explore", "no key is given to vary", f"--over with {EXPECTED}")
    known = machine_keys(machine)
    for name in keys:
        if name not in known:
            refuse(
                "explore", f"{shorten(name, 60)} is no key of {machine} that a search can vary", _nearest(name, known)
            )
    return make_space("explore", [machine], [workload], [(axis,) for axis in keys.values()], fixed, MOST_POINTS)


def is_wide(values: Sequence[Value]) -> bool:
    """Whether values are all whole numbers from a positive one to one ten times as large: then ratios count."""
    first, last = values[0], values[-1]
    if not isinstance(first, int) or not isinstance(last, int) or not 0 < 10 * first <= last:
        return False
    return last - first + 1 == len(values) and bool(np.array_equal(values, np.arange(first, last + 1)))


def _span(where: str, first: int, last: int, ratio: int) -> list[int]:
    """Whole numbers, one by one or each `ratio` times the one before it, both ends among them where they fit."""
    if first > last:
        refuse(where, f"{first}:{last} ends before it begins", "start:stop with the smaller number first")
    if ratio == 1 and last - first >= MOST:
        refuse(where, f"{first}:{last} has {last - first + 1} values", f"at most {MOST}")
    if ratio == 1:
        return list(range(first, last + 1))
    if first < 1 or ratio < 2:
        refuse(where, f"{first}:{last}:x{ratio} does not grow", "start:stop:x2 from 1 on")
    found = [first]
    while found[-1] * ratio <= last:
        found.append(found[-1] * ratio)
    return found


def _nearest(name: str, known: tuple[str, ...]) -> str:
    near = [one for one in nearest(name, known).split(" or ") if one in known]
    return " or ".join(near) if near else f"one of {', '.join(known)}; what holds at all points is set (--set)"
