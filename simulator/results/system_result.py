"""What a step of several chips gives: a row for each number of chips, and how the largest of them spends its layers."""

from collections.abc import Sequence
from os import PathLike
from typing import TYPE_CHECKING, NamedTuple

from simulator.results.result import versions
from workloads.document_types import Document
from workloads.field_docs import describe_fields

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from simulator.results.files import StoredFile

PARTS = ("compute_us", "add_us", "send_us", "wait_us", "idle_us")
"""Where the time of a chip's computing unit goes; they sum to `time_us`."""


@describe_fields(
    chips="How many there are.",
    exchange="How the model is split (tensor, experts), or how gradients are exchanged (dense, sparse).",
    overlap="Whether exchanges go on while chips compute what does not need them.",
    time_us="Of the step.",
    speedup="Over one chip: of a decode step the same work in less time, of training more samples at a time.",
    compute_us="Layers, of a mean chip.",
    add_us="Additions of what was received, likewise; with overlap another unit does them.",
    send_us="Nothing to do until something arrives, and its own bytes have not all left.",
    wait_us="Nothing to do until something arrives or an exchange ends.",
    idle_us="Its work is done, that of others is not.",
    exchange_us="With overlap: sending and adding of the unit that exchanges, of a mean chip.",
    chips_uj="Energy of all chips by their machine's prices; None: not known.",
    links_uj="Energy of all links.",
    link_bytes="On all links, each that a message passes.",
    link_wait_us="Of all messages that waited for a link.",
    tokens_per_s="Of a language model; else None.",
)
class SystemRow(NamedTuple):
    """A step on a number of chips."""

    chips: int
    exchange: str
    overlap: bool
    time_us: float
    speedup: float | None
    compute_us: float
    add_us: float
    send_us: float
    wait_us: float
    idle_us: float
    exchange_us: float
    chips_uj: float | None
    links_uj: float
    link_bytes: int
    link_wait_us: float
    tokens_per_s: float | None


@describe_fields(
    layer="A sort of layers.",
    layers="How many there are.",
    compute_us="Of all of them, of a mean chip.",
    most_us="Likewise, of the chip that takes longest.",
    exchange="The collective that follows, or none.",
    bytes="What the collective is given: operand of a chip, or result of an all-gather; the largest share.",
    exchange_us="All exchanges alone, without waiting for chips.",
)
class SystemLayer(NamedTuple):
    """A sort of layers on the largest number of chips."""

    layer: str
    layers: int
    compute_us: float
    most_us: float
    exchange: str
    bytes: int
    exchange_us: float


class SystemResult(NamedTuple):
    """A step of a workload on a system."""

    system: str
    workload: str
    step: str
    chip: str  # the configuration of each chip's machine; none: time of a step is an input
    rows: tuple[SystemRow, ...]
    layers: tuple[SystemLayer, ...]
    sentences: tuple[str, ...]
    sources: dict[str, str]  # of the system's numbers
    output_matches_reference: bool = True

    def notes(self) -> list[str]:
        """Sentences on what was run and assumed."""
        return list(self.sentences)

    def to_dict(self) -> Document:
        """All of it, as JSON can hold it."""
        return {
            "system": self.system,
            "workload": self.workload,
            "step": self.step,
            "chip": self.chip,
            "points": [row._asdict() for row in self.rows],
            "layers_of_system": [row._asdict() for row in self.layers],
            "output_matches_reference": self.output_matches_reference,
            "notes": self.notes(),
            "sources": dict(self.sources),
            "versions": versions(),
        }

    def to_frame(self) -> "pd.DataFrame":
        """A row for each number of chips and way to exchange."""
        import pandas as pd

        origin = {"system": self.system, "workload": self.workload, "step": self.step, "chip": self.chip}
        return pd.DataFrame([{**origin, **row._asdict()} for row in self.rows])

    def plot(self, kind: str = "system") -> "Figure":
        """A picture, of a kind that `zeroskip plot` lists. InputError where there is none, or it is not of this."""
        from simulator.display.pictures import draw

        return draw(self._stored(), kind)

    def save(self, path: str | PathLike[str]) -> None:
        """Write it to a .json, .csv or .html file, whole or not at all. InputError where that cannot be."""
        from simulator.display.files import write_as

        write_as(path, self.to_dict, self.to_frame, self._stored)

    def _stored(self) -> "StoredFile":
        """As it would be read from the JSON that it is written to."""
        from simulator.display.pictures import as_read

        return as_read("system", self.to_dict())


def speedups(rows: Sequence[SystemRow], training: bool) -> tuple[SystemRow, ...]:
    """The rows with their speed-up over the row of one chip; None where there is none."""
    one = next((row for row in rows if row.chips == 1), None)
    if one is None or not one.time_us:
        return tuple(rows)
    return tuple(
        row._replace(speedup=(row.chips if training else 1) * one.time_us / row.time_us if row.time_us else None)
        for row in rows
    )
