"""Checks of what is swept, the same with a store and without one, before the first point is made."""

from collections.abc import Collection, Mapping, Sequence
from itertools import chain
from os import PathLike
from typing import Any

from simulator.config.load import Config
from simulator.sweeps.axes import Axis, check_value
from workloads.errors import refuse
from workloads.model import Origin, is_text
from workloads.yaml_files import shorten

MOST_POINTS = 10_000_000
"""Of a sweep: their store takes some 10 GB."""
Machine = str | PathLike[str] | Config


def check_settings(
    source: str,
    machines: Sequence[Machine],
    workloads: Sequence[Origin],
    groups: Sequence[Sequence[Axis]],
    fixed: Mapping[str, Any],
    of_any_kind: Collection[str] = (),
) -> dict[str, Any]:
    """The fixed settings as they are stored. groups: axes that move together. of_any_kind: settings that stay as given.

    InputError where such axes differ in length or are none, where a machine, a workload or a key is given twice, and
    where a setting is none of the values of `check_value`.
    """
    for group in groups:
        if not group:
            refuse(source, "a group of axes that move together is empty", "one or more axes in it")
        if len({len(axis.values) for axis in group}) > 1:
            lengths = " and ".join(f"{axis.name} has {len(axis.values)}" for axis in group)
            refuse(source, f"axes that move together differ in length: {lengths} values", "as many values each")
    for what, given in (("machine", machines), ("workload", workloads)):
        names = [str(one) for one in given if is_text(one)]
        if len(set(names)) < len(names):
            refuse(source, f"a {what} is given twice among {shorten(', '.join(names), 200)}", "each once")
    loaded = [one for one in machines if isinstance(one, Config)]
    if any(one in loaded[:place] for place, one in enumerate(loaded)):
        refuse(source, f"a machine is given twice among {', '.join(one.name for one in loaded)}", "each once")
    seen = set[str]()
    for name in chain((axis.name for group in groups for axis in group), fixed):
        if name in seen:
            refuse(source, f"{name} is given twice", "each key once")
        seen.add(name)
    return {name: value if name in of_any_kind else check_value(source, name, value) for name, value in fixed.items()}


def check_size(source: str, points: int, most: int = MOST_POINTS) -> None:
    """InputError where there are more points than `most`."""
    if points > most:
        shown = f"{points:,}" if points < 1 << 64 else "more than 2^64"
        refuse(source, f"its axes span {shown} points", f"at most {most:,}, with fewer values or in several sweeps")
