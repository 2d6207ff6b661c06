"""The machines by name: our own, and those of other packages (entry points of the group `zeroskip.accelerators`)."""

from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from typing import Any, NamedTuple

from workloads.errors import InputError

ENTRY_POINTS = "zeroskip.accelerators"
ENGINES = {"numba": "engine", "simpy": "model"}
"""Which module of a machine's package runs it."""


class Accelerator(NamedTuple):
    """A machine: a package of modules.

    * `arch`: `Arch` (integers, each with its limits), `problem(arch)` (why the integers are impossible together, or
      None), `Counts` (events), `Reasons` (of cycles) and `REASON_UNITS`, `units(arch)` (parts to multiply static power
      and area by), `figures(arch, cycles, counts)` (at least theoretical_cycles, entries, padding_entries, multiplies,
      load_balance), `options(arch)` (what a workload is made for, for `load_workload`), `KINDS` (of layers that it
      runs: see `workloads.kinds`), `dram_bytes(arch, counts)` and `DRAM` (a phrase: of what they are the bytes),
      `roofline(arch, counts)` (operations, bytes, the most of each in a cycle, and the memory whose bytes they are).
      If its timeline can be written: `tracks(arch)`, a `simulator.core.machine.Track` for each row of the trace.
    * `streams`: `layout(arch, layer)` (one Streams for each pass) and `violations(arch, passes)` (sentences); `feed(
      streams, output)` where a pass reads what the one before put out.
    * `model` and `engine`: `run(arch, streams, trace_cycles=0) -> Run`; `engine` also has `run_without_output`.
    * `queues`, if its queues can be drawn: `queues(arch, passes)`, a `simulator.core.machine.Queue` for each.
    * `tables`, if there is more to tell of a run: `tables(arch, passes)`.
    * `beside`, if a result can be put beside published figures as it is: `rows(told)`, of what `--json` prints.
    * `traffic`, if it tells what it asks of DRAM: `requests(arch, passes)`; `ASKED`, the events that they are.
    * `validation`, if there are published figures: `rows(seed, draws)`, and `DRAWS` if not told.
    """

    name: str
    about: str
    default: str  # the configuration that the machine's name stands for
    package: str
    baseline: bool = False  # speed-ups are over its default configuration where nothing else is asked for

    def part(self, module: str) -> Any:
        """A module of the machine, imported now and not earlier: the engine needs Numba, the model SimPy."""
        name = MODULES.get(module, module)
        return import_module(
            f"{self.package}.{next(one for one in (f'{name}.{MAIN[name]}', name) if _exists(f'{self.package}.{one}'))}"
            if name in MAIN
            else f"{self.package}.{name}"
        )

    def has(self, module: str) -> bool:
        """Whether the machine has an optional module."""
        return _exists(f"{self.package}.{MODULES.get(module, module)}")

    def published(self) -> Any:
        """The module that simulates the published figures."""
        if not self.has("validation"):
            raise InputError(f"machine {self.name}: it has no published figures; expected a machine with some")
        return self.part("validation")

    def engine(self, name: str) -> Any:
        """The module that runs the machine under the name `numba` or `simpy`."""
        check_engine(name)
        return self.part(ENGINES[name])


MODULES = {
    "streams": "layout",
    "validation": "paper.validation",
    "beside": "paper.of_result",
    "queues": "report.queues",
    "tables": "report.tables",
    "traffic": "report.dram_requests",
}
MAIN = {"layout": "streams", "model": "units", "engine": "run"}

OURS = (
    Accelerator(
        name="eie",
        about="EIE (ISCA 2016): compressed sparse matrix times sparse vector, fully connected layers",
        default="eie_64pe",
        package="simulator.machines.eie",
    ),
    Accelerator(
        name="ese",
        about="ESE (FPGA 2017): sparse LSTMs, many voices at once",
        default="ese_32x32",
        package="simulator.machines.ese",
    ),
    Accelerator(
        name="scnn",
        about="SCNN (ISCA 2017): compressed weights times compressed activations, convolutions",
        default="scnn_8x8",
        package="simulator.machines.scnn",
    ),
    Accelerator(
        name="dcnn",
        about="DCNN (SCNN's paper): dense dot products with SCNN's tiles, convolutions; DCNN-opt is a configuration",
        default="dcnn",
        package="simulator.machines.dense",
        baseline=True,
    ),
)


@cache
def _exists(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def check_engine(name: str) -> None:
    """Refuse what is no engine."""
    if name not in ENGINES:
        raise InputError(f"engine is {name!r}; expected one of {', '.join(ENGINES)}")


@cache
def accelerators() -> dict[str, Accelerator]:
    """All machines by name; an entry point's value is an `Accelerator`."""
    return {machine.name: machine for machine in (*OURS, *map(_load, entry_points(group=ENTRY_POINTS)))}


def _load(point: EntryPoint) -> Accelerator:
    """Another package's machine. Importing it may raise anything, and the user should know which package it was."""
    try:
        machine = point.load()
    except Exception as error:
        raise InputError(f"entry point {point.name} = {point.value}: {error}; expected an Accelerator") from error
    if not isinstance(machine, Accelerator):
        raise InputError(f"entry point {point.name} = {point.value}: it is {machine!r}; expected an Accelerator")
    return machine


def find(name: str) -> Accelerator:
    """The machine called `name`."""
    known = accelerators()
    if name not in known:
        raise InputError(f"machine is {name!r}; expected one of {', '.join(known)}")
    return known[name]
