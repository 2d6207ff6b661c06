"""The rows of a network's result, a layer each, and their sums."""

from collections.abc import Mapping
from typing import NamedTuple

from simulator.results.result import Result
from simulator.results.text import counted, short
from workloads.document_types import Document
from workloads.field_docs import describe_fields
from workloads.kinds import kind_of

DETAILS = (
    "theoretical_cycles",
    "entries",
    "padding_entries",
    "multiplies",
    "load_balance",
    "counts",
    "energy_pj",
    "energy_lines",
    "cycles_by_reason",
    "reason_units",
    "roofline",
    "units",
    "bits_per_weight",
    "weight_error",
    "skipped_share",
    "cache_error",
    "softmax_error",
    "state_error",
    "step_error",
)
"""Of a single result, what a layer of a network reports too, where its machine has it."""


NOT_FIGURES = ("densities", "details", "form", "result")
"""Fields of a row that its dictionary does not hold, or not under their names."""


@describe_fields(
    layer="Its name.",
    kind="Its kind.",
    densities="Shares of non-zeros by what they are of.",
    shape="In words, see `Kind.shape`.",
    operations="Operations of the dense layer.",
    cycles="Cycles of the run.",
    time_us="Simulated time.",
    energy_uj="Energy.",
    edp_uj_us="Energy times time.",
    dram_bytes="Moved between DRAM and chip.",
    output_matches_reference="Whether the output equals the reference kernel's, bit for bit; None: not compared.",
    violations="What of the layer does not fit the machine, a sentence each.",
    notes="What its source or its compression leaves out or assumes.",
    reason="Why it did not run; None: it did.",
    output_sqnr_db="Of its output with compressed weights, all else in floating point; None: equal, or not known.",
    details="Counts and priced lines, by the keys of a single result.",
    form="The kind as which it ran, as a fully connected layer may run as a convolution.",
    result="The result of the only layer of a model; a network's would take too much memory.",
    layers="How many layers of a sort the row is the sum of.",
    number_format="Of its weights, or of what it keeps from one step to the next; none: its kind states none.",
)
class LayerRow(NamedTuple):
    """A layer on a machine; where it did not run, `reason` says why and the figures are None."""

    layer: str
    kind: str
    densities: Mapping[str, float] = {}
    shape: str | None = None
    operations: int | None = None
    cycles: int | None = None
    time_us: float | None = None
    energy_uj: float | None = None
    edp_uj_us: float | None = None
    dram_bytes: int | None = None
    output_matches_reference: bool | None = None
    violations: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    reason: str | None = None
    output_sqnr_db: float | None = None
    details: Document | None = None
    form: str | None = None
    result: Result | None = None
    layers: int = 1
    number_format: str = ""

    def to_dict(self) -> Document:
        """The figures by name; densities that the kind of layer lacks are None."""
        own = {name: value for name, value in self._asdict().items() if name not in NOT_FIGURES}
        if self.layers == 1:
            del own["layers"]
        if not self.number_format:
            del own["number_format"]
        known = {"weight_density": None, "activation_density": None}
        shares = {**known, **{f"{what}_density": share for what, share in self.densities.items()}}
        return {"layer": own.pop("layer"), "kind": own.pop("kind"), **shares, **own}


IN_A_TABLE = ("energy_pj", "cycles_by_reason", "reason_units", "roofline", "units")
"""Of a row's details, what a table holds too."""


@describe_fields(
    layers="The layers over which the sums are.",
    cycles="Their sum.",
    time_us="Their sum.",
    energy_uj="Their sum.",
    edp_uj_us="The sum of energies times the sum of times.",
    dram_bytes="Their sum.",
    output_matches_reference="Whether each output equals the reference kernel's, bit for bit.",
)
class Total(NamedTuple):
    """Sums over layers; `edp_uj_us` is the product of the sums of energy and time."""

    layers: tuple[str, ...]
    cycles: int
    time_us: float
    energy_uj: float
    edp_uj_us: float
    dram_bytes: int
    output_matches_reference: bool

    def __repr__(self) -> str:
        """The sums in a line."""
        layers = counted(len(self.layers), "layer")
        output = "equal to" if self.output_matches_reference else "DIFFERENT from"
        return (
            f"{layers}: {self.cycles:,} cycles, {short(self.time_us)} us, {short(self.energy_uj)} uJ, "
            f"{short(self.edp_uj_us)} uJ us, {self.dram_bytes:,} bytes of DRAM, output {output} the reference kernel's"
        )


def make_row(name: str, kind: str, result: Result, keep: bool = False) -> LayerRow:
    """The row of a layer that ran. keep: whether it holds the result itself, too."""
    layer, content = result.workload.layer, result.to_dict()
    return LayerRow(
        layer=name,
        kind=kind,
        densities={} if result.workload.sample is not None else kind_of(layer).densities(layer),
        shape=kind_of(layer).shape(layer),
        form=kind_of(layer).name,
        number_format=getattr(layer, "number_format", ""),
        operations=layer.dense_operations,
        cycles=result.run.cycles,
        time_us=result.time_us,
        energy_uj=result.energy_uj,
        edp_uj_us=result.edp_uj_us,
        dram_bytes=result.dram_bytes,
        output_matches_reference=result.output_matches_reference,
        violations=tuple(result.violations),
        notes=(*result.workload.notes, *layer.notes),
        details={key: content[key] for key in DETAILS if key in content},
        result=result if keep else None,
    )


def table_columns(row: LayerRow) -> Document:
    """A row with those of its details that a table holds."""
    details = {key: row.details[key] for key in IN_A_TABLE} if row.details else {}
    return {**row.to_dict(), "violations": list(row.violations), "notes": list(row.notes), **details}
