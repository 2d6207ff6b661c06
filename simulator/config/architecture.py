"""The architecture of a configuration: integers within their limits, and components by name, as a named tuple."""

from collections.abc import Hashable, Mapping
from functools import cache
from operator import index
from typing import Any, cast, get_type_hints

from simulator.core.machine import AnyMachine
from simulator.hardware.component import NONE, Component
from simulator.hardware.dram.component import MEMORY
from simulator.pricing.technology import DATA_SHEET, FLAT
from workloads.errors import InputError
from workloads.yaml_files import shorten

USER = "set by the user"
Limits = tuple[int, int]
"""The least and the greatest value of a number, both allowed."""


@cache
def _limits(arch_type: Hashable) -> dict[str, Limits | Component]:
    """What each field of an architecture may be: an interval of integers, or a component."""
    hints = get_type_hints(arch_type, include_extras=True)
    declared = {key: hint.__metadata__[0] for key, hint in hints.items()}
    return {key: one if isinstance(one, Component) else (one.ge, one.le) for key, one in declared.items()}


def limits_of(machine: AnyMachine) -> dict[str, Limits | Component]:
    """What each field of a machine's architecture may be: an interval of integers, or a component."""
    return _limits(cast(Hashable, machine.arch_type))


def components_of(machine: AnyMachine) -> dict[str, Component]:
    """The fields of a machine's architecture that are components."""
    return {key: limit for key, limit in limits_of(machine).items() if isinstance(limit, Component)}


def build_arch(
    source: str,
    machine: AnyMachine,
    given: Mapping[str, float | str],
    changes: Mapping[str, float | str],
    cycle_ps: int,
) -> Any:
    """The machine's named tuple of integers and components.

    given: the value of each field; changes: those of them that the user set. InputError where one is beyond its limits,
    or where they are impossible together.
    """
    values: dict[str, Any] = {}
    for key, limit in limits_of(machine).items():
        shown = shorten(str(given[key]), 60) or "''"
        where = f"{key} is {shown} ({USER})" if key in changes else f"{source}: arch.{key} is {shown}"
        if isinstance(limit, Component):
            values[key] = _component(where, given[key], limit, cycle_ps)
        else:
            values[key] = _integer(where, given[key], limit)
    arch = machine.arch_type(**values)
    problem = machine.problem(arch)
    if problem:
        raise InputError(f"{source}{' with changes' if changes else ''}: {problem}")
    return arch


def check_data_sheet(source: str, machine: AnyMachine, arch: Any) -> None:
    """InputError where data-sheet prices are asked for and no memory is simulated."""
    where = f"{source}: dram_energy is {DATA_SHEET}"
    if not machine.dram_events:
        raise InputError(f"{where}, but {machine.name} reports no requests to DRAM; expected {FLAT}")
    if arch.dram is None:
        memories = ", ".join(MEMORY.names())
        raise InputError(f"{where}, but dram is {NONE}; expected a memory ({memories}), or {FLAT}")


def _integer(where: str, value: float | str, limits: Limits) -> int:
    least, most = limits
    try:
        number = index(value)  # type: ignore[arg-type]  # what is no integer raises TypeError
    except TypeError:
        number = least - 1
    if not least <= number <= most:
        expected = least if least == most else f"an integer from {least} to {most}"
        raise InputError(f"{where}; expected {expected}")
    return number


def _component(where: str, name: float | str, declared: Component, cycle_ps: int) -> object:
    """The component of that name in a machine with that cycle; None for `none`."""
    if isinstance(name, str) and name == NONE and declared.optional:
        return None
    if not declared.has(str(name)):
        known = [*declared.names(), *([NONE] if declared.optional else [])]
        raise InputError(f"{where}; expected one of {', '.join(known)}")
    return declared.load(str(name), cycle_ps)
