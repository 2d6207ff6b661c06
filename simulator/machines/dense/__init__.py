"""DCNN and DCNN-opt (SCNN's paper, ISCA 2017): the dense machines that SCNN is compared with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from simulator.core.machine import Figures, Machine, Roofline, Track
from simulator.machines.dense.arch import REASON_UNITS, Arch, ChannelLetter, Counts, PeLetter, Reasons
from workloads.kinds.fully_connected.format import FullyConnectedFormat
from workloads.kinds.kind import CompressedLayer
from workloads.kinds.sparse_convolution.format import SparseConvolutionFormat
from workloads.options import Formats

if TYPE_CHECKING:
    from simulator.core.mechanisms import CriticalPath, Mechanism
    from simulator.core.run import Run
    from simulator.machines.dense.layout import Streams


class Dense(Machine["Arch", "Streams"]):
    """DCNN (SCNN's paper): see the roles in this folder."""

    name = "dcnn"
    about = "DCNN (SCNN's paper): dense dot products with SCNN's tiles, convolutions; DCNN-opt is a configuration"
    default = "dcnn"
    kinds = ("convolution", "fully connected", "sparse convolution")
    arch_type, counts_type, reasons_type = Arch, Counts, Reasons
    reason_units = REASON_UNITS
    dram_contents = "all weights; inputs and outputs where the SRAM does not hold both"
    baseline = True

    def problem(self, arch: Arch) -> str | None:  # noqa: ARG002
        """Why the numbers are impossible together: they never are."""
        return None

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
        """Figures of merit. theoretical_cycles: every pair, zeros included, spread evenly over all multipliers."""
        multiplies, gated = int(counts.multiplies.sum()), int(counts.gated.sum())
        ideal = (multiplies + gated) / (arch.pes * arch.multipliers)
        return Figures(
            theoretical_cycles=ideal,
            multiplies=multiplies,
            load_balance=int(counts.dot_products.sum()) / (arch.pes * cycles),
            more={
                "entries": multiplies + gated,
                "padding_entries": gated,
                "utilisation": ideal / cycles,
            },
        )

    def dram_bytes(self, arch: Arch, counts: Counts) -> int:  # noqa: ARG002
        """Bytes that a run moves between DRAM and chip."""
        return int(counts.dram_weight_bytes.sum() + counts.dram_input_bytes.sum() + counts.dram_output_bytes.sum())

    def roofline(self, arch: Arch, counts: Counts) -> Roofline:
        """Operations whose operands are not gated, and bytes of DRAM."""
        return Roofline(
            operations=2 * int(counts.multiplies.sum()),
            operations_per_cycle=2 * arch.pes * arch.multipliers,
            bytes=self.dram_bytes(arch, counts),
            bytes_per_cycle=arch.dram_bytes_per_kcycle / 1000,
            memory="DRAM",
        )

    def tracks(self, arch: Arch) -> list[Track]:
        """A track for each row of the trace."""
        pes = [Track("PE", f"PE {k}", PeLetter, PeLetter.COMPUTE) for k in range(arch.pes)]
        return [*pes, Track("channel", "memory channel of weights", ChannelLetter, ChannelLetter.LOAD)]

    def layout(self, arch: Arch, layer: CompressedLayer) -> tuple[Streams, ...]:
        """One pass over all groups of output channels. InputError where the layer is of another kind."""
        from simulator.machines.dense.layout import layout

        return layout(arch, layer)

    def violations(self, arch: Arch, passes: Sequence[Streams]) -> list[str]:
        """What does not fit the memories; cycles are counted all the same."""
        from simulator.machines.dense.layout import violations

        return violations(arch, tuple(passes))

    def run_model(self, arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
        """One pass on the SimPy model."""
        from simulator.machines.dense.model import run

        return run(arch, streams, trace_cycles)

    def run_engine(self, arch: Arch, streams: Streams, trace_cycles: int = 0, output: bool = True) -> Run:
        """One pass on the compiled engine."""
        from simulator.machines.dense.engine import run, run_without_output

        return (run if output else run_without_output)(arch, streams, trace_cycles)

    def mechanisms(self, arch: Arch) -> Sequence[Mechanism]:  # noqa: ARG002
        """What takes a run longer than its products over all multipliers."""
        from simulator.machines.dense.report.mechanisms import MECHANISMS

        return MECHANISMS

    def critical_path(self, arch: Arch, passes: Sequence[Streams]) -> CriticalPath:
        """The PE or the weights that each group of output channels waits for."""
        from simulator.machines.dense.report.critical_path import critical_path

        return critical_path(arch, passes)

    def free_unit(self, arch: Arch, passes: Sequence[Streams], unit: str) -> tuple[Arch, Sequence[Streams]]:
        """A run without the outputs of a PE, or without the time of loading weights."""
        from simulator.machines.dense.report.critical_path import free_unit

        return free_unit(arch, passes, unit)


MACHINE = Dense()
