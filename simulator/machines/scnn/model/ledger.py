"""The model's books: what was told of each unit, what the sums came to, and the run that they make."""

from collections import Counter

import numpy as np

from simulator.core.run import Run
from simulator.core.trace import Timeline
from simulator.hardware.clock import Fifo, Window
from simulator.hardware.tiling import finish
from simulator.machines.scnn.arch import Arch, Channel, Counts, Pe, Ppu, Reasons
from simulator.machines.scnn.layout.streams import Streams, dram_sum_bytes, dram_weight_bytes, output_bytes
from workloads.compression.run_length import to_run_lengths


class Ledger:
    """Events and letters of each PE, of the channel, and of the PPUs, in this order; and all sums that were sent."""

    def __init__(self, arch: Arch, streams: Streams):
        self.arch, self.streams = arch, streams
        self.events: list[Counter[str]] = [Counter() for _ in range(arch.pes + 1)]
        self.timeline = Timeline(arch.pes + 2)
        layer = streams.layer
        self.sums = np.zeros((layer.outputs, *layer.output_plane), object)

    def outputs(self) -> np.ndarray:
        """Sums and biases, wrapped around at 24 bits, saturated to 16; int16 [channels, rows, columns]."""
        return finish(self.streams.layer, self.sums, self.arch.sum_bits)

    def stored(self, outputs: np.ndarray) -> np.ndarray:
        """Entries in each PE's OARAM, int64 [pes]."""
        held = np.zeros(self.arch.pes, np.int64)
        for band in self.streams.planes.owned.tolist():
            for pe, (top, left, bottom, right) in enumerate(band):
                for plane in outputs[:, top:bottom, left:right]:
                    entries = to_run_lengths(plane.ravel(), self.arch.index_bits)[0].size
                    held[pe] += entries if self.arch.skip_activations else plane.size
        return held

    def counts(self, fifos: list[Window], banks: list[list[Fifo]], outputs: np.ndarray) -> Counts:
        """The books as arrays."""
        arch, streams, stored = self.arch, self.streams, self.stored(outputs)
        names = ("fifo_reads", "iaram_reads", "entries", "multiplies", "ppu_reads", "halo_sums")
        told = {name: np.array([book[name] for book in self.events[:-1]], np.int64) for name in names}
        return Counts(
            **told,
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
        """The letters, counted."""
        pes = self.arch.pes
        units = {Pe: range(pes), Channel: range(pes, pes + 1), Ppu: range(pes + 1, pes + 2)}
        told = {
            ("ppu_idle" if letter is Ppu.IDLE else letter.name.lower()): self.timeline.count(
                letter, units[type(letter)]
            )
            for kind in units
            for letter in kind
        }
        return Reasons(**told)

    def close(self, cycles: int, fifos: list[Window], banks: list[list[Fifo]], trace_cycles: int) -> Run:
        """The run that ends after `cycles`."""
        outputs = self.outputs()
        trace = self.timeline.letters(min(cycles, trace_cycles))
        return Run(cycles, outputs.ravel(), self.counts(fifos, banks, outputs), self.reasons(), trace)
