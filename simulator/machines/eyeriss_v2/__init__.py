"""Eyeriss v2 (Chen et al., JETCAS 2019): weights and inputs compressed in each PE, clusters on a hierarchical mesh."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from simulator.core.machine import Figures, Machine, Paper, Roofline, Table, Track
from simulator.machines.eyeriss_v2.arch import (
    REASON_UNITS,
    Arch,
    Counts,
    InputLetter,
    MemoryLetter,
    PeLetter,
    Reasons,
    SumLetter,
)
from workloads.kinds.convolution.format import ConvolutionFormat
from workloads.kinds.fully_connected.format import FullyConnectedFormat
from workloads.kinds.kind import CompressedLayer
from workloads.options import Formats

if TYPE_CHECKING:
    from simulator.core.mechanisms import CriticalPath, Mechanism
    from simulator.core.run import Run
    from simulator.machines.eyeriss_v2.layout.streams import Streams


class EyerissV2(Machine["Arch", "Streams"]):
    """Eyeriss v2 (JETCAS 2019): see the roles in this folder."""

    name = "eyeriss_v2"
    about = "Eyeriss v2 (JETCAS 2019): compressed columns of weights and inputs in each PE, a hierarchical mesh"
    default = "eyeriss_v2"
    kinds = ("convolution", "fully connected")
    arch_type, counts_type, reasons_type = Arch, Counts, Reasons
    reason_units = REASON_UNITS
    dram_contents = "weights, each time they are loaded; inputs, once or as often as they are delivered; all outputs"
    delays = ("fill_cycles",)
    roles = MappingProxyType(
        {
            "global_buffer": "ppu",
            "addresses": "pointer_buffers",
            "input_scratchpads": "activation_buffers",
            "weight_scratchpads": "weight_buffers",
            "mesh": "crossbar",
            "bubble": "empty_slice",
            "fill": "scan",
            "mesh_wait": "starved",
            "memory_wait": "dram_wait",
            "load_idle": "idle",
            "deliver": "vectors",
            "deliver_idle": "idle",
            "move_sums": "accumulators",
            "sums_idle": "idle",
        }
    )
    byte_parts = ("dram_weight_bytes", "dram_input_bytes", "dram_output_bytes")

    def problem(self, arch: Arch) -> str | None:
        """Why the numbers are impossible together."""
        for key in ("tile_outputs", "tile_inputs"):
            if getattr(arch, key) > 1 << arch.count_bits:
                reach = f"at most {1 << arch.count_bits}, what counts of {arch.count_bits} bits reach"
                return f"{key} is {getattr(arch, key)}; expected {reach}"
        return None

    def unused(self, arch: Arch) -> Mapping[str, str]:
        """All that takes time outside the PEs, where the mesh is ideal."""
        timing = ("input_ports", "weight_port_bits", "sum_port_bits", "dram_bytes_per_kcycle")
        return dict.fromkeys(timing, "ideal_mesh 1") if arch.ideal_mesh else {}

    def units(self, arch: Arch) -> dict[str, int]:
        """How many of each part the machine has, for static power and area."""
        return {"machine": 1, "cluster": arch.clusters, "pe": arch.pes, "multiplier": arch.pes * arch.simd}

    def formats(self, arch: Arch) -> Formats:
        """Convolutions of 8 bits; a fully connected layer is one of a plane of 1 x 1."""
        return {
            "convolution": ConvolutionFormat(bits=arch.weight_bits),
            "fully connected": FullyConnectedFormat(as_convolution=True),
        }

    def figures(self, arch: Arch, cycles: int, counts: Counts) -> Figures:
        """Figures of merit. theoretical_cycles: useful products over all multipliers."""
        multiplies, padding = int(counts.multiplies.sum()), int(counts.padding.sum())
        ideal = multiplies / (arch.pes * arch.simd)
        return Figures(
            theoretical_cycles=ideal,
            multiplies=multiplies,
            load_balance=int(counts.weight_reads.sum()) / (arch.pes * cycles) if cycles else 1.0,
            more={
                "entries": multiplies + padding,
                "padding_entries": padding,
                "utilisation": ideal / cycles if cycles else 1.0,
            },
        )

    def dram_bytes(self, arch: Arch, counts: Counts) -> int:  # noqa: ARG002
        """Bytes that a run moves between DRAM and chip."""
        return int(counts.dram_weight_bytes.sum() + counts.dram_input_bytes.sum() + counts.dram_output_bytes.sum())

    def roofline(self, arch: Arch, counts: Counts) -> Roofline:
        """Operations of two operands that are not zero, and bytes of DRAM."""
        return Roofline(
            operations=2 * int(counts.multiplies.sum()),
            operations_per_cycle=2 * arch.pes * arch.simd,
            bytes=self.dram_bytes(arch, counts),
            bytes_per_cycle=arch.dram_bytes_per_kcycle / 1000,
            memory="DRAM",
        )

    def tracks(self, arch: Arch) -> list[Track]:
        """A track for each row of the trace."""
        return [
            *(Track("PE", f"PE {k}", PeLetter, PeLetter.MULTIPLY) for k in range(arch.pes)),
            Track("memory", "path to DRAM", MemoryLetter, MemoryLetter.LOAD),
            Track("inputs", "mesh of inputs", InputLetter, InputLetter.DELIVER),
            Track("sums", "mesh of sums", SumLetter, SumLetter.MOVE),
        ]

    def layout(self, arch: Arch, layer: CompressedLayer) -> tuple[Streams, ...]:
        """One pass over the whole layer. InputError where the layer is of another kind."""
        from simulator.machines.eyeriss_v2.layout.streams import layout

        return layout(arch, layer)

    def run_model(self, arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
        """One pass on the SimPy model."""
        from simulator.machines.eyeriss_v2.model.units import run

        return run(arch, streams, trace_cycles)

    def run_engine(self, arch: Arch, streams: Streams, trace_cycles: int = 0, output: bool = True) -> Run:
        """One pass on the compiled engine."""
        from simulator.machines.eyeriss_v2.engine.run import run, run_without_output

        return (run if output else run_without_output)(arch, streams, trace_cycles)

    def tables(self, arch: Arch, passes: Sequence[Streams]) -> Sequence[Table]:
        """How the layer was divided over the PEs, and what its passes waited for."""
        from simulator.machines.eyeriss_v2.report.tables import tables

        return tables(arch, passes)

    def mechanisms(self, arch: Arch) -> Sequence[Mechanism]:  # noqa: ARG002
        """What takes a run longer than its products over all multipliers."""
        from simulator.machines.eyeriss_v2.report.mechanisms import MECHANISMS

        return MECHANISMS

    def critical_path(self, arch: Arch, passes: Sequence[Streams]) -> CriticalPath:
        """What each pass waits for."""
        from simulator.machines.eyeriss_v2.report.critical_path import critical_path

        return critical_path(arch, passes)

    def paper(self) -> Paper:
        """The figures of the machine's paper, and those of one PE."""
        from simulator.machines.eyeriss_v2.paper.paper import PAPER

        return PAPER


MACHINE = EyerissV2()
