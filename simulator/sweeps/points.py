"""The points of a sweep, one after the other, in an order in which neighbours share a layer."""

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from simulator.config import load as configuration
from simulator.core.registry import find, machines
from simulator.sweeps.axes import Axis, Value

MACHINE, WORKLOAD, ENGINE = "machine", "workload", "engine"
OPTIONS = (
    "seed", "scale", "density", "weight_density", "activation_density", "granularity", "layer", "input", "sample",
    "steps", "prune", "stride", "padding", "tokens", "input_shape", "step", "batch", "context", "drafts", "lora",
)  # fmt: skip
"""What decides how a layer is loaded, apart from its recipe; `weight_density` is another name of `density`."""


class Point(NamedTuple):
    """One thing to simulate, as a user names it: nothing is loaded yet."""

    machine: str
    workload: str
    settings: tuple[tuple[str, Value], ...]  # every other key, in the order of names

    def get(self, key: str) -> Value | None:
        """The value of a setting, or None."""
        return next((value for name, value in self.settings if name == key), None)


class Space(NamedTuple):
    """Machines x workloads x axes, where each member of `axes` is one axis, or several that move together."""

    machines: tuple[str, ...]
    workloads: tuple[str, ...]
    axes: tuple[tuple[Axis, ...], ...]
    fixed: tuple[tuple[str, Value], ...] = ()

    @property
    def size(self) -> int:
        """How many points there are."""
        return len(self.machines) * len(self.workloads) * combinations(self.axes)

    @property
    def varied(self) -> tuple[str, ...]:
        """The names of what varies, as the columns of a table."""
        names = [axis.name for group in self.axes for axis in group]
        several = [(MACHINE, len(self.machines) > 1), (WORKLOAD, len(self.workloads) > 1)]
        return (*(name for name, many in several if many), *names)


def combinations(groups: Iterable[Sequence[Axis]]) -> int:
    """How many combinations of values there are, where the axes of one group move together."""
    return math.prod(len(group[0].values) for group in groups)


def points(space: Space) -> Iterator[Point]:
    """Every point once: workloads and what decides them change slowly, the machine's numbers fast."""
    return (point for _, point in points_at(space, range(space.size)))


def points_at(space: Space, numbers: Iterable[int]) -> Iterator[tuple[int, Point]]:
    """The points at these places of the order of `points`, from 0 on, each with its place."""
    slow = [steps_of(group) for group in space.axes if not is_fast(space.machines, group)]
    fast = [steps_of(group) for group in space.axes if is_fast(space.machines, group)]
    wheels = [space.workloads, *slow, space.machines, *fast]
    for number in numbers:
        workload, *others = _turned(wheels, number)
        machine = others.pop(len(slow))
        settings = [*space.fixed, *(pair for step in others for pair in step)]
        yield number, make_point(machine, workload, settings)


def _turned(wheels: Sequence[Sequence[Any]], number: int) -> list[Any]:
    """What each wheel shows after this number of steps of the last one; each full turn moves the wheel before it."""
    found = []
    for wheel in reversed(wheels):
        number, place = divmod(number, len(wheel))
        found.append(wheel[place])
    return found[::-1]


def make_point(machine: str, workload: str, settings: Sequence[tuple[str, Value]]) -> Point:
    """A point; `machine` and `workload` may be among the settings, as axes that move with others."""
    named = dict(settings)
    return Point(str(named.pop(MACHINE, machine)), str(named.pop(WORKLOAD, workload)), tuple(sorted(named.items())))


def is_fast(machines: Sequence[str], group: Sequence[Axis]) -> bool:
    """Whether axes change nothing but the machine."""
    return all(any(axis.name in machine_keys(machine) for machine in machines) for axis in group)


def machine_keys(machine: str) -> tuple[str, ...]:
    """The numbers of a configuration's machine that can be changed."""
    known = machines()
    name = machine if machine in known else configuration.load_arch(machine).machine
    return (*find(name).arch_type._fields, *configuration.CHANGEABLE)


def steps_of(group: Sequence[Axis]) -> list[tuple[tuple[str, Value], ...]]:
    """The settings of each step of axes that move together."""
    names = [axis.name for axis in group]
    return [tuple(zip(names, values, strict=True)) for values in zip(*(axis.values for axis in group), strict=True)]
