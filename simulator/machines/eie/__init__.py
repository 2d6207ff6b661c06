"""EIE, the Efficient Inference Engine (Han et al., ISCA 2016): sparse matrix times sparse vector."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from simulator.core.machine import Figures, Machine, Paper, Queue, Roofline, Track
from simulator.machines.eie.arch import REASON_UNITS, Arch, ControlLetter, Counts, PeLetter, Reasons
from workloads.document_types import Document
from workloads.extras import import_extra
from workloads.kinds.fully_connected.format import FullyConnectedFormat
from workloads.kinds.kind import CompressedLayer
from workloads.options import Formats
from workloads.study import Progress, Study

if TYPE_CHECKING:
    from simulator.core.mechanisms import CriticalPath, Mechanism, Rearrangement, Repruning
    from simulator.core.run import Run
    from simulator.hardware.dram.requests import Requests
    from simulator.machines.eie.layout.streams import Streams

SCALE_KEYS = "scale_across", "scale_width_bits", "scale_bytes"


def _real(seed: int, progress: Progress) -> Document:
    from simulator.machines.eie.paper.real_networks import study

    return study(seed, progress)


class Eie(Machine["Arch", "Streams"]):
    """EIE (ISCA 2016): see the roles in this folder."""

    name = "eie"
    about = "EIE (ISCA 2016): compressed sparse matrix times sparse vector, fully connected layers"
    default = "eie_64pe"
    kinds = ("fully connected",)
    arch_type, counts_type, reasons_type = Arch, Counts, Reasons
    reason_units = REASON_UNITS
    work, products = "issue an entry", ("entries", "padding")
    dram_contents = (
        "weights, pointers and scales, if their SRAM does not hold the layer; what fits is there before the run"
    )
    dram_events = ("dram_words",)
    delays = ("scan_fill", "pipeline_stages")
    studies = (
        Study(
            "real", "pretrained networks on EIE at falling densities: cycles, energy, accuracy (fetches wheels)", _real
        ),
    )

    def problem(self, arch: Arch) -> str | None:
        """Why the numbers are impossible together."""
        entry = arch.code_bits + arch.index_bits
        if arch.spmat_width_bits < entry:
            return f"spmat_width_bits is {arch.spmat_width_bits}; expected at least weight_bits + index_bits = {entry}"
        if arch.scale_width_bits < arch.weight_format.scale_bits:
            scale = arch.weight_format.scale_bits
            return f"scale_width_bits is {arch.scale_width_bits}; expected at least {scale}, the bits of a scale"
        return None

    def unused(self, arch: Arch) -> dict[str, str]:
        """What a number format has no use for."""
        form = f"weight_format {arch.weight_format.name}"
        no_scales = {} if arch.weight_format.block else dict.fromkeys(SCALE_KEYS, form)
        return no_scales | ({"weight_bits": form} if arch.weight_format.bits else {})

    def units(self, arch: Arch) -> dict[str, int]:
        """How many of each part the machine has, for static power and area."""
        nodes, width = 0, arch.pes
        while width > 1:
            width = -(-width // 4)
            nodes += width
        scaled = arch.pes if arch.weight_format.block else 0
        return {"machine": 1, "pe": arch.pes, "lnzd_node": max(1, nodes), "scale_sram": scaled}

    def formats(self, arch: Arch) -> Formats:
        """The machine's number format, and biases where it has them."""
        form = arch.weight_format
        across = arch.pes if form.block and arch.scale_across else 0
        wanted = FullyConnectedFormat(
            arch.weight_bits, preload_bias=bool(arch.preload_bias), weight_format=form.name, across=across
        )
        return {"fully connected": wanted}

    def figures(self, arch: Arch, cycles: int, counts: Counts) -> Figures:
        """The figures of merit that EIE's paper uses.

        theoretical_cycles: all entries, padding included, spread evenly over the PEs. load_balance: the share of
        cycles in
        which a PE issues an entry, mean over PEs (Figs 8 and 13). work_efficiency: real work over total work (Fig 12).
        """
        entries, padding = int(counts.entries.sum()), int(counts.padding.sum())
        return Figures(
            theoretical_cycles=entries / arch.pes,
            multiplies=int(counts.multiplies.sum()),
            load_balance=entries / (arch.pes * cycles),
            more={
                "entries": entries,
                "padding_entries": padding,
                "work_efficiency": (entries - padding) / entries if entries else 1.0,
            },
        )

    def lead(self, arch: Arch, run: Run, clock_mhz: float) -> Sequence[str]:
        """Where DRAM fills memories that are too small: its share of the time, which the paper leaves out."""
        if arch.dram is None or not run.counts.dram_words.any():
            return ()
        whole, waits = run.cycles / clock_mhz, int(run.reasons.dram.sum()) / clock_mhz
        return (
            f"{waits:,.4g} of {whole:,.4g} us are waits for DRAM, which fills memories that do not hold this layer; "
            f"the paper takes layers as if they fitted: --set dram=none, about {whole - waits:,.4g} us",
        )

    def dram_bytes(self, arch: Arch, counts: Counts) -> int:  # noqa: ARG002
        """Bytes that a run moves between DRAM and chip."""
        return 4 * int(counts.dram_words.sum())

    def roofline(self, arch: Arch, counts: Counts) -> Roofline:
        """Operations, and bytes of the memory that feeds the multipliers: entries out of the sparse-matrix SRAMs."""
        entry_bytes = (arch.code_bits + arch.index_bits) / 8
        return Roofline(
            operations=2 * int(counts.multiplies.sum()),
            operations_per_cycle=2 * arch.pes,
            bytes=entry_bytes * int(counts.entries.sum()),
            bytes_per_cycle=entry_bytes * arch.pes,
            memory="sparse-matrix SRAM",
        )

    def tracks(self, arch: Arch) -> list[Track]:
        """A track for each row of the trace."""
        pes = [Track("PE", f"PE {k}", PeLetter, PeLetter.MULTIPLY + PeLetter.PADDING) for k in range(arch.pes)]
        return [*pes, Track("control", "control", ControlLetter, ControlLetter.BROADCAST)]

    def layout(self, arch: Arch, layer: CompressedLayer) -> tuple[Streams, ...]:
        """One pass; with batching, one for each register file's worth of outputs. InputError for other layers."""
        from simulator.machines.eie.layout.streams import layout

        return layout(arch, layer)

    def violations(self, arch: Arch, passes: Sequence[Streams]) -> list[str]:
        """What does not fit the memories; cycles are counted all the same."""
        from simulator.machines.eie.layout.streams import violations

        return violations(arch, tuple(passes))

    def run_model(self, arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
        """One pass on the SimPy model."""
        from simulator.machines.eie.model import run

        return run(arch, streams, trace_cycles)

    def run_engine(self, arch: Arch, streams: Streams, trace_cycles: int = 0, output: bool = True) -> Run:
        """One pass on the compiled engine."""
        from simulator.machines.eie.engine import run, run_without_output

        return (run if output else run_without_output)(arch, streams, trace_cycles)

    def run_circuit(self, arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
        """One pass on the circuit. InputError where it lacks what the pass needs, or Amaranth is not installed."""
        import_extra("amaranth", "rtl", "circuit of eie")
        from simulator.machines.eie.circuit import run

        return run(arch, streams, trace_cycles)

    def queues(self, arch: Arch, passes: Sequence[Streams]) -> Sequence[Queue]:
        """The PEs' activation queues."""
        from simulator.machines.eie.report.queues import queues

        return queues(arch, tuple(passes))

    def dram_requests(self, arch: Arch, passes: Sequence[Streams]) -> Sequence[Requests]:
        """What a run asks of each DRAM channel."""
        from simulator.machines.eie.report.dram_requests import requests

        return requests(arch, passes)

    def mechanisms(self, arch: Arch) -> Sequence[Mechanism]:  # noqa: ARG002
        """What takes a run longer than its weights over all PEs."""
        from simulator.machines.eie.report.mechanisms import MECHANISMS

        return MECHANISMS

    def critical_path(self, arch: Arch, passes: Sequence[Streams]) -> CriticalPath:
        """The longest path through broadcasts and slices."""
        from simulator.machines.eie.report.critical_path import critical_path

        return critical_path(arch, passes)

    def free_unit(self, arch: Arch, passes: Sequence[Streams], unit: str) -> tuple[Arch, Sequence[Streams]] | None:
        """A run without a PE's entries, or without a limit; None for the broadcast."""
        from simulator.machines.eie.report.critical_path import BROADCAST, free_unit

        return None if unit == BROADCAST else free_unit(arch, passes, unit)

    def rearrange(self, arch: Arch, layer: CompressedLayer) -> Sequence[Rearrangement]:
        """The rows in another order over the PEs."""
        from simulator.machines.eie.report.row_order import rearrange

        return rearrange(arch, layer)

    def reprune(self, arch: Arch, layer: CompressedLayer) -> Sequence[Repruning]:
        """Without the smallest weights of the fuller PEs."""
        from simulator.machines.eie.report.pruning import reprune

        return reprune(arch, layer)

    def paper(self) -> Paper:
        """The figures of the machine's paper."""
        from simulator.machines.eie.paper.paper import PAPER

        return PAPER


MACHINE = Eie()
