"""What a model gives on a machine: a row for each layer, those too that the machine cannot run, and the total."""

import math
from collections.abc import Sequence
from os import PathLike
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from simulator.config.load import Config
from simulator.core.registry import find
from simulator.pricing.energy import Line
from simulator.results.notes import merge_notes
from simulator.results.result import FORMAT, MICRO, Result, project_asked, versions
from simulator.results.rows import LayerRow as LayerRow
from simulator.results.rows import Total as Total
from simulator.results.rows import make_row as make_row
from simulator.results.rows import table_columns
from workloads.distance import Distance
from workloads.document_types import Document, Fields, copied
from workloads.errors import refuse
from workloads.field_docs import describe_fields
from workloads.yaml_files import shorten

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


@describe_fields(
    config="The machine's configuration.",
    workload="The model's name.",
    rows="A row for each layer, those too that did not run.",
    network="Whether it is one; False: one layer, whose `result` is in its row.",
    inputs="See `workloads.workload.Model`.",
    left_out="What of the source is no layer, a sentence each.",
    options="Options of the workload, as the user gave them.",
    source_notes="Notes of the whole model, such as where its input comes from.",
    network_output="How far the compressed weights move the network's own outputs; (): it is not known.",
    among="How many layers the source has, where some of them were chosen; else 1.",
    tokens="How many tokens of a language model the run gives, where all its layers run; 0: it is none.",
)
class ModelResult(NamedTuple):
    """A model on one configuration."""

    config: Config
    workload: str
    rows: tuple[LayerRow, ...]
    network: bool = True
    inputs: str = "drawn"
    left_out: tuple[str, ...] = ()
    options: Fields = MappingProxyType({})
    source_notes: tuple[str, ...] = ()
    network_output: tuple[Distance, ...] = ()
    among: int = 1
    tokens: float = 0

    @property
    def title(self) -> str:
        """Its name; where layers were chosen of its source, with those: `net.onnx, conv1 (1 of 3 layers)`."""
        if self.single is not None:
            return self.single.workload.title
        if len(self.rows) >= self.among:
            return self.workload
        chosen = f"{len(self.rows)} of {self.among} layers"
        return (
            f"{self.workload}, {self.rows[0].layer} ({chosen})" if len(self.rows) == 1 else f"{self.workload}, {chosen}"
        )

    @property
    def ran(self) -> tuple[str, ...]:
        """The layers that ran."""
        return tuple(row.layer for row in self.rows if row.reason is None)

    @property
    def single(self) -> Result | None:
        """The result of the only layer; None for a network."""
        return None if self.network else self.rows[0].result

    @property
    def cycles(self) -> int:
        """Of all layers that ran."""
        return self.total().cycles

    @property
    def time_us(self) -> float:
        """Of all layers that ran."""
        return self.total().time_us

    @property
    def energy_uj(self) -> float:
        """Of all layers that ran."""
        return self.total().energy_uj

    @property
    def tokens_per_s(self) -> float | None:
        """Of a language model all of whose layers ran; else None."""
        return self.tokens / (self.time_us * MICRO) if self.tokens and self._whole else None

    @property
    def joules_per_token(self) -> float | None:
        """Likewise."""
        return self.energy_uj * MICRO / self.tokens if self.tokens and self._whole else None

    @property
    def _whole(self) -> bool:
        return all(row.reason is None for row in self.rows)

    @property
    def bytes_by_part(self) -> dict[str, int]:
        """DRAM bytes of all layers that ran by what they are, where the machine counts them apart; else none."""
        parts = find(self.config.machine).byte_parts
        counts = [row.details["counts"] for row in self.rows if row.details]
        return {part: sum(one[part] for one in counts) for part in parts}

    @property
    def output_matches_reference(self) -> bool:
        """Whether each output equals the reference kernel's, bit for bit."""
        return self.total().output_matches_reference

    def layer(self, name: str) -> LayerRow:
        """The row of a layer. InputError where it has none of this name."""
        known = {row.layer: row for row in self.rows}
        if name not in known:
            refuse(self.workload, f"layer is {shorten(repr(name), 60)}", f"one of {', '.join(known)}")
        return known[name]

    def __getitem__(self, name: Any) -> Any:
        """The row of a layer, by its name; a number gives a field, as in any tuple. InputError as in `layer`."""
        return self.layer(name) if isinstance(name, str) else tuple.__getitem__(self, name)

    @property
    def lead(self) -> list[str]:
        """Sentences that a reader needs before the figures, as where prices are guesses."""
        return list(find(self.config.machine).warnings(self.config.arch))

    def notes(self) -> list[str]:
        """Sentences: which layers did not run and why, what does not fit the machine, what the source leaves out."""
        found: dict[str, list[str]] = {}
        for row in self.rows:
            sentences = [f"did not run: {row.reason}"] if row.reason else [f"does not fit: {v}" for v in row.violations]
            for sentence in (*sentences, *row.notes):
                found.setdefault(sentence.removeprefix(f"{row.layer}: "), []).append(row.layer)
        return [*merge_notes(found), *self.left_out, *self.source_notes]

    def total(self, layers: Sequence[str] | None = None) -> Total:
        """Over these layers, which ran, or over all that ran."""
        ran = [row for row in self.rows if row.reason is None]  # of layers of one sort, some may not have run
        chosen = ran if layers is None else [row for row in ran if row.layer in layers]
        time, energy = (math.fsum(getattr(row, key) for row in chosen) for key in ("time_us", "energy_uj"))
        return Total(
            layers=tuple(row.layer for row in chosen),
            cycles=sum(row.cycles or 0 for row in chosen),
            time_us=time,
            energy_uj=energy,
            edp_uj_us=time * energy,
            dram_bytes=sum(row.dram_bytes or 0 for row in chosen),
            output_matches_reference=all(row.output_matches_reference for row in chosen),
        )

    @property
    def at_node(self) -> Document | None:
        """Energy of all layers that ran and area at the node that was asked for, as in a single result."""
        lines = [line for row in self.rows if row.details for line in row.details["energy_lines"]]
        return project_asked(self.config, [Line(**line) for line in lines])

    def to_dict(self) -> Document:
        """All of it, as JSON can hold it; of a single layer, its result."""
        if self.single is not None:
            return self.single.to_dict()
        config = self.config
        return copied(
            {
                "format": FORMAT,
                "workload": self.workload,
                "title": self.title,
                "machine": config.machine,
                "config": config.name,
                "changes": config.changes,
                "node_nm": config.technology.node_nm,
                "at_node": self.at_node,
                "clock_mhz": config.technology.clock_mhz,
                "dram": find(config.machine).dram_contents,
                "layers": [{**row.to_dict(), **(row.details or {})} for row in self.rows],
                "total": self.total()._asdict(),
                **self._of_tokens(),
                "network_output": [one._asdict() for one in self.network_output],
                "lead": self.lead,
                "notes": self.notes(),
                "config_sources": config.describe_sources(),
                "computed": self.inputs == "computed",
                "inputs": self.inputs,
                "options": dict(self.options),
                "versions": versions(),
            }
        )

    def _of_tokens(self) -> Document:
        """What a language model's run gives for each token."""
        if not self.tokens or not self._whole:
            return {}
        each = {"tokens_per_s": self.tokens_per_s, "joules_per_token": self.joules_per_token}
        return {"tokens": self.tokens, **each, "bytes_by_part": self.bytes_by_part}

    def to_frame(self) -> "pd.DataFrame":
        """A row for each layer, with machine and configuration; sentences are joined. Of a single layer, its result.

        Nested keys become columns such as `energy_pj.total`, lists become text.
        """
        import pandas as pd

        if self.single is not None:
            return self.single.to_frame()
        origin = {"workload": self.workload, "machine": self.config.machine, "config": self.config.name}
        rows = [{**origin, **table_columns(row)} for row in self.rows]
        frame = pd.json_normalize(rows).map(lambda value: "; ".join(value) if isinstance(value, list) else value)
        whole = dict.fromkeys(("operations", "cycles", "dram_bytes"), "Int64")
        return frame.astype({**whole, "output_matches_reference": "boolean"})

    def __repr__(self) -> str:
        """A short table."""
        from simulator.display.text import as_text

        return as_text(self)

    def _repr_html_(self) -> str:
        from simulator.display.notebook import as_html

        return as_html(self)

    def plot(self, kind: str = "") -> "Figure":
        """A picture, of a kind that `zeroskip plot` lists. InputError where there is none, or it is not of this."""
        from simulator.display.pictures import plot

        return plot(self, kind)

    def save(self, path: str | PathLike[str]) -> None:
        """Write it to a .json, .csv or .html file, whole or not at all. InputError where that cannot be."""
        from simulator.display.files import save

        save(self, path)
