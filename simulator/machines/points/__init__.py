"""A machine for pairs of voxels, after PointAcc (Lin et al., MICRO 2021): sparse convolutions over a scan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from simulator.core.machine import Figures, Machine, Roofline, Table, Track
from simulator.machines.points.arch import (
    GATHER_SCATTER,
    IMPLICIT,
    ON_DEMAND,
    REASON_UNITS,
    Arch,
    ArrayLetter,
    Counts,
    GatherLetter,
    MappingLetter,
    Reasons,
    ScatterLetter,
)  # fmt: skip
from workloads.document_types import Document
from workloads.kinds.kind import CompressedLayer
from workloads.options import Formats
from workloads.study import Progress, Study

if TYPE_CHECKING:
    from simulator.core.mechanisms import Mechanism
    from simulator.core.run import Run
    from simulator.machines.points.layout import Streams

BYTES = ("dram_feature_bytes", "dram_weight_bytes", "dram_map_bytes", "dram_sum_bytes", "dram_output_bytes")


def _study(seed: int, progress: Progress) -> Document:
    from simulator.machines.points.paper.study import study

    return study(seed, progress)


class Points(Machine["Arch", "Streams"]):
    """A machine for pairs of voxels: see the roles in this folder."""

    name = "points"
    about = "after PointAcc (MICRO 2021): sparse convolutions over voxels, pairs by a merge sort, a matrix array"
    default = "points"
    kinds = ("sparse convolution",)
    arch_type, counts_type, reasons_type = Arch, Counts, Reasons
    reason_units = REASON_UNITS
    byte_parts = BYTES
    studies = (
        Study("points", "BEVFusion's sparse encoder over a drawn scan, by layer, dataflow and mapping; 10 s", _study),
    )
    dram_contents = "features that the cache lacks, weights, pairs, and outputs; sums where pairs are scattered"
    products = ("rows of pairs and empty rows, times weights", "of empty rows")
    delays = ("latency", "pair_bits", "hash_slots")
    roles = MappingProxyType(
        {
            "mapping": "decoder",
            "feature_cache": "sram",
            "array_buffers": "crossbar",
            "load_wait": "weight_wait",
            "feature_wait": "input_wait",
            "sum_wait": "write_wait",
            "match": "decoder",
            "map_idle": "idle",
            "gather": "fetch",
            "map_wait": "decoder",
            "buffer_wait": "queue_full",
            "gather_idle": "idle",
            "scatter": "output",
            "scatter_idle": "idle",
        }
    )

    def problem(self, arch: Arch) -> str | None:  # noqa: ARG002
        """Why the numbers are impossible together: they never are."""
        return None

    def unused(self, arch: Arch) -> Mapping[str, str]:
        """What another way to find pairs, or another dataflow, does not have."""
        hashed = ("merge_width",) if arch.hash_mapping else ("hash_ports", "hash_slots")
        found = dict.fromkeys(hashed, f"hash_mapping {arch.hash_mapping}")
        others = {
            "tile_sites": arch.dataflow != IMPLICIT,
            "block_pairs": arch.dataflow == IMPLICIT,
            "sum_buffer_bytes": arch.dataflow != ON_DEMAND,
            "cache_bytes": arch.dataflow == GATHER_SCATTER,
        }
        return found | {name: f"dataflow {arch.dataflow}" for name, idle in others.items() if idle}

    def units(self, arch: Arch) -> dict[str, int]:
        """How many of each part the machine has, for static power and area."""
        return {"machine": 1, "multiplier": arch.rows * arch.columns}

    def formats(self, arch: Arch) -> Formats:  # noqa: ARG002
        """The default: 16-bit words."""
        return {}

    def figures(self, arch: Arch, cycles: int, counts: Counts) -> Figures:
        """Figures of merit. theoretical_cycles: products of pairs over all multipliers.

        load_balance: the share of cycles in which a row streams.
        """
        multiplies, gated = int(counts.multiplies.sum()), int(counts.gated.sum())
        size = arch.rows * arch.columns
        ideal, share = multiplies / size, 1 / max(1, cycles)
        return Figures(
            theoretical_cycles=ideal,
            multiplies=multiplies,
            load_balance=int(counts.array_rows.sum()) * share,
            more={"entries": multiplies + gated, "padding_entries": gated, "utilisation": ideal * share},
        )

    def dram_bytes(self, arch: Arch, counts: Counts) -> int:  # noqa: ARG002
        """Bytes that a run moves between DRAM and chip."""
        return sum(int(getattr(counts, name).sum()) for name in BYTES)

    def roofline(self, arch: Arch, counts: Counts) -> Roofline:
        """Operations of pairs, and bytes of DRAM, which moves as many each way."""
        return Roofline(
            operations=2 * int(counts.multiplies.sum()),
            operations_per_cycle=2 * arch.rows * arch.columns,
            bytes=self.dram_bytes(arch, counts),
            bytes_per_cycle=2 * arch.dram_bits_per_kcycle / 8000,
            memory="DRAM",
        )

    def tracks(self, arch: Arch) -> list[Track]:  # noqa: ARG002
        """A track for each row of the trace."""
        return [
            Track("PE", "matrix array", ArrayLetter, ArrayLetter.MULTIPLY),
            Track("mapping", "mapping unit", MappingLetter, MappingLetter.MATCH),
            Track("gather", "gather", GatherLetter, GatherLetter.GATHER),
            Track("scatter", "scatter", ScatterLetter, ScatterLetter.SCATTER),
        ]

    def layout(self, arch: Arch, layer: CompressedLayer) -> tuple[Streams, ...]:
        """One pass. InputError where the layer is of another kind, or has too many blocks."""
        from simulator.machines.points.layout import layout

        return layout(arch, layer)

    def violations(self, arch: Arch, passes: Sequence[Streams]) -> list[str]:
        """What does not fit the buffers; cycles are counted all the same."""
        from simulator.machines.points.layout import violations

        return violations(arch, tuple(passes))

    def run_model(self, arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
        """One pass on the SimPy model."""
        from simulator.machines.points.model.units import run

        return run(arch, streams, trace_cycles)

    def run_engine(self, arch: Arch, streams: Streams, trace_cycles: int = 0, output: bool = True) -> Run:
        """One pass on the compiled engine."""
        from simulator.machines.points.engine.run import run

        return run(arch, streams, trace_cycles, output)

    def tables(self, arch: Arch, passes: Sequence[Streams]) -> Sequence[Table]:
        """The pairs of each offset."""
        from simulator.machines.points.report.tables import tables

        return tables(arch, passes)

    def mechanisms(self, arch: Arch) -> Sequence[Mechanism]:  # noqa: ARG002
        """What takes a run longer than its products over all multipliers."""
        from simulator.machines.points.report.mechanisms import MECHANISMS

        return MECHANISMS


MACHINE = Points()
