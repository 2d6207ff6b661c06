"""A tensor engine: an array of dot units for dense matrix products in any number format, as in today's accelerators."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from simulator.core.machine import Figures, Machine, Paper, Roofline, Track
from simulator.machines.tensor.arch import (
    REASON_UNITS,
    STEP,
    Arch,
    ArrayLetter,
    Counts,
    MemoryLetter,
    Reasons,
    VectorLetter,
)
from simulator.machines.tensor.rates import ideal_cycles, operand_bytes, peak_products, products_of
from simulator.machines.tensor.studies import STUDIES
from workloads.kinds import expect
from workloads.kinds.attention.format import AttentionFormat
from workloads.kinds.attention.layer import CompressedAttention
from workloads.kinds.convolution.format import ConvolutionFormat
from workloads.kinds.experts.layer import CompressedExperts
from workloads.kinds.fully_connected.format import FullyConnectedFormat
from workloads.kinds.kind import CompressedLayer
from workloads.kinds.matrix_product.format import ProductFormat
from workloads.kinds.matrix_product.layer import CompressedProduct
from workloads.kinds.state_space.format import StateSpaceFormat
from workloads.kinds.state_space.layer import CompressedStateSpace
from workloads.options import Formats

if TYPE_CHECKING:
    from simulator.core.mechanisms import Mechanism
    from simulator.core.run import Run
    from simulator.machines.tensor.layout.attention import AttentionStreams
    from simulator.machines.tensor.layout.state_space import StateStreams
    from simulator.machines.tensor.layout.streams import Streams

    Passes = Streams | AttentionStreams | StateStreams

BYTES = (
    "dram_weight_bytes", "dram_scale_bytes", "dram_metadata_bytes", "dram_activation_bytes", "dram_key_bytes",
    "dram_value_bytes", "dram_state_bytes", "dram_output_bytes",
)  # fmt: skip

PRICES_ARE_GUESSES = (
    "Prices are guesses of public simulators for 45 nm, so that only ratios between runs mean something: "
    "no joule, no watt"
)
NO_DRAM = (
    "The configuration has no DRAM: times, theoretical ones and those of a roofline too, are of units and operand SRAM "
    "alone, as if all operands were on the chip"
)


class Tensor(Machine["Arch", "Passes"]):
    """The modern dense baseline: see the roles in this folder."""

    name = "tensor"
    about = (
        "a tensor engine: dense matrix products in a number format (NVFP4, FP8, INT4 ...), 2:4; attention, experts, "
        "state spaces"
    )
    default = "tensor"
    kinds = ("matrix product", "fully connected", "convolution", "attention", "experts", "state space")
    arch_type, counts_type, reasons_type = Arch, Counts, Reasons
    reason_units = REASON_UNITS
    delays, prices_only = ("pipeline_stages",), ("dram_fj_per_bit",)
    work = "multiply"
    byte_parts = BYTES
    studies = STUDIES
    dram_contents = (
        "weights and activations with their scales, as often as they are loaded; outputs once; states read and written"
    )

    def problem(self, arch: Arch) -> str | None:
        """Why the numbers are impossible together."""
        if arch.tile_k % STEP:
            return f"tile_k is {arch.tile_k}; expected a multiple of {STEP}, which every dot unit adds in whole steps"
        if arch.dual_side and (arch.two_of_four or arch.skip_zero_inputs):
            return "dual_side is 1; expected 0 with two_of_four or skip_zero_inputs, which store weights in other ways"
        if arch.dual_side:
            from simulator.machines.tensor.layout.dual_side import wanted_format

            if (asked := wanted_format(arch.weight_format)) is not None:
                return f"weight_format is {arch.weight_format.name}; expected {asked}"
        return None

    def unused(self, arch: Arch) -> dict[str, str]:
        """Products a cycle of other widths than the format's, and the memory's numbers where there is none."""
        form = arch.weight_format
        others = {f"depth_{bits}bit": f"weight_format {form.name}" for bits in (4, 8, 16) if bits != form.width}
        return others if arch.dram is not None else {**others, "memory_channels": "dram none"}

    def units(self, arch: Arch) -> dict[str, int]:
        """How many of each part the machine has, for static power and area."""
        return {"machine": 1, "dot_unit": arch.arrays * arch.rows * arch.columns}

    def formats(self, arch: Arch) -> Formats:
        """Matrix products and experts in the machine's number format; other layers become products."""
        form = ProductFormat(arch.weight_format.name, bool(arch.two_of_four))
        return {
            "matrix product": form,
            "experts": form,
            "fully connected": FullyConnectedFormat(as_product=True),
            "convolution": ConvolutionFormat(as_product=True),
            "attention": AttentionFormat(
                arch.cache_format.name, arch.tile_queries, arch.block_keys, arch.skip_thousandths
            ),
            "state space": StateSpaceFormat(arch.state_format.name),
        }

    def figures(self, arch: Arch, cycles: int, counts: Counts) -> Figures:
        """Figures of merit. theoretical_cycles: every dot unit multiplies in every cycle.

        load_balance: the share of cycles in which the array, its one PE, multiplies; of two arrays, the mean; of a
        state space, in which the vector unit updates states. utilisation: the share of all products that the units
        could compute in the run; dot units without an output and steps that end early lower it. skipped_share: of
        attention, the share of blocks of keys whose values are not read.
        """
        products, blocks = products_of(counts), int(counts.blocks.sum())
        ideal = float(ideal_cycles(arch, counts))
        share = ideal / cycles if cycles else 1.0
        working = int(counts.array_cycles.sum()) / arch.arrays + int(counts.update_cycles.sum())
        busy = working / cycles if cycles else 1.0
        skipped = {"skipped_share": int(counts.blocks_skipped.sum()) / blocks} if blocks else {}
        return Figures(ideal, products, busy, more={"utilisation": share, **skipped})

    def warnings(self, arch: Arch) -> Sequence[str]:
        """What the energies of a run are worth, and its times where there is no memory to wait for."""
        return (PRICES_ARE_GUESSES,) if arch.dram is not None else (PRICES_ARE_GUESSES, NO_DRAM)

    def dram_bytes(self, arch: Arch, counts: Counts) -> int:  # noqa: ARG002
        """Bytes that a run moves between DRAM and chip."""
        return sum(int(getattr(counts, name).sum()) for name in BYTES)

    def roofline(self, arch: Arch, counts: Counts) -> Roofline:
        """Operations of stored weights, and bytes of DRAM; without one, of operands that the units read."""
        if arch.dram is None:
            return Roofline(
                operations=2 * products_of(counts),
                operations_per_cycle=2 * peak_products(arch, counts),
                bytes=int(counts.operand_reads.sum()),
                bytes_per_cycle=operand_bytes(arch, counts),
                memory="operand SRAM",
            )
        from simulator.machines.tensor.layout.storage import peak_bytes

        return Roofline(
            operations=2 * products_of(counts),
            operations_per_cycle=2 * peak_products(arch, counts),
            bytes=self.dram_bytes(arch, counts),
            bytes_per_cycle=peak_bytes(arch),
            memory="DRAM",
        )

    def tracks(self, arch: Arch) -> list[Track]:  # noqa: ARG002
        """A track for each row of the trace."""
        working = VectorLetter.MAXIMUM + VectorLetter.EXPONENTIAL + VectorLetter.UPDATE
        return [
            Track("PE", "array of dot units", ArrayLetter, ArrayLetter.COMPUTE),
            Track("memory", "DRAM", MemoryLetter, MemoryLetter.READ + MemoryLetter.WRITE),
            Track("vector unit", "vector unit", VectorLetter, working),
        ]

    def layout(self, arch: Arch, layer: CompressedLayer) -> tuple[Passes, ...]:
        """One pass. InputError where the layer is of another kind or format."""
        if isinstance(layer, CompressedAttention):
            from simulator.machines.tensor.layout.attention import layout_attention

            return layout_attention(arch, layer)
        if isinstance(layer, CompressedStateSpace):
            from simulator.machines.tensor.layout.state_space import layout_state_space

            return layout_state_space(arch, layer)
        if isinstance(layer, CompressedExperts):
            from simulator.machines.tensor.layout.experts import layout_experts

            return layout_experts(arch, layer)
        from simulator.machines.tensor.layout.product import layout_product

        return layout_product(arch, expect(layer, CompressedProduct, "the tensor engine"))

    def mechanisms(self, arch: Arch) -> Sequence[Mechanism]:  # noqa: ARG002
        """What takes a run longer than its products over all dot units."""
        from simulator.machines.tensor.report.mechanisms import mechanisms

        return mechanisms(self.layout, self.run_engine)

    def violations(self, arch: Arch, passes: Sequence[Passes]) -> list[str]:
        """What does not fit the operand SRAM; cycles are counted all the same."""
        from simulator.machines.tensor.layout.streams import violations

        return violations(arch, passes)

    def run_model(self, arch: Arch, streams: Passes, trace_cycles: int = 0) -> Run:
        """On the SimPy model."""
        from simulator.machines.tensor.layout.attention import AttentionStreams
        from simulator.machines.tensor.layout.state_space import StateStreams

        if isinstance(streams, AttentionStreams):
            from simulator.machines.tensor.layout.folding import fold_attention
            from simulator.machines.tensor.model.attention import run as run_attention

            return run_attention(fold_attention(arch, streams.folds), streams, trace_cycles)
        if isinstance(streams, StateStreams):
            from simulator.machines.tensor.model.state_space import run as run_state_space

            return run_state_space(arch, streams, trace_cycles)
        from simulator.machines.tensor.model.units import run

        return run(arch, streams, trace_cycles)

    def run_engine(self, arch: Arch, streams: Passes, trace_cycles: int = 0, output: bool = True) -> Run:
        """On the compiled engine."""
        from simulator.machines.tensor.layout.attention import AttentionStreams
        from simulator.machines.tensor.layout.state_space import StateStreams

        if isinstance(streams, AttentionStreams):
            from simulator.machines.tensor.engine.attention import run_attention
            from simulator.machines.tensor.layout.folding import fold_attention

            return run_attention(fold_attention(arch, streams.folds), streams, trace_cycles, output)
        if isinstance(streams, StateStreams):
            from simulator.machines.tensor.engine.state_space import run_state_space

            return run_state_space(arch, streams, trace_cycles, output)
        from simulator.machines.tensor.engine.run import run

        return run(arch, streams, trace_cycles, output)

    def paper(self) -> Paper:
        """The published figures of sparse tensor cores."""
        from simulator.machines.tensor.paper.paper import PAPER

        return PAPER


MACHINE = Tensor()
