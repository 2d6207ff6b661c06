"""What a machine is: the protocol that each machine implements, and what it reports of a run.

A machine is a class with the members of `Machine`. Its numbers (`Arch`), events (`Counts`) and reasons (`Reasons`) are
named tuples; its methods take them and import what is heavy when they are called, so that a list of machines needs
neither Numba nor SimPy. Members with a body here are optional capabilities: a machine that has none leaves them out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Protocol, TypeVar, runtime_checkable

import numpy as np

from workloads.document_types import Cell, Document, Fields
from workloads.errors import refuse
from workloads.options import Formats

if TYPE_CHECKING:
    from pathlib import Path

    from simulator.core.mechanisms import CriticalPath, Mechanism, Rearrangement, Repruning
    from simulator.core.published import PublishedFigure
    from simulator.core.run import Run
    from simulator.core.savings import Savings
    from simulator.hardware.dram.requests import Requests
    from workloads.kinds.kind import CompressedLayer
    from workloads.study import Study

A = TypeVar("A", bound="tuple[Any, ...]")
"""The architecture: a named tuple of integers and components, each field annotated with its limits."""
S = TypeVar("S")
"""What the hardware reads in one pass: a named tuple of arrays and integers."""


class Track(NamedTuple):
    """A row of a trace: which unit it shows, and what its letters mean.

    kind: of the unit, a key of the machine's `reason_units`. working: letters of cycles in which the unit does its
    work, which are what its utilisation counts.
    """

    kind: str
    name: str
    letters: type[StrEnum]
    working: str


class Queue(NamedTuple):
    """When a queue's items came and went: int64 arrays of cycles, each in ascending order.

    What is pushed in cycle t is there from t + 1 on, and what is popped in t takes its slot until then.
    """

    name: str
    slots: int
    pushes: np.ndarray
    pops: np.ndarray

    def held(self, cycles: np.ndarray) -> np.ndarray:
        """How many slots are in use when each of `cycles`, int64 [n], begins: int64 [n]."""
        return np.searchsorted(self.pushes, cycles) - np.searchsorted(self.pops, cycles)


class Table(NamedTuple):
    """More that a machine reports of a run."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


class Figures(NamedTuple):
    """Figures of merit of a run; `more` are the machine's own, by names that no other key of a result has."""

    theoretical_cycles: float  # if nothing ever waited
    multiplies: int  # of operands that are not zero
    load_balance: float  # share of the units' cycles in which they do their work
    more: Fields = MappingProxyType({})

    def to_dict(self) -> Document:
        """All of them by name."""
        return {**{name: getattr(self, name) for name in self._fields if name != "more"}, **self.more}


class Roofline(NamedTuple):
    """Operations and bytes of a run, and the most of each in a cycle."""

    operations: int
    operations_per_cycle: float
    bytes: float
    bytes_per_cycle: float
    memory: str  # whose bytes they are


class MemoryCase(NamedTuple):
    """A layer that needs DRAM, and the memories to try for it."""

    layer: str
    memories: tuple[str, ...]


class Paper(NamedTuple):
    """A machine's published figures, and what reproduces them."""

    draws: int  # layers are drawn this often where nothing else is asked for; figures are means
    figures: Callable[..., Iterator[PublishedFigure]]  # of seed and draws; quantities: only these
    published: Callable[[], Fields]  # the content of published.yaml
    of_result: Callable[[Fields], Iterable[PublishedFigure]] | None = None  # of what `--json` prints
    of_data: Callable[[Path], Iterable[PublishedFigure]] | None = None  # of a file of the authors' own data
    energy: frozenset[str] = frozenset()  # quantities that are energies or powers
    more_energy: Callable[[], Iterable[PublishedFigure]] = tuple  # figures of energy that no layer is drawn for
    savings: Savings | None = None  # what each idea of the machine saves
    memories: tuple[MemoryCase, ...] = ()  # for the study of DRAM in the loop


@runtime_checkable
class Machine(Protocol[A, S]):
    """A machine: A is its architecture, S what it reads in one pass."""

    name: ClassVar[str]
    about: ClassVar[str]
    default: ClassVar[str]  # the configuration that the machine's name refers to
    kinds: ClassVar[tuple[str, ...]]  # of layers that it runs: names of `workloads.kinds`
    arch_type: type[A]
    counts_type: type[Any]  # how often each event happened: a named tuple of int64 arrays, a number per unit
    reasons_type: type[Any]  # cycles of each unit by what it did: a named tuple of int64 arrays
    reason_units: ClassVar[Mapping[str, tuple[str, ...]]]  # kind of unit -> its reasons, which add up to its cycles
    dram_contents: ClassVar[str]  # a phrase: what the bytes of DRAM are

    work: ClassVar[str] = "multiply"  # what a unit does in the cycles of its load balance, after "of the PEs' cycles"
    products: ClassVar[tuple[str, str]] = ("products", "gated")  # its figures `entries`, `padding_entries` in words
    baseline: ClassVar[bool] = False  # speed-ups are over its default configuration where nothing else is asked for
    dram_events: ClassVar[tuple[str, ...]] = ()  # events that its requests to DRAM are; (): it reports no requests
    byte_parts: ClassVar[tuple[str, ...]] = ()  # events that are bytes of DRAM, by what they are; (): not counted apart
    studies: ClassVar[tuple[Study, ...]] = ()
    roles: ClassVar[Mapping[str, str]] = MappingProxyType({})  # component or reason -> another that means the same
    delays: ClassVar[tuple[str, ...]] = ()  # numbers that are faster when smaller; the others are sizes
    prices_only: ClassVar[tuple[str, ...]] = ()  # numbers that decide energies and no cycle

    def problem(self, arch: A) -> str | None:
        """Why the numbers are impossible together, as a sentence; None: they are possible."""
        return None

    def unused(self, arch: A) -> Mapping[str, str]:
        """Numbers that change no cycle and no count because of another one: its key and value, as `linear_banks 1`."""
        return {}

    def units(self, arch: A) -> dict[str, int]:
        """How many of each part the machine has, for static power and area."""

    def formats(self, arch: A) -> Formats:
        """What layers are to be compressed to, by kind; kinds that are left out get their default format."""
        return {}

    def layout(self, arch: A, layer: CompressedLayer) -> tuple[S, ...]:
        """What the hardware reads, a pass after the other. InputError where the machine cannot run the layer at all."""

    def violations(self, arch: A, passes: Sequence[S]) -> list[str]:
        """What of the layer does not fit the machine, a sentence each."""
        return []

    def feed(self, streams: S, output: np.ndarray) -> S:
        """A pass with the output of the one before, int16 or float32 [outputs], where it is computed and read."""
        return streams

    def run_model(self, arch: A, streams: S, trace_cycles: int = 0) -> Run:
        """One pass on the SimPy model, with the trace of its first cycles."""

    def run_engine(self, arch: A, streams: S, trace_cycles: int = 0, output: bool = True) -> Run:
        """One pass on the compiled engine: the same as the model's; without output (length 0) where that saves work."""

    def run_circuit(self, arch: A, streams: S, trace_cycles: int = 0) -> Run:
        """One pass on the machine as a circuit: counts and reasons have the fields that the circuit shows.

        InputError where there is no circuit, where it lacks what the pass needs, or where its library is not installed.
        """
        refuse(f"machine {self.name}", "it has no circuit", "a machine with one, as eie")

    def figures(self, arch: A, cycles: int, counts: Any) -> Figures:
        """Figures of merit of a run."""

    def warnings(self, arch: A) -> Sequence[str]:
        """Sentences that a reader needs before the figures of any run, as where prices are guesses."""
        return ()

    def lead(self, arch: A, run: Run, clock_mhz: float) -> Sequence[str]:
        """Sentences that a reader needs before the figures of a run, as where it is not what the paper measured."""
        return self.warnings(arch)

    def dram_bytes(self, arch: A, counts: Any) -> int:
        """Bytes that a run moves between DRAM and chip."""

    def roofline(self, arch: A, counts: Any) -> Roofline:
        """Operations and bytes of a run."""

    def tracks(self, arch: A) -> Sequence[Track]:
        """A track for each row of the trace; none where the timeline cannot be written."""
        return ()

    def queues(self, arch: A, passes: Sequence[S]) -> Sequence[Queue]:
        """When queues were filled and emptied."""
        return ()

    def tables(self, arch: A, passes: Sequence[S]) -> Sequence[Table]:
        """What else there is to report of a run."""
        return ()

    def dram_requests(self, arch: A, passes: Sequence[S]) -> Sequence[Requests]:
        """What a run asks of each DRAM channel, in order; see `dram_events`."""
        return ()

    def mechanisms(self, arch: A) -> Sequence[Mechanism]:
        """What takes a run longer than its work over all units, in the order in which it is made ideal.

        The first is measured in the run as it is. With all of them ideal, what is left is the work.
        """
        return ()

    def critical_path(self, arch: A, passes: Sequence[S]) -> CriticalPath | None:
        """What decides when a run ends, and the slack of the units; None: not known."""
        return None

    def free_unit(self, arch: A, passes: Sequence[S], unit: str) -> tuple[A, Sequence[S]] | None:
        """A run without a unit or limit of `critical_path`; None: no architecture and no layout is that."""
        return None

    def rearrange(self, arch: A, layer: CompressedLayer) -> Sequence[Rearrangement]:
        """The layer in other orders that the machine runs as well."""
        return ()

    def reprune(self, arch: A, layer: CompressedLayer) -> Sequence[Repruning]:
        """The layer with fewer weights, chosen for the machine."""
        return ()

    def paper(self) -> Paper | None:
        """The published figures, if there are any."""
        return None


AnyMachine = Machine[Any, Any]
"""A machine whose architecture is not known where it is used."""
