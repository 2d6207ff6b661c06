"""The model's records of events, cycles and sums, and the run that they make up."""

from collections import Counter

import numpy as np

from simulator.core.run import Run
from simulator.core.trace import TraceRecorder
from simulator.hardware.clock import Fifo, Window
from simulator.hardware.tiling import sums_to_outputs
from simulator.machines.scnn.arch import Arch, ChannelLetter, Counts, PeLetter, PpuLetter, Reasons
from simulator.machines.scnn.layout.streams import Streams, dram_sum_bytes, dram_weight_bytes, output_bytes
from workloads.compression.run_length import to_run_lengths


class Ledger:
    """Records the events and cycles of each PE, the memory channel, and the PPUs, in this order; and all sums."""

    def __init__(self, arch: Arch, streams: Streams):
        self.arch, self.streams = arch, streams
        self.events: list[Counter[str]] = [Counter() for _ in range(arch.pes + 1)]
        self.timeline = TraceRecorder(arch.pes + 2)
        layer = streams.layer
        self.sums = np.zeros((layer.outputs, *layer.output_plane), object)

    def outputs(self) -> np.ndarray:
        """The outputs, int16 [channels, rows, columns]: sums and biases, wrapped at 24 bits, saturated to 16."""
        return sums_to_outputs(self.streams.layer, self.sums, self.arch.sum_bits)

    def stored_entries(self, outputs: np.ndarray) -> np.ndarray:
        """The number of entries in each OARAM, int64 [pes], for outputs int16 [channels, rows, columns]."""
        stored = np.zeros(self.arch.pes, np.int64)
        for band in self.streams.planes.owned.tolist():
            for pe, (top, left, bottom, right) in enumerate(band):
                for plane in outputs[:, top:bottom, left:right]:
                    entries = to_run_lengths(plane.ravel(), self.arch.index_bits)[0].size
                    stored[pe] += entries if self.arch.skip_activations else plane.size
        return stored

    def counts(self, fifos: list[Window], banks: list[list[Fifo]], outputs: np.ndarray) -> Counts:
        """The events as arrays.

        fifos, banks: the queues of weights and products; outputs int16 [channels, rows, columns].
        """
        arch, streams, stored = self.arch, self.streams, self.stored_entries(outputs)
        names = ("fifo_reads", "iaram_reads", "entries", "multiplies", "ppu_reads", "halo_sums")
        values = {name: np.array([pe[name] for pe in self.events[:-1]], np.int64) for name in names}
        return Counts(
            **values,
            broadcasts=np.array([self.events[-1]["broadcasts"]], np.int64),
            dram_weight_bytes=np.array([dram_weight_bytes(arch, streams)], np.int64),
            dram_sum_bytes=np.array([dram_sum_bytes(arch, streams)], np.int64),
            fifo_writes=np.array([fifo.pushes for fifo in fifos], np.int64),
            scatters=np.array([sum(queue.pushes for queue in queues) for queues in banks], np.int64),
            accumulations=np.array([sum(queue.pops for queue in queues) for queues in banks], np.int64),
            oaram_writes=stored,
            dram_input_bytes=streams.input_bytes,
            dram_output_bytes=output_bytes(arch, stored),
        )

    def reasons(self) -> Reasons:
        """The cycles of each unit by reason, counted from the timeline."""
        pes = self.arch.pes
        units = {PeLetter: range(pes), ChannelLetter: range(pes, pes + 1), PpuLetter: range(pes + 1, pes + 2)}
        values = {
            ("ppu_idle" if letter is PpuLetter.IDLE else letter.name.lower()): self.timeline.count(
                letter, units[type(letter)]
            )
            for kind in units
            for letter in kind
        }
        return Reasons(**values)

    def finish(self, cycles: int, fifos: list[Window], banks: list[list[Fifo]], trace_cycles: int) -> Run:
        """The run, which ends after `cycles`; the trace holds its first `trace_cycles`."""
        outputs = self.outputs()
        trace = self.timeline.letters(min(cycles, trace_cycles))
        return Run(cycles, outputs.ravel(), self.counts(fifos, banks, outputs), self.reasons(), trace)
