"""The record of `why`: where the cycles of a model come from on a machine, and what would change them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from simulator.config.load import Config
from simulator.results.rows import LayerRow
from simulator.results.stacks import CycleStack, PathResult
from workloads.document_types import Document

if TYPE_CHECKING:
    from os import PathLike

    import pandas as pd
    from matplotlib.figure import Figure

    from simulator.results.files import StoredFile

COLUMNS = "layer", "part", "cycles", "share", "energy_pj", "how"


class LayerWhy(NamedTuple):
    """A layer: its stack, what decides its end, and how long both took."""

    layer: str
    stack: CycleStack
    path: PathResult | None  # None: the machine does not say
    engine_s: float  # of the layout and the run itself, on this computer
    analysis_s: float  # of the stack and the path, the run included

    def to_dict(self) -> Document:
        """All of it, as JSON can hold it."""
        return {
            "layer": self.layer,
            **self.stack.to_dict(),
            "critical_path": None if self.path is None else self.path.to_dict(),
            "engine_s": self.engine_s,
            "analysis_s": self.analysis_s,
        }


class Change(NamedTuple):
    """One change of a configuration, or of a layer's order, simulated."""

    key: str
    before: object
    after: object
    cycles: int
    cycles_saved: int  # negative: the run takes longer
    time_saved_us: float
    energy_saved_pj: float
    area_added_mm2: float | None  # None: the configuration gives no area, or it does not follow what is changed
    note: str = ""

    @property
    def saved_per_mm2(self) -> float | None:
        """Cycles saved for each mm2 more; None: no area is given, or none is added."""
        return self.cycles_saved / self.area_added_mm2 if self.area_added_mm2 and self.area_added_mm2 > 0 else None

    @property
    def saved_per_nj(self) -> float | None:
        """Cycles saved for each nJ more; None: it takes no more energy."""
        return self.cycles_saved / (-self.energy_saved_pj / 1000) if self.energy_saved_pj < 0 else None

    def to_dict(self) -> Document:
        """All of it, as JSON can hold it."""
        return {**self._asdict(), "saved_per_mm2": self.saved_per_mm2, "saved_per_nj": self.saved_per_nj}


class Why(NamedTuple):
    """A model on a configuration: where its cycles come from."""

    config: Config
    workload: str
    network: bool
    rows: tuple[LayerRow, ...]  # all layers: name, kind, why it did not run
    layers: tuple[LayerWhy, ...]  # those that ran
    total: CycleStack
    changes: tuple[Change, ...] | None  # the most saved cycles first; None: left out
    impossible: tuple[str, ...]  # changes that the machine refuses, a sentence each
    sentences: tuple[str, ...]

    @property
    def cycles(self) -> int:
        """Of all layers that ran."""
        return self.total.cycles

    def to_dict(self) -> Document:
        """All of it, as JSON can hold it."""
        return {
            "machine": self.config.machine,
            "config": self.config.name,
            "changes": self.config.changes,
            "workload": self.workload,
            "cycles": self.cycles,
            "stack": self.total.to_dict(),
            "layers": [layer.to_dict() for layer in self.layers],
            "what_if": None if self.changes is None else [change.to_dict() for change in self.changes],
            "impossible": list(self.impossible),
            "left_out": {row.layer: row.reason for row in self.rows if row.reason is not None},
            "notes": list(self.sentences),
        }

    def to_frame(self) -> pd.DataFrame:
        """A row for each part of each layer's stack; of a network, those of all layers last, called `all`."""
        import pandas as pd

        stacks = [(one.layer, one.stack) for one in self.layers]
        stacks += [("all", self.total)] if self.network else []
        rows = [
            (
                name,
                part.name,
                part.cycles,
                part.cycles / stack.cycles if stack.cycles else 0.0,
                part.energy_pj,
                part.how,
            )
            for name, stack in stacks
            for part in stack.parts
        ]
        return pd.DataFrame(rows, columns=list(COLUMNS))

    def plot(self, kind: str = "stacks") -> Figure:
        """A picture: `stacks`, `slack`, `slack-map` or `changes`. InputError where it is none, or was left out."""
        from simulator.display.pictures import draw

        return draw(self._stored(), kind)

    def save(self, path: str | PathLike[str]) -> None:
        """Write it to a .json, .csv or .html file, whole or not at all. InputError where that cannot be."""
        from simulator.display.files import write_as

        write_as(path, self.to_dict, self.to_frame, self._stored)

    def _stored(self) -> StoredFile:
        """As it would be read from the JSON that it is written to."""
        from simulator.display.pictures import as_read

        return as_read(f"{self.config.name}-{self.workload}", self.to_dict())
