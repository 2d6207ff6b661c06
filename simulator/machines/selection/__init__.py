"""A selection unit: which elements of a gradient are sent, and their message (Deep Gradient Compression)."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from simulator.core.machine import Figures, Machine, Roofline, Track
from simulator.machines.selection.arch import (
    REASON_UNITS,
    Arch,
    Counts,
    EncoderLetter,
    MemoryLetter,
    QueueLetter,
    Reasons,
    StreamLetter,
)
from workloads.kinds.kind import CompressedLayer

if TYPE_CHECKING:
    from simulator.core.mechanisms import Mechanism
    from simulator.core.run import Run
    from simulator.machines.selection.layout import Streams

BYTES = ("dram_read_bytes", "dram_write_bytes")
OURS = (
    "The selection unit is a design of this simulator: Deep Gradient Compression was published as software, and no "
    "hardware of it has published figures"
)


class Selection(Machine["Arch", "Streams"]):
    """A streaming unit of ours: see the roles in this folder."""

    name = "selection"
    about = "a selection unit (ours): which elements of a gradient are sent, Deep Gradient Compression"
    default = "selection"
    kinds = ("gradient",)
    arch_type, counts_type, reasons_type = Arch, Counts, Reasons
    reason_units = REASON_UNITS
    work = "add or compare"
    byte_parts = BYTES
    dram_contents = "gradient, velocity and residual; the residual again for each threshold; zeros of what is sent"
    delays = ("insert_cycles",)
    roles = MappingProxyType(
        {
            "slots_full": "queue_full", "zero_write": "write", "accumulate": "compute", "compare": "scan",
            "samples_full": "fifo_full", "stream_idle": "idle", "insert": "compute", "queue_idle": "idle",
            "rank": "maximum", "find_bin": "scan", "left_out": "unused", "cut": "drain", "emit": "compute",
            "comparators": "maximum", "sample_queue": "act_queue", "candidates": "operand_sram", "bins": "accumulators",
        }
    )  # fmt: skip

    def problem(self, arch: Arch) -> str | None:
        """Why the numbers are impossible together."""
        if arch.bins & (arch.bins - 1):
            return f"bins is {arch.bins}; expected a power of two, the values of some bits"
        return None

    def units(self, arch: Arch) -> dict[str, int]:
        """How many of each part the machine has, for static power and area."""
        return {"machine": 1, "lane": arch.lanes}

    def figures(self, arch: Arch, cycles: int, counts: Counts) -> Figures:
        """Figures of merit. theoretical_cycles: a pass that adds and one that compares, in all lanes.

        load_balance: the share of cycles in which the lanes take a beat, or a sample or candidate of one.
        """
        elements, compared = int(counts.momentum_multiplies.sum()), int(counts.comparisons.sum())
        pairs, cuts = int(counts.pairs.sum()), int(counts.cuts.sum())
        return Figures(
            theoretical_cycles=2 * elements / arch.lanes,
            multiplies=elements,
            load_balance=int(counts.stream_cycles.sum()) / cycles,
            more={
                "passes": 1 + compared // elements,
                "candidates": int(counts.candidate_writes.sum()),
                "elements_sent": pairs - cuts,
                "message_bytes": pairs * (arch.value_bits + arch.run_bits) // 8,
            },
        )

    def warnings(self, arch: Arch) -> Sequence[str]:  # noqa: ARG002
        """That no paper has it."""
        return (OURS,)

    def dram_bytes(self, arch: Arch, counts: Counts) -> int:  # noqa: ARG002
        """Bytes that a run moves between DRAM and chip."""
        return sum(int(getattr(counts, name).sum()) for name in BYTES)

    def roofline(self, arch: Arch, counts: Counts) -> Roofline:
        """Multiplications, additions and comparisons of elements, and bytes of DRAM."""
        operations = counts.momentum_multiplies + counts.additions + counts.comparisons
        return Roofline(
            operations=int(operations.sum()),
            operations_per_cycle=3 * arch.lanes,
            bytes=self.dram_bytes(arch, counts),
            bytes_per_cycle=arch.dram_bytes_per_cycle,
            memory="DRAM",
        )

    def tracks(self, arch: Arch) -> list[Track]:
        """A track for each row of the trace."""
        sending = EncoderLetter.RANK + EncoderLetter.FIND + EncoderLetter.EMIT + EncoderLetter.CUT
        return [
            Track("memory", "DRAM", MemoryLetter, MemoryLetter.TRANSFER + MemoryLetter.ZEROS),
            Track("PE", f"stream of {arch.lanes} lanes", StreamLetter, StreamLetter.ACCUMULATE + StreamLetter.COMPARE),
            Track("queue", "queue of samples", QueueLetter, QueueLetter.INSERT),
            Track("encoder", "encoder", EncoderLetter, sending),
        ]

    def layout(self, arch: Arch, layer: CompressedLayer) -> tuple[Streams, ...]:  # noqa: ARG002
        """One pass. InputError where the layer is of another kind."""
        from simulator.machines.selection.layout import layout

        return layout(layer)

    def violations(self, arch: Arch, passes: Sequence[Streams]) -> list[str]:
        """What does not fit the queue and the candidates; cycles are counted all the same."""
        from simulator.machines.selection.report.fits import violations

        return violations(arch, tuple(passes))

    def run_model(self, arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
        """One pass on the SimPy model."""
        from simulator.machines.selection.model.units import run

        return run(arch, streams, trace_cycles)

    def run_engine(self, arch: Arch, streams: Streams, trace_cycles: int = 0, output: bool = True) -> Run:
        """One pass on the compiled engine."""
        from simulator.machines.selection.engine.run import run

        return run(arch, streams, trace_cycles, output)

    def mechanisms(self, arch: Arch) -> Sequence[Mechanism]:  # noqa: ARG002
        """What takes a run longer than two passes in all lanes."""
        from simulator.machines.selection.report.mechanisms import MECHANISMS

        return MECHANISMS


MACHINE = Selection()
