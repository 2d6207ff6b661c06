"""A machine for BEV pooling after BEVFusion's kernels (Liu et al., ICRA 2023): lanes over the cells of a view."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from simulator.core.machine import Figures, Machine, Roofline, Table, Track
from simulator.machines.bevpool.arch import REASON_UNITS, Arch, Counts, LaneLetter, MemoryLetter, Reasons
from workloads.document_types import Document
from workloads.kinds.kind import CompressedLayer
from workloads.options import Formats
from workloads.study import Progress, Study

if TYPE_CHECKING:
    from simulator.core.mechanisms import Mechanism
    from simulator.core.run import Run
    from simulator.machines.bevpool.layout import Streams

BYTES = ("dram_feature_bytes", "dram_cloud_bytes", "dram_rank_bytes", "dram_sum_bytes", "dram_output_bytes")


def _study(seed: int, progress: Progress) -> Document:
    from simulator.machines.bevpool.paper.study import study

    return study(seed, progress)


class BevPool(Machine["Arch", "Streams"]):
    """A machine for BEV pooling: see the roles in this folder."""

    name = "bevpool"
    about = "after BEVFusion's kernels (ICRA 2023): camera features into the cells of a bird's-eye view, a cell a lane"
    default = "bevpool"
    kinds = ("BEV pooling",)
    arch_type, counts_type, reasons_type = Arch, Counts, Reasons
    reason_units = REASON_UNITS
    byte_parts = BYTES
    studies = (
        Study("pooling", "BEV pooling from a sort with prefix sums to known ranks, three resolutions; 15 s", _study),
    )
    work = "add"
    dram_contents = (
        "weights and contexts, ranks and outputs; the cloud of points, keys and prefix sums where there are any"
    )
    delays = ("rank_bits", "key_bits")
    roles = MappingProxyType(
        {"mapping": "decoder", "feature_cache": "sram", "add": "update", "merge": "decoder", "memory_wait": "dram_wait"}
    )

    def problem(self, arch: Arch) -> str | None:
        """Why the numbers are impossible together."""
        if arch.by_length and not arch.ranks:
            return "by_length is 1 with ranks 0; expected 0, as the cells are not known before the run"
        return None

    def unused(self, arch: Arch) -> Mapping[str, str]:
        """What the other way to find a cell's points has, and the buffer where the cloud is read."""
        names = ("sort_width", "key_bits") if arch.ranks else ("rank_bits",)
        found = dict.fromkeys(names, f"ranks {arch.ranks}")
        return found if arch.fused else {**found, "feature_buffer_bytes": "fused 0"}

    def units(self, arch: Arch) -> dict[str, int]:
        """How many of each part the machine has, for static power and area."""
        return {"machine": 1, "pe": arch.lanes, "multiplier": arch.lanes * arch.channels}

    def formats(self, arch: Arch) -> Formats:  # noqa: ARG002
        """The default: 16-bit words."""
        return {}

    def figures(self, arch: Arch, cycles: int, counts: Counts) -> Figures:
        """Figures of merit. theoretical_cycles: the additions of points to cells over all lanes and channels.

        load_balance: the share of cycles in which a lane works, mean over lanes.
        """
        multiplies, additions = int(counts.multiplies.sum()), int(counts.additions.sum())
        ideal, share = additions / (arch.lanes * arch.channels), 1 / max(1, cycles)
        return Figures(
            theoretical_cycles=ideal,
            multiplies=multiplies,
            load_balance=int(counts.lane_steps.sum()) / arch.lanes * share,
            more={"utilisation": ideal * share},
        )

    def dram_bytes(self, arch: Arch, counts: Counts) -> int:  # noqa: ARG002
        """Bytes that a run moves between DRAM and chip."""
        return sum(int(getattr(counts, name).sum()) for name in BYTES)

    def roofline(self, arch: Arch, counts: Counts) -> Roofline:
        """Multiplications and additions, and bytes of DRAM."""
        return Roofline(
            operations=int(counts.multiplies.sum() + counts.additions.sum()),
            operations_per_cycle=2 * arch.lanes * arch.channels,
            bytes=self.dram_bytes(arch, counts),
            bytes_per_cycle=arch.dram_bits_per_kcycle / 8000,
            memory="DRAM",
        )

    def tracks(self, arch: Arch) -> list[Track]:
        """A track for each row of the trace."""
        lanes = [Track("PE", f"lane {k}", LaneLetter, LaneLetter.ADD) for k in range(arch.lanes)]
        return [*lanes, Track("memory", "DRAM", MemoryLetter, MemoryLetter.TRANSFER)]

    def layout(self, arch: Arch, layer: CompressedLayer) -> tuple[Streams, ...]:
        """One pass. InputError where the layer is of another kind."""
        from simulator.machines.bevpool.layout import layout

        return layout(arch, layer)

    def violations(self, arch: Arch, passes: Sequence[Streams]) -> list[str]:
        """What does not fit the buffer; cycles are counted all the same."""
        from simulator.machines.bevpool.layout import violations

        return violations(arch, tuple(passes))

    def run_model(self, arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
        """One pass on the SimPy model."""
        from simulator.machines.bevpool.model import run

        return run(arch, streams, trace_cycles)

    def run_engine(self, arch: Arch, streams: Streams, trace_cycles: int = 0, output: bool = True) -> Run:
        """One pass on the compiled engine."""
        from simulator.machines.bevpool.engine.run import run

        return run(arch, streams, trace_cycles, output)

    def tables(self, arch: Arch, passes: Sequence[Streams]) -> Sequence[Table]:
        """Points of a cell, and the balance of lanes."""
        from simulator.machines.bevpool.report.tables import tables

        return tables(arch, passes)

    def mechanisms(self, arch: Arch) -> Sequence[Mechanism]:  # noqa: ARG002
        """What takes a run longer than its additions over all lanes."""
        from simulator.machines.bevpool.report.mechanisms import MECHANISMS

        return MECHANISMS


MACHINE = BevPool()
