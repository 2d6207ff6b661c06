"""The machines by name: our own, and those of other packages (entry points of the group `zeroskip.accelerators`)."""

from functools import cache

from simulator.core.machine import AnyMachine, Machine, Paper
from workloads.errors import InputError
from workloads.plugins import with_plugins

ENTRY_POINTS = "zeroskip.accelerators"
ENGINES = ("numba", "simpy")
"""The compiled engine, and the model."""


@cache
def machines() -> dict[str, AnyMachine]:
    """All machines by name; an entry point's value is a `Machine`. InputError where one cannot be loaded."""
    from simulator.machines import OURS

    return with_plugins(OURS, ENTRY_POINTS, Machine)  # type: ignore[type-abstract]


def find(name: str) -> AnyMachine:
    """The machine called `name`. InputError where there is none."""
    known = machines()
    if name not in known:
        raise InputError(f"machine is {name!r}; expected one of {', '.join(known)}")
    return known[name]


def package_of(machine: AnyMachine) -> str:
    """The package that holds a machine: what its sources are hashed by."""
    return type(machine).__module__


def find_paper(name: str) -> Paper:
    """The published figures of a machine. InputError where it has none."""
    paper = find(name).paper()
    if paper is None:
        raise InputError(f"machine {name}: it has no published figures; expected a machine with some")
    return paper


def check_engine(name: object) -> None:
    """Refuse what is no engine (InputError)."""
    if not isinstance(name, str) or name not in ENGINES:
        raise InputError(f"engine is {name!r:.60}; expected one of {', '.join(ENGINES)}")
