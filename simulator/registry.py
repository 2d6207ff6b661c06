"""The machines by name: our own, and those of other packages (entry points of the group `zeroskip.accelerators`)."""

from importlib import import_module
from importlib.metadata import entry_points
from typing import Any, NamedTuple

from workloads.errors import InputError

ENTRY_POINTS = "zeroskip.accelerators"
ENGINES = {"numba": "engine", "simpy": "model"}
"""Which module of a machine's package runs it."""


class Accelerator(NamedTuple):
    """A machine: a package with the modules `arch`, `streams`, `model` and `engine`, and optionally `validation`."""

    name: str
    about: str
    default: str  # the configuration that the machine's name stands for
    package: str

    def part(self, module: str) -> Any:
        """A module of the machine, imported now and not earlier: the engine needs Numba, the model SimPy."""
        return import_module(f"{self.package}.{module}")

    def engine(self, name: str) -> Any:
        """The module that runs the machine under the name `numba` or `simpy`."""
        if name not in ENGINES:
            raise InputError(f"engine is {name!r}; expected one of {', '.join(ENGINES)}")
        return self.part(ENGINES[name])


OURS = (
    Accelerator(
        name="eie",
        about="EIE (ISCA 2016): compressed sparse matrix times sparse vector, fully connected layers",
        default="eie_64pe",
        package="simulator.eie",
    ),
)


def accelerators() -> dict[str, Accelerator]:
    """All machines by name; an entry point's value is an `Accelerator`."""
    others = [point.load() for point in entry_points(group=ENTRY_POINTS)]
    return {machine.name: machine for machine in (*OURS, *others)}


def find(name: str) -> Accelerator:
    """The machine called `name`."""
    known = accelerators()
    if name not in known:
        raise InputError(f"machine is {name!r}; expected one of {', '.join(known)}")
    return known[name]
