"""EdgeDRNN (Gao et al., JETCAS 2020): a GRU that computes only what changed from one time step to the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from simulator.core.machine import Figures, Machine, Paper, Queue, Roofline, Table, Track
from simulator.machines.edgedrnn.arch import (
    REASON_UNITS,
    Arch,
    Counts,
    EncoderLetter,
    MemoryLetter,
    PeLetter,
    Reasons,
)
from workloads.document_types import Document
from workloads.kinds.gru.format import GruFormat
from workloads.kinds.gru.layer import WORD_FRACTION
from workloads.kinds.kind import CompressedLayer
from workloads.options import Formats
from workloads.study import Progress, Study

if TYPE_CHECKING:
    from simulator.core.mechanisms import CriticalPath, Mechanism
    from simulator.core.run import Run
    from simulator.machines.edgedrnn.layout.streams import Streams


def _thresholds(seed: int, progress: Progress) -> Document:
    from simulator.machines.edgedrnn.paper.real_gru import study

    return study(seed, progress)


class EdgeDrnn(Machine["Arch", "Streams"]):
    """EdgeDRNN (JETCAS 2020): see the roles in this folder."""

    name = "edgedrnn"
    about = "EdgeDRNN (JETCAS 2020): delta GRUs, which skip what did not change over time; Spartus is a configuration"
    default = "edgedrnn"
    kinds = ("GRU",)
    arch_type, counts_type, reasons_type = Arch, Counts, Reasons
    reason_units = REASON_UNITS
    work, products = "multiply", ("entries", "padding")
    dram_contents = "the columns of what changed, inputs and outputs"
    byte_parts = ("dram_weight_bytes", "dram_input_bytes", "dram_output_bytes")
    studies = (
        Study(
            "thresholds",
            "pretrained GRUs at rising thresholds: cycles, energy, distance from float, the network's output (fetches "
            "a wheel)",
            _thresholds,
        ),
    )
    delays = (
        *("encoder_cycles", "phase_cycles", "fetch_cycles", "beat_cycles"),
        *("pipeline_cycles", "activation_steps", "activation_pipeline", "run_overhead"),
    )

    def problem(self, arch: Arch) -> str | None:
        """Why the numbers are impossible together."""
        bits = arch.beat_bits
        if bits % 8:
            return f"index_bits is {arch.index_bits}; expected one with which a beat, now {bits} bits, is whole bytes"
        return None

    def unused(self, arch: Arch) -> Mapping[str, str]:
        """Bits of indices where columns are dense."""
        return {} if arch.sparse_columns else {"index_bits": "sparse_columns 0"}

    def warnings(self, arch: Arch) -> Sequence[str]:
        """That no bias is used: the constant 1 that they multiply is compared with the threshold, as any input is."""
        given, one = arch.input_threshold, 1 << WORD_FRACTION
        return () if given <= one else (f"input_threshold is {given}, above {one}, which is 1: biases are left out",)

    def units(self, arch: Arch) -> dict[str, int]:
        """How many of each part the machine has, for static power and area."""
        return {"machine": 1, "pe": arch.pes}

    def formats(self, arch: Arch) -> Formats:
        """Thresholds, tables, and the PEs over which pruning is balanced."""
        return {"GRU": GruFormat(arch.input_threshold, arch.state_threshold, arch.table_bits, arch.pes)}

    def figures(self, arch: Arch, cycles: int, counts: Counts) -> Figures:
        """Figures of merit.

        theoretical_cycles: a beat of each column after the other, without any wait. load_balance: the share of cycles
        in which a PE is given a weight, padding included, mean over all. column_requests: of `elements` that are
        compared.
        """
        entries, padding = int(counts.entries.sum()), int(counts.padding.sum())
        elements, requests = int(counts.elements.sum()), int(counts.column_requests.sum())
        return Figures(
            theoretical_cycles=int(counts.weight_beats.sum()) * arch.beat_cycles,
            multiplies=int(counts.multiplies.sum()),
            load_balance=entries / (arch.pes * cycles),
            more={
                "entries": entries,
                "padding_entries": padding,
                "elements": elements,
                "column_requests": requests,
                "unchanged": 1 - requests / elements,
            },
        )

    def dram_bytes(self, arch: Arch, counts: Counts) -> int:  # noqa: ARG002
        """Bytes that a run moves between DRAM and chip."""
        return sum(int(getattr(counts, part).sum()) for part in self.byte_parts)

    def roofline(self, arch: Arch, counts: Counts) -> Roofline:
        """Operations on what changed, and bytes of DRAM."""
        return Roofline(
            operations=2 * int(counts.multiplies.sum()),
            operations_per_cycle=2 * arch.pes / arch.beat_cycles,
            bytes=self.dram_bytes(arch, counts),
            bytes_per_cycle=arch.beat_bits / 8 / arch.beat_cycles,
            memory="DRAM",
        )

    def tracks(self, arch: Arch) -> list[Track]:  # noqa: ARG002
        """A track for each row of the trace."""
        return [
            Track("encoder", "encoder", EncoderLetter, EncoderLetter.SCAN + EncoderLetter.CHANGE),
            Track("memory", "memory of weights", MemoryLetter, MemoryLetter.BEAT),
            Track("PE", "all PEs", PeLetter, PeLetter.MULTIPLY),
        ]

    def layout(self, arch: Arch, layer: CompressedLayer) -> tuple[Streams, ...]:
        """One pass over all time steps. InputError where the layer is of another kind."""
        from simulator.machines.edgedrnn.layout.streams import layout

        return layout(arch, layer)

    def violations(self, arch: Arch, passes: Sequence[Streams]) -> list[str]:
        """What does not fit the memories; cycles are counted all the same."""
        from simulator.machines.edgedrnn.layout.streams import violations

        return violations(arch, tuple(passes))

    def run_model(self, arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
        """One pass on the SimPy model."""
        from simulator.machines.edgedrnn.model.units import run

        return run(arch, streams, trace_cycles)

    def run_engine(self, arch: Arch, streams: Streams, trace_cycles: int = 0, output: bool = True) -> Run:
        """One pass on the compiled engine."""
        from simulator.machines.edgedrnn.engine.run import run, run_without_output

        return (run if output else run_without_output)(arch, streams, trace_cycles)

    def queues(self, arch: Arch, passes: Sequence[Streams]) -> Sequence[Queue]:
        """The list of changes."""
        from simulator.machines.edgedrnn.report.queues import queues

        return queues(arch, tuple(passes))

    def tables(self, arch: Arch, passes: Sequence[Streams]) -> Sequence[Table]:
        """What changed in each layer, and what bounds its time."""
        from simulator.machines.edgedrnn.report.tables import tables

        return tables(arch, tuple(passes))

    def mechanisms(self, arch: Arch) -> Sequence[Mechanism]:  # noqa: ARG002
        """What takes a run longer than its products over all PEs."""
        from simulator.machines.edgedrnn.report.mechanisms import MECHANISMS

        return MECHANISMS

    def critical_path(self, arch: Arch, passes: Sequence[Streams]) -> CriticalPath:
        """What decides when a run ends."""
        from simulator.machines.edgedrnn.report.critical_path import critical_path

        return critical_path(arch, passes)

    def free_unit(self, arch: Arch, passes: Sequence[Streams], unit: str) -> tuple[Arch, Sequence[Streams]] | None:
        """A run without a unit of the critical path; None: no architecture and no layout is that."""
        from simulator.machines.edgedrnn.report.critical_path import free_unit

        return free_unit(arch, passes, unit)

    def paper(self) -> Paper:
        """The figures of the machine's hardware description."""
        from simulator.machines.edgedrnn.paper.paper import PAPER

        return PAPER


MACHINE = EdgeDrnn()
