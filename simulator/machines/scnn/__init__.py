"""SCNN (Parashar et al., ISCA 2017): convolution as a Cartesian product of non-zeros."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from simulator.core.machine import Figures, Machine, Paper, Roofline, Track
from simulator.machines.scnn.arch import REASON_UNITS, Arch, ChannelLetter, Counts, PeLetter, PpuLetter, Reasons
from workloads.document_types import Document
from workloads.kinds.fully_connected.format import FullyConnectedFormat
from workloads.kinds.kind import CompressedLayer
from workloads.kinds.sparse_convolution.format import SparseConvolutionFormat
from workloads.options import Formats
from workloads.study import Progress, Study

if TYPE_CHECKING:
    from simulator.core.mechanisms import CriticalPath, Mechanism
    from simulator.core.run import Run
    from simulator.hardware.dram.requests import Requests
    from simulator.machines.scnn.layout.streams import Streams


def _granularity(seed: int, progress: Progress) -> Document:
    from simulator.machines.scnn.paper.granularity import study

    return study(seed, progress)


def _row_vectors(seed: int, progress: Progress) -> Document:
    from simulator.machines.scnn.paper.row_vectors import study

    return study(seed, progress)


def _activations(seed: int, progress: Progress) -> Document:
    from simulator.machines.scnn.paper.activations import study

    return study(seed, progress)


class Scnn(Machine["Arch", "Streams"]):
    """SCNN (ISCA 2017): see the roles in this folder."""

    name = "scnn"
    about = "SCNN (ISCA 2017): compressed weights times compressed activations, convolutions"
    default = "scnn_8x8"
    kinds = ("convolution", "fully connected", "sparse convolution")
    arch_type, counts_type, reasons_type = Arch, Counts, Reasons
    reason_units = REASON_UNITS
    dram_contents = "all stored weights; inputs, outputs and sums of layers that IARAM and OARAM do not hold"
    dram_events = ("dram_weight_bytes", "dram_sum_bytes", "dram_input_bytes")
    delays = ("bank_step",)
    studies = (
        Study(
            "granularity",
            "VGG-16 and AlexNet pruned in weights, kernel rows, kernels and filters (150 s)",
            _granularity,
        ),
        Study(
            "row-vectors",
            "memory references of coarse pruning with vectors of weights by kernel row, on drawn and real inputs",
            _row_vectors,
        ),
        Study(
            "activations",
            "where the zeros of a real network's activations are, and the patches fitted to them (a minute)",
            _activations,
        ),
    )

    def problem(self, arch: Arch) -> str | None:
        """Why the numbers are impossible together."""
        bits = arch.activation_entry_bits
        for memory in ("iaram", "oaram"):
            held = getattr(arch, f"{memory}_bytes")
            if held * 8 < bits:
                return f"{memory}_bytes is {held}; expected room for one entry of {bits} bits"
        if arch.band_channels >= arch.dram_channels:
            return f"band_channels is {arch.band_channels}; expected less than dram_channels = {arch.dram_channels}"
        if arch.dram is not None:
            touched = (arch.weights_per_vector * arch.weight_entry_bits - 2) // (8 * arch.dram.line_bytes) + 2
            if arch.weight_buffer_lines < touched:
                needed = f"{touched}, the lines of {arch.dram.line_bytes} bytes that a vector may touch"
                return f"weight_buffer_lines is {arch.weight_buffer_lines}; expected at least {needed}"
        return None

    def unused(self, arch: Arch) -> Mapping[str, str]:
        """The step between channels' banks with linear ones, and all of DRAM but the path's bandwidth without one."""
        found = {"bank_step": "linear_banks 1"} if arch.linear_banks else {}
        if arch.dram is None:
            found |= dict.fromkeys(("dram_channels", "band_channels", "weight_buffer_lines"), "dram none")
        return found

    def units(self, arch: Arch) -> dict[str, int]:
        """How many of each part the machine has, for static power and area."""
        return {"machine": 1, "pe": arch.pes, "multiplier": arch.pes * arch.multipliers}

    def formats(self, arch: Arch) -> Formats:  # noqa: ARG002
        """Convolutions of 16 bits; fully connected layers have a plane of 1 x 1, sparse convolutions 1 x 1 kernels."""
        return {
            "fully connected": FullyConnectedFormat(as_convolution=True),
            "sparse convolution": SparseConvolutionFormat(as_convolution=True),
        }

    def figures(self, arch: Arch, cycles: int, counts: Counts) -> Figures:
        """The figures of merit of SCNN's paper.

        theoretical_cycles: the useful products spread evenly over all multipliers (the paper's oracle). load_balance:
        the share of cycles in which a PE issues a step, mean over PEs. utilisation: useful products over multipliers x
        cycles.
        """
        entries, multiplies = int(counts.entries.sum()), int(counts.multiplies.sum())
        ideal = multiplies / (arch.pes * arch.multipliers)
        return Figures(
            theoretical_cycles=ideal,
            multiplies=multiplies,
            load_balance=int(counts.fifo_reads.sum()) / (arch.pes * cycles),
            more={
                "entries": entries,
                "padding_entries": entries - multiplies,
                "utilisation": ideal / cycles,
            },
        )

    def dram_bytes(self, arch: Arch, counts: Counts) -> int:  # noqa: ARG002
        """Bytes that a run moves between DRAM and chip."""
        return sum(int(getattr(counts, f"dram_{what}_bytes").sum()) for what in ("weight", "sum", "input", "output"))

    def roofline(self, arch: Arch, counts: Counts) -> Roofline:
        """Operations with two non-zero operands, and bytes of DRAM."""
        return Roofline(
            operations=2 * int(counts.multiplies.sum()),
            operations_per_cycle=2 * arch.pes * arch.multipliers,
            bytes=self.dram_bytes(arch, counts),
            bytes_per_cycle=arch.dram_bytes_per_kcycle / 1000,
            memory="DRAM",
        )

    def tracks(self, arch: Arch) -> list[Track]:
        """A track for each row of the trace."""
        return [
            *(Track("PE", f"PE {k}", PeLetter, PeLetter.MULTIPLY) for k in range(arch.pes)),
            Track("channel", "memory channel of weights", ChannelLetter, ChannelLetter.BROADCAST),
            Track("PPU", "PPUs", PpuLetter, PpuLetter.HALO + PpuLetter.COMPRESS),
        ]

    def layout(self, arch: Arch, layer: CompressedLayer) -> tuple[Streams, ...]:
        """One pass over all groups of output channels. InputError where the layer is of another kind."""
        from simulator.machines.scnn.layout.streams import layout

        return layout(arch, layer)

    def violations(self, arch: Arch, passes: Sequence[Streams]) -> list[str]:
        """What does not fit the memories; cycles are counted all the same."""
        from simulator.machines.scnn.layout.streams import violations

        return violations(arch, tuple(passes))

    def run_model(self, arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
        """One pass on the SimPy model."""
        from simulator.machines.scnn.model.units import run

        return run(arch, streams, trace_cycles)

    def run_engine(self, arch: Arch, streams: Streams, trace_cycles: int = 0, output: bool = True) -> Run:
        """One pass on the compiled engine."""
        from simulator.machines.scnn.engine.run import run, run_without_output

        return (run if output else run_without_output)(arch, streams, trace_cycles)

    def dram_requests(self, arch: Arch, passes: Sequence[Streams]) -> Sequence[Requests]:
        """What a run asks of each DRAM channel."""
        from simulator.machines.scnn.report.dram_requests import requests

        return requests(arch, passes)

    def mechanisms(self, arch: Arch) -> Sequence[Mechanism]:  # noqa: ARG002
        """What takes a run longer than its products over all multipliers."""
        from simulator.machines.scnn.report.mechanisms import MECHANISMS

        return MECHANISMS

    def critical_path(self, arch: Arch, passes: Sequence[Streams]) -> CriticalPath:
        """The PE that each round waits for, and what is waited for between rounds."""
        from simulator.machines.scnn.report.critical_path import critical_path

        return critical_path(arch, passes)

    def paper(self) -> Paper:
        """The figures of the machine's paper."""
        from simulator.machines.scnn.paper.paper import PAPER

        return PAPER


MACHINE = Scnn()
