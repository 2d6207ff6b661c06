"""Cambricon-S (MICRO 2018), and Cambricon-X (MICRO 2016) as a configuration: zeros are skipped by selectors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from simulator.core.machine import Figures, Machine, Paper, Queue, Roofline, Table, Track
from simulator.machines.cambricon.arch import (
    BYTES,
    REASON_UNITS,
    WEIGHT_BITS,
    Arch,
    Counts,
    PortLetter,
    Reasons,
    SelectorLetter,
)
from workloads.document_types import Document
from workloads.kinds.convolution.format import ConvolutionFormat
from workloads.kinds.fully_connected.format import FullyConnectedFormat
from workloads.kinds.kind import CompressedLayer
from workloads.options import Formats
from workloads.study import Progress, Study

if TYPE_CHECKING:
    from simulator.core.mechanisms import CriticalPath, Mechanism
    from simulator.core.run import Run
    from simulator.hardware.dram.requests import Requests
    from simulator.machines.cambricon.layout.streams import Streams

MOST_CODE_BITS = 8
"""Of a code of the front end's codebooks."""


def _curves(seed: int, progress: Progress) -> Document:
    from simulator.machines.cambricon.paper.curves import study

    return study(seed, progress)


class Cambricon(Machine["Arch", "Streams"]):
    """Cambricon-S and -X: see the roles in this folder."""

    name = "cambricon"
    about = (
        "Cambricon-S (MICRO 2018): zeros skipped by a shared selector, pruned in blocks; Cambricon-X is a configuration"
    )
    default = "cambricon_s"
    kinds = ("convolution", "fully connected")
    arch_type, counts_type, reasons_type = Arch, Counts, Reasons
    reason_units = REASON_UNITS
    byte_parts = BYTES
    dram_events = BYTES
    studies = (
        Study(
            "selectors", "Cambricon-S' Fig 21 and -X' Fig 19: speed-up over dense by what is kept (a minute)", _curves
        ),
    )
    dram_contents = "weights with their index, and inputs, as often as an order of loops loads them; outputs once"

    def problem(self, arch: Arch) -> str | None:
        """Why the numbers are impossible together."""
        if arch.weight_bits not in WEIGHT_BITS:
            return f"weight_bits is {arch.weight_bits}; expected one of {', '.join(map(str, WEIGHT_BITS))}"
        if arch.skip_activations and not arch.shared_selector:
            return (
                "skip_activations is 1 with shared_selector 0; expected 0: a PE's own selector does not see zero inputs"
            )
        return None

    def unused(self, arch: Arch) -> Mapping[str, str]:
        """Numbers of the index that is not used, and the window of synapses where all selected inputs are stored."""
        found = {} if arch.skip_activations else {"synapse_window": "skip_activations 0"}
        found |= {} if arch.dram is not None else {"dram_channels": "dram none"}
        if arch.shared_selector or not arch.skip_weights:
            why = "shared_selector 1" if arch.shared_selector else "skip_weights 0"
            found |= dict.fromkeys(("step_bits", "step_rows"), why)
        if not arch.shared_selector or not arch.skip_weights:
            found["index_bytes"] = "skip_weights 0" if arch.shared_selector else "shared_selector 0"
        return found

    def units(self, arch: Arch) -> dict[str, int]:
        """How many of each part the machine has, for static power and area."""
        parts = {"machine": 1, "pe": arch.pes, "selector": arch.selectors}
        return {**parts, "multiplier": arch.pes * arch.multipliers}

    def formats(self, arch: Arch) -> Formats:
        """Weights of the decoder's bits, pruned in blocks; a fully connected layer is a convolution of 1 x 1."""
        block = arch.pes if arch.prune_blocks else 1
        return {
            "convolution": ConvolutionFormat(weight_bits=arch.weight_bits, block_outputs=block),
            "fully connected": FullyConnectedFormat(
                as_convolution=True, weight_bits=min(arch.weight_bits, MOST_CODE_BITS), block_outputs=block
            ),
        }

    def figures(self, arch: Arch, cycles: int, counts: Counts) -> Figures:
        """Figures of merit. theoretical_cycles: pairs without a zero, spread evenly over all multipliers.

        load_balance: the share of cycles in which a selector reads a window of neurons, mean over all: one where it is
        shared.
        """
        multiplies, padding = int(counts.multiplies.sum()), int(counts.padding.sum())
        ideal = multiplies / (arch.pes * arch.multipliers)
        return Figures(
            theoretical_cycles=ideal,
            multiplies=multiplies,
            load_balance=int(counts.neuron_reads.sum()) / (arch.selectors * cycles),
            more={
                "entries": multiplies + padding,
                "padding_entries": padding,
                "utilisation": ideal / cycles,
            },
        )

    def dram_bytes(self, arch: Arch, counts: Counts) -> int:  # noqa: ARG002
        """Bytes that a run moves between DRAM and chip."""
        return sum(int(getattr(counts, part).sum()) for part in BYTES)

    def roofline(self, arch: Arch, counts: Counts) -> Roofline:
        """Operations without a zero, and bytes of DRAM, by the port or by the channels, whichever has less."""
        dram, rate = arch.dram, float(arch.chunk_bytes * arch.chunks_per_cycle)
        if dram is not None:
            rate = min(rate, arch.dram_channels * dram.line_bytes * dram.core_ps / (dram.bl * dram.tck_ps))
        return Roofline(
            operations=2 * int(counts.multiplies.sum()),
            operations_per_cycle=2 * arch.pes * arch.multipliers,
            bytes=self.dram_bytes(arch, counts),
            bytes_per_cycle=rate,
            memory="DRAM",
        )

    def tracks(self, arch: Arch) -> list[Track]:
        """A track for each row of the trace."""
        who = ["all PEs"] if arch.shared_selector else [f"PE {k}" for k in range(arch.pes)]
        return [
            *(Track("PE", f"selector of {one}", SelectorLetter, SelectorLetter.COMPUTE) for one in who),
            Track("port", "memory port", PortLetter, PortLetter.TRANSFER),
        ]

    def layout(self, arch: Arch, layer: CompressedLayer) -> tuple[Streams, ...]:
        """One pass over all tiles. InputError where the layer is of another kind, or makes too many jobs."""
        from simulator.machines.cambricon.layout.streams import layout

        return layout(arch, layer)

    def violations(self, arch: Arch, passes: Sequence[Streams]) -> list[str]:
        """What does not fit the decoder or NBin; cycles are counted all the same."""
        from simulator.machines.cambricon.layout.streams import violations

        return violations(arch, tuple(passes))

    def run_model(self, arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
        """One pass on the SimPy model."""
        from simulator.machines.cambricon.model.units import run

        return run(arch, streams, trace_cycles)

    def run_engine(self, arch: Arch, streams: Streams, trace_cycles: int = 0, output: bool = True) -> Run:
        """One pass on the compiled engine."""
        from simulator.machines.cambricon.engine.run import run, run_without_output

        return (run if output else run_without_output)(arch, streams, trace_cycles)

    def queues(self, arch: Arch, passes: Sequence[Streams]) -> Sequence[Queue]:
        """The slots of SB of each selector, and the halves of NBin."""
        from simulator.machines.cambricon.report.queues import queues

        return queues(arch, passes)

    def tables(self, arch: Arch, passes: Sequence[Streams]) -> Sequence[Table]:
        """How the layer is cut, and the bytes of each order."""
        from simulator.machines.cambricon.report.tables import tables

        return tables(arch, passes)

    def dram_requests(self, arch: Arch, passes: Sequence[Streams]) -> Sequence[Requests]:
        """Requests for weights, inputs and outputs, for each channel."""
        from simulator.machines.cambricon.report.dram_requests import requests

        return requests(arch, passes)

    def mechanisms(self, arch: Arch) -> Sequence[Mechanism]:  # noqa: ARG002
        """What takes a run longer than its products over all multipliers."""
        from simulator.machines.cambricon.report.mechanisms import MECHANISMS

        return MECHANISMS

    def critical_path(self, arch: Arch, passes: Sequence[Streams]) -> CriticalPath:
        """Jobs, and the weights, inputs or outputs that are waited for."""
        from simulator.machines.cambricon.report.critical_path import critical_path

        return critical_path(arch, passes)

    def free_unit(self, arch: Arch, passes: Sequence[Streams], unit: str) -> tuple[Arch, Sequence[Streams]]:
        """A run without the transfers of weights, inputs or outputs."""
        from simulator.machines.cambricon.layout.ideal import WITHOUT

        (streams,) = passes
        return arch, (WITHOUT[unit](streams),)

    def paper(self) -> Paper:
        """The figures of the machine's papers."""
        from simulator.machines.cambricon.paper.paper import PAPER

        return PAPER


MACHINE = Cambricon()
