"""ESE, the Efficient Speech Recognition Engine (Han et al., FPGA 2017): sparse LSTMs, many voices at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from simulator.core.machine import Figures, Machine, Paper, Queue, Roofline, Table, Track
from simulator.machines.ese.arch import MEMORY_CHANNELS, REASON_UNITS, Arch, Counts, Letter, Reasons, resources
from workloads.document_types import Document
from workloads.kinds.kind import CompressedLayer
from workloads.kinds.lstm.format import LstmFormat
from workloads.options import Formats
from workloads.study import Progress, Study

if TYPE_CHECKING:
    from simulator.core.mechanisms import CriticalPath, Mechanism, Repruning
    from simulator.core.run import Run
    from simulator.hardware.dram.requests import Requests
    from simulator.machines.ese.layout.streams import Streams


def _balance(seed: int, progress: Progress) -> Document:
    from simulator.machines.ese.paper.balance import study

    return study(seed, progress)


def _waits(seed: int, progress: Progress) -> Document:
    from simulator.machines.ese.paper.waits import study

    return study(seed, progress)


def _lstm(seed: int, progress: Progress) -> Document:
    from simulator.machines.ese.paper.real_lstm import study

    return study(seed, progress)


class Ese(Machine["Arch", "Streams"]):
    """ESE (FPGA 2017): see the roles in this folder."""

    name = "ese"
    about = "ESE (FPGA 2017): sparse LSTMs, many voices at once"
    default = "ese_32x32"
    kinds = ("LSTM",)
    arch_type, counts_type, reasons_type = Arch, Counts, Reasons
    reason_units = REASON_UNITS
    work, products = "issue an entry", ("entries", "padding")
    dram_contents = "all weights, pointers, biases, inputs and outputs"
    dram_events = ("dram_weight_lines", "dram_vector_lines")
    delays = ("pipeline_cycles", "line_cycles", "element_pipeline", "sigmoid_range", "tanh_range")
    studies = (
        Study(
            "balance",
            "load-balance-aware pruning: speed-up over dense with and without it, by PEs and by sparsity (a minute)",
            _balance,
        ),
        Study("waits", "ESE: where the time of each matrix goes, by mechanism (half a minute)", _waits),
        Study(
            "lstm",
            "a pretrained LSTM at falling densities: cycles, energy, distance from float (fetches a wheel)",
            _lstm,
        ),
    )

    def problem(self, arch: Arch) -> str | None:
        """Why the numbers are impossible together."""
        entry = arch.weight_bits + arch.index_bits
        if arch.unit_bits % entry:
            return f"unit_bits is {arch.unit_bits}; expected a multiple of weight_bits + index_bits = {entry}"
        if arch.line_bits % arch.unit_bits:
            return f"line_bits is {arch.line_bits}; expected a multiple of unit_bits = {arch.unit_bits}"
        if arch.line_bits % arch.input_path_bits:
            return f"line_bits is {arch.line_bits}; expected a multiple of input_path_bits = {arch.input_path_bits}"
        if arch.dram is not None and arch.line_bits % (8 * arch.dram.line_bytes):
            return (
                f"line_bits is {arch.line_bits}; expected a multiple of {8 * arch.dram.line_bytes}, a burst of the DRAM"
            )
        for key in ("table_points", "sigmoid_range", "tanh_range"):
            if getattr(arch, key).bit_count() != 1:
                return f"{key} is {getattr(arch, key)}; expected a power of 2"
        return None

    def unused(self, arch: Arch) -> Mapping[str, str]:
        """The time of a line where DRAM gives it."""
        return {} if arch.dram is None else {"line_cycles": "a dram"}

    def units(self, arch: Arch) -> dict[str, int]:
        """How many of each part the machine has, for static power and area."""
        return {
            "machine": 1,
            "channel": arch.channels,
            "pe": arch.channels * arch.pes,
            "memory_channel": MEMORY_CHANNELS,
        }

    def formats(self, arch: Arch) -> Formats:
        """Words, tables and balanced pruning for the machine's PEs; a sequence for each channel."""
        return {
            "LSTM": LstmFormat(
                weight_bits=arch.weight_bits,
                pes=arch.pes,
                table_points=arch.table_points,
                sigmoid_range=arch.sigmoid_range,
                tanh_range=arch.tanh_range,
                voices=arch.channels,
            )
        }

    def figures(self, arch: Arch, cycles: int, counts: Counts) -> Figures:
        """The figures of merit that ESE's paper uses.

        theoretical_cycles: one for each line of weights. load_balance: the share of cycles in which a PE issues an
        entry, mean over all PEs. work_efficiency: entries that are no padding. dsp_slices, block_rams: what the FPGA
        needs.
        """
        entries, padding = int(counts.entries.sum()), int(counts.padding.sum())
        return Figures(
            theoretical_cycles=int(counts.dram_weight_lines.sum()),
            multiplies=int(counts.multiplies.sum()),
            load_balance=entries / (arch.channels * arch.pes * cycles),
            more={
                "entries": entries,
                "padding_entries": padding,
                "work_efficiency": (entries - padding) / entries if entries else 1.0,
                **resources(arch),
            },
        )

    def dram_bytes(self, arch: Arch, counts: Counts) -> int:
        """Bytes that a run moves between DRAM and chip."""
        lines = counts.dram_weight_lines, counts.dram_vector_lines, counts.dram_output_lines
        return sum(int(part.sum()) for part in lines) * arch.line_bits // 8

    def roofline(self, arch: Arch, counts: Counts) -> Roofline:
        """Operations of all channels, and bytes that both memory channels move."""
        return Roofline(
            operations=2 * int(counts.multiplies.sum()),
            operations_per_cycle=2 * arch.channels * arch.pes,
            bytes=self.dram_bytes(arch, counts),
            bytes_per_cycle=MEMORY_CHANNELS * arch.line_bits / 8 / arch.line_cycles,
            memory="DRAM",
        )

    def tracks(self, arch: Arch) -> list[Track]:
        """A track for each row of the trace."""
        channels = range(arch.channels)
        busy = Letter.MULTIPLY + Letter.PADDING
        return [
            *(Track("PE", f"channel {c} PE {k}", Letter, busy) for c in channels for k in range(arch.pes)),
            *(Track("feeder", f"channel {c} feeder", Letter, Letter.BROADCAST) for c in channels),
            *(Track("assembler", f"channel {c} assembler", Letter, Letter.ASSEMBLE) for c in channels),
            *(Track("element-wise", f"channel {c} element-wise unit", Letter, Letter.ELEMENT) for c in channels),
            *(Track("memory", f"memory channel of {what}", Letter, Letter.FETCH) for what in ("weights", "vectors")),
        ]

    def layout(self, arch: Arch, layer: CompressedLayer) -> tuple[Streams, ...]:
        """A pass for each layer of the stack. InputError where the layer is of another kind."""
        from simulator.machines.ese.layout.streams import layout

        return layout(arch, layer)

    def violations(self, arch: Arch, passes: Sequence[Streams]) -> list[str]:
        """What does not fit the memories; cycles are counted all the same."""
        from simulator.machines.ese.layout.streams import violations

        return violations(arch, tuple(passes))

    def feed(self, streams: Streams, output: np.ndarray) -> Streams:
        """The next layer of the stack reads what the one below it gave, int16 [outputs]."""
        from simulator.machines.ese.layout.streams import feed

        return feed(streams, output)

    def run_model(self, arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
        """One pass on the SimPy model."""
        from simulator.machines.ese.model.units import run

        return run(arch, streams, trace_cycles)

    def run_engine(self, arch: Arch, streams: Streams, trace_cycles: int = 0, output: bool = True) -> Run:
        """One pass on the compiled engine."""
        from simulator.machines.ese.engine.run import run, run_without_output

        return (run if output else run_without_output)(arch, streams, trace_cycles)

    def queues(self, arch: Arch, passes: Sequence[Streams]) -> Sequence[Queue]:
        """The PEs' activation queues."""
        from simulator.machines.ese.report.queues import queues

        return queues(arch, tuple(passes))

    def tables(self, arch: Arch, passes: Sequence[Streams]) -> Sequence[Table]:
        """The schedule of a time step."""
        from simulator.machines.ese.report.tables import tables

        return tables(arch, tuple(passes))

    def dram_requests(self, arch: Arch, passes: Sequence[Streams]) -> Sequence[Requests]:
        """What a run asks of each DRAM channel."""
        from simulator.machines.ese.report.dram_requests import requests

        return requests(arch, passes)

    def mechanisms(self, arch: Arch) -> Sequence[Mechanism]:  # noqa: ARG002
        """What takes a run longer than its weights over all PEs."""
        from simulator.machines.ese.report.mechanisms import MECHANISMS

        return MECHANISMS

    def critical_path(self, arch: Arch, passes: Sequence[Streams]) -> CriticalPath:
        """The longest part of each slot, and the longest path through each product that is it."""
        from simulator.machines.ese.report.critical_path import critical_path

        return critical_path(arch, passes)

    def free_unit(self, arch: Arch, passes: Sequence[Streams], unit: str) -> tuple[Arch, Sequence[Streams]] | None:
        """A run without a unit or limit; None for the broadcast."""
        from simulator.machines.ese.report.critical_path import BROADCAST, free_unit

        return None if unit == BROADCAST else free_unit(arch, passes, unit)

    def reprune(self, arch: Arch, layer: CompressedLayer) -> Sequence[Repruning]:
        """Without the smallest weights of the fuller PEs of each matrix."""
        from simulator.machines.ese.report.pruning import reprune

        return reprune(arch, layer)

    def paper(self) -> Paper:
        """The figures of the machine's paper."""
        from simulator.machines.ese.paper.paper import PAPER

        return PAPER


MACHINE = Ese()
