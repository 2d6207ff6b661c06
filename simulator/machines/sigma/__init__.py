"""SIGMA (Qin et al., HPCA 2020): sparse matrix products on Flex-DPEs, the sparser operand stationary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from simulator.core.machine import Figures, Machine, Paper, Roofline, Table, Track
from simulator.machines.sigma.arch import REASON_UNITS, Arch, Counts, DpeLetter, MemoryLetter, PortLetter, Reasons
from workloads.document_types import Document
from workloads.kinds.convolution.format import ConvolutionFormat
from workloads.kinds.fully_connected.format import FullyConnectedFormat
from workloads.kinds.kind import CompressedLayer
from workloads.kinds.matrix_product.format import ProductFormat
from workloads.options import Formats
from workloads.study import Progress, Study

if TYPE_CHECKING:
    from simulator.core.mechanisms import CriticalPath, Mechanism
    from simulator.core.run import Run
    from simulator.machines.sigma.layout import Streams

BYTES = ("dram_weight_bytes", "dram_input_bytes", "dram_output_bytes")
NO_DRAM = (
    "The configuration waits for no DRAM, as the published cycles do not: times are those of operands that are in the "
    "SRAM before the run"
)


def _study(seed: int, progress: Progress) -> Document:
    from simulator.machines.sigma.paper.study import study

    return study(seed, progress)


class Sigma(Machine["Arch", "Streams"]):
    """SIGMA (HPCA 2020): see the roles in this folder."""

    name = "sigma"
    about = "SIGMA (HPCA 2020): sparse matrix products with bitmaps, a stationary and a streamed operand"
    default = "sigma"
    kinds = ("matrix product", "fully connected", "convolution")
    arch_type, counts_type, reasons_type = Arch, Counts, Reasons
    reason_units = REASON_UNITS
    byte_parts = BYTES
    studies = (Study("sigma", "SIGMA's published products by draw, what each assumption is worth; 15 s", _study),)
    dram_contents = "all weights with their bitmap; inputs and outputs where the SRAM does not hold everything"
    delays = ("distribution_stages", "multiply_stages", "accumulate_stages", "stationary_bits")

    def problem(self, arch: Arch) -> str | None:
        """Why the numbers are impossible together."""
        if arch.multipliers & (arch.multipliers - 1):
            return f"multipliers is {arch.multipliers}; expected a power of two, the leaves of an adder tree"
        return None

    def units(self, arch: Arch) -> dict[str, int]:
        """How many of each part the machine has, for static power and area."""
        return {"machine": 1, "flex_dpe": arch.flex_dpes, "multiplier": arch.size}

    def formats(self, arch: Arch) -> Formats:  # noqa: ARG002
        """Matrix products in BF16; other layers become products."""
        return {
            "matrix product": ProductFormat("bf16"),
            "fully connected": FullyConnectedFormat(as_product=True),
            "convolution": ConvolutionFormat(as_product=True),
        }

    def figures(self, arch: Arch, cycles: int, counts: Counts) -> Figures:
        """Figures of merit. theoretical_cycles: pairs of non-zeros, spread evenly over all multipliers.

        load_balance: the share of cycles in which a Flex-DPE multiplies a column, mean over Flex-DPEs.
        """
        multiplies, gated = int(counts.multiplies.sum()), int(counts.gated.sum())
        ideal, slots = multiplies / arch.size, multiplies + gated
        share = 1 / max(1, cycles)
        return Figures(
            theoretical_cycles=ideal,
            multiplies=multiplies,
            load_balance=int(counts.column_steps.sum()) / arch.flex_dpes * share,
            more={"entries": slots, "padding_entries": gated, "utilisation": ideal * share},
        )

    def warnings(self, arch: Arch) -> Sequence[str]:
        """What the times of a run are of."""
        return () if arch.wait_for_dram else (NO_DRAM,)

    def unused(self, arch: Arch) -> Mapping[str, str]:
        """DRAM's rate where no fold waits for it."""
        return {} if arch.wait_for_dram else {"dram_bits_per_kcycle": "wait_for_dram 0"}

    def dram_bytes(self, arch: Arch, counts: Counts) -> int:  # noqa: ARG002
        """Bytes that a run moves between DRAM and chip."""
        return sum(int(getattr(counts, name).sum()) for name in BYTES)

    def roofline(self, arch: Arch, counts: Counts) -> Roofline:
        """Operations of two non-zeros, and bytes of DRAM; where no fold waits for it, those of the SRAM's port."""
        if arch.wait_for_dram:
            return Roofline(
                operations=2 * int(counts.multiplies.sum()),
                operations_per_cycle=2 * arch.size,
                bytes=self.dram_bytes(arch, counts),
                bytes_per_cycle=arch.dram_bits_per_kcycle / 8000,
                memory="DRAM",
            )
        return Roofline(
            operations=2 * int(counts.multiplies.sum()),
            operations_per_cycle=2 * arch.size,
            bytes=int(counts.port_bits.sum()) / 8,
            bytes_per_cycle=arch.port_bits / 8,
            memory="SRAM port",
        )

    def tracks(self, arch: Arch) -> list[Track]:
        """A track for each row of the trace."""
        return [
            *(Track("PE", f"Flex-DPE {k}", DpeLetter, DpeLetter.MULTIPLY) for k in range(arch.flex_dpes)),
            Track("port", "SRAM port", PortLetter, PortLetter.READ + PortLetter.BROADCAST),
            Track("memory", "DRAM", MemoryLetter, MemoryLetter.FETCH + MemoryLetter.WRITE),
        ]

    def layout(self, arch: Arch, layer: CompressedLayer) -> tuple[Streams, ...]:
        """One pass. InputError where the layer is of another kind or number format."""
        from simulator.machines.sigma.layout import layout

        return layout(arch, layer)

    def violations(self, arch: Arch, passes: Sequence[Streams]) -> list[str]:
        """What does not fit the SRAM; cycles are counted all the same."""
        from simulator.machines.sigma.layout import violations

        return violations(arch, tuple(passes))

    def run_model(self, arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
        """One pass on the SimPy model."""
        from simulator.machines.sigma.model.units import run

        return run(arch, streams, trace_cycles)

    def run_engine(self, arch: Arch, streams: Streams, trace_cycles: int = 0, output: bool = True) -> Run:
        """One pass on the compiled engine."""
        from simulator.machines.sigma.engine import run

        return run(arch, streams, trace_cycles, output)

    def tables(self, arch: Arch, passes: Sequence[Streams]) -> Sequence[Table]:
        """The folds of each slab."""
        from simulator.machines.sigma.report.tables import tables

        return tables(arch, passes)

    def mechanisms(self, arch: Arch) -> Sequence[Mechanism]:  # noqa: ARG002
        """What takes a run longer than its pairs of non-zeros over all multipliers."""
        from simulator.machines.sigma.report.mechanisms import MECHANISMS

        return MECHANISMS

    def critical_path(self, arch: Arch, passes: Sequence[Streams]) -> CriticalPath:
        """Waits, loads, columns and the drain, one after the other."""
        from simulator.machines.sigma.report.critical_path import critical_path

        return critical_path(arch, passes)

    def free_unit(self, arch: Arch, passes: Sequence[Streams], unit: str) -> tuple[Arch, Sequence[Streams]]:
        """A run without the time of loads, or of DRAM."""
        from simulator.machines.sigma.report.critical_path import free_unit

        return free_unit(arch, passes, unit)

    def paper(self) -> Paper:
        """The published cycles."""
        from simulator.machines.sigma.paper.paper import PAPER

        return PAPER


MACHINE = Sigma()
