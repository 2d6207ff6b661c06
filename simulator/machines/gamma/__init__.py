"""GAMMA (Zhang et al., ASPLOS 2021): sparse times sparse, row after row, with mergers and a cache of rows."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from simulator.core.machine import Figures, Machine, Paper, Roofline, Table, Track
from simulator.machines.gamma.arch import REASON_UNITS, Arch, CacheLetter, Counts, MemoryLetter, PeLetter, Reasons
from workloads.document_types import Document
from workloads.kinds.kind import CompressedLayer
from workloads.kinds.sparse_product.format import SparseFormat
from workloads.options import Formats
from workloads.study import Progress, Study

if TYPE_CHECKING:
    from simulator.core.mechanisms import Mechanism
    from simulator.core.run import Run
    from simulator.machines.gamma.layout import Streams

BYTES = ("dram_a_bytes", "dram_b_bytes", "dram_partial_bytes", "dram_output_bytes")


def _study(seed: int, progress: Progress) -> Document:
    from simulator.machines.gamma.paper.study import study

    return study(seed, progress)


class Gamma(Machine["Arch", "Streams"]):
    """GAMMA (ASPLOS 2021): see the roles in this folder."""

    name = "gamma"
    about = "GAMMA (ASPLOS 2021): sparse matrices times sparse matrices, mergers and a cache of rows"
    default = "gamma"
    kinds = ("sparse product",)
    arch_type, counts_type, reasons_type = Arch, Counts, Reasons
    reason_units = REASON_UNITS
    byte_parts = BYTES
    work = "merge"
    products = ("merged elements", "of partial rows")
    roles = MappingProxyType({
        "merge": "multiply", "line_wait": "weight_wait", "no_task": "finished", "access": "busy",
        "conflict": "bank_stall", "cache_idle": "idle", "move": "transfer", "merger": "adder_tree",
    })  # fmt: skip
    studies = (Study("gamma", "drawn power-law matrices: time, traffic, sizes of the FiberCache; 30 s", _study),)
    dram_contents = "A once, lines of B that the FiberCache does not have, partial rows that leave it, finished rows"
    delays = ("cache_latency", "dram_latency", "coordinate_bytes", "value_bytes")

    def problem(self, arch: Arch) -> str | None:
        """Why the numbers are impossible together."""
        if not arch.line_elements:
            return f"line_bytes is {arch.line_bytes}; expected at least an element, {arch.element_bytes} bytes"
        if not arch.sets:
            least = arch.cache_ways * arch.cache_banks * arch.line_bytes
            return f"cache_bytes is {arch.cache_bytes}; expected at least {least}, a set of each bank"
        return None

    def units(self, arch: Arch) -> dict[str, int]:
        """How many of each part the machine has, for static power and area."""
        return {"machine": 1, "pe": arch.pes}

    def formats(self, arch: Arch) -> Formats:  # noqa: ARG002
        """Values of 16 bits, exact in FP64."""
        return {"sparse product": SparseFormat()}

    def figures(self, arch: Arch, cycles: int, counts: Counts) -> Figures:
        """Figures of merit. theoretical_cycles: products, one a cycle in each PE.

        load_balance: the share of cycles in which a PE merges, mean over PEs.
        """
        multiplies, merges, share = int(counts.multiplies.sum()), int(counts.merges.sum()), 1 / max(1, cycles)
        return Figures(
            theoretical_cycles=multiplies / arch.pes,
            multiplies=multiplies,
            load_balance=merges / arch.pes * share,
            more={
                "entries": merges,
                "padding_entries": merges - multiplies,
                "utilisation": multiplies / arch.pes * share,
            },
        )

    def dram_bytes(self, arch: Arch, counts: Counts) -> int:  # noqa: ARG002
        """Bytes that a run moves between DRAM and chip."""
        return sum(int(getattr(counts, name).sum()) for name in BYTES)

    def roofline(self, arch: Arch, counts: Counts) -> Roofline:
        """A multiply and an add for each product, and bytes of DRAM."""
        return Roofline(
            operations=2 * int(counts.multiplies.sum()),
            operations_per_cycle=2 * arch.pes,
            bytes=self.dram_bytes(arch, counts),
            bytes_per_cycle=arch.dram_bits_per_kcycle / 8000,
            memory="DRAM",
        )

    def tracks(self, arch: Arch) -> list[Track]:
        """A track for each row of the trace."""
        return [
            *(Track("PE", f"PE {k}", PeLetter, PeLetter.MERGE) for k in range(arch.pes)),
            Track("cache", "FiberCache", CacheLetter, CacheLetter.ACCESS + CacheLetter.CONFLICT),
            Track("memory", "DRAM", MemoryLetter, MemoryLetter.MOVE),
        ]

    def layout(self, arch: Arch, layer: CompressedLayer) -> tuple[Streams, ...]:
        """One pass. InputError where the layer is of another kind."""
        from simulator.machines.gamma.layout import layout

        return layout(arch, layer)

    def run_model(self, arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
        """One pass on the SimPy model."""
        from simulator.machines.gamma.model.units import run

        return run(arch, streams, trace_cycles)

    def run_engine(self, arch: Arch, streams: Streams, trace_cycles: int = 0, output: bool = True) -> Run:
        """One pass on the compiled engine."""
        from simulator.machines.gamma.engine.run import run

        return run(arch, streams, trace_cycles, output)

    def tables(self, arch: Arch, passes: Sequence[Streams]) -> Sequence[Table]:
        """Rows of A by the tasks that they take."""
        from simulator.machines.gamma.report.tables import tables

        return tables(arch, passes)

    def mechanisms(self, arch: Arch) -> Sequence[Mechanism]:  # noqa: ARG002
        """What takes a run longer than its products over all PEs."""
        from simulator.machines.gamma.report.mechanisms import MECHANISMS

        return MECHANISMS

    def paper(self) -> Paper:
        """The published times, of the named matrices' files."""
        from simulator.machines.gamma.paper.paper import PAPER

        return PAPER


MACHINE = Gamma()
