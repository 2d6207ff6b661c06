"""The model's log: events of each PE and of the machine, letters of all units, and the result of a run."""

from collections import Counter

import numpy as np

from simulator.core.run import Run
from simulator.core.trace import TraceRecorder
from simulator.hardware.tiling import sums_to_outputs
from simulator.machines.eyeriss_v2.arch import Arch, Counts, InputLetter, MemoryLetter, PeLetter, Reasons, SumLetter
from simulator.machines.eyeriss_v2.layout.streams import Streams

OF_MACHINE = (
    "input_deliveries", "global_input_reads", "global_input_writes", "global_sum_reads", "global_sum_writes",
    "dram_weight_bytes", "dram_input_bytes", "dram_output_bytes",
)  # fmt: skip
"""Events that are not counted for each PE."""


class Ledger:
    """Units are the PEs, then the path to DRAM, the mesh of inputs and that of sums."""

    def __init__(self, arch: Arch, streams: Streams):
        self.arch, self.streams = arch, streams
        self.memory, self.inputs, self.sums = arch.pes, arch.pes + 1, arch.pes + 2
        self.events: list[Counter[str]] = [Counter() for _ in range(arch.pes)]
        self.machine: Counter[str] = Counter()
        self.timeline = TraceRecorder(arch.pes + 3)
        layer = streams.layer
        self.total = np.zeros((layer.outputs, *layer.output_plane), object)  # Python integers

    def all_pes(self, letter: str, now: float) -> None:
        """All PEs did `letter` up to now."""
        for pe in range(self.arch.pes):
            self.timeline.fill(pe, letter, now)

    def finish(self, cycles: int, trace_cycles: int) -> Run:
        """The result of the run."""
        for unit, letter in (
            (self.memory, MemoryLetter.IDLE),
            (self.inputs, InputLetter.IDLE),
            (self.sums, SumLetter.IDLE),
        ):
            self.timeline.fill(unit, letter, cycles)
        output = sums_to_outputs(self.streams.layer, self.total, self.arch.sum_bits).ravel()
        trace = self.timeline.letters(min(cycles, trace_cycles))
        return Run(cycles, output, self._counts(), self._reasons(), trace)

    def _counts(self) -> Counts:
        pes = {name: np.array([pe[name] for pe in self.events], np.int64) for name in Counts._fields}
        return Counts(**pes | {name: np.array([self.machine[name]], np.int64) for name in OF_MACHINE})

    def _reasons(self) -> Reasons:
        count, pes = self.timeline.count, range(self.arch.pes)
        others = (MemoryLetter, self.memory), (InputLetter, self.inputs), (SumLetter, self.sums)
        return Reasons(
            *(count(letter, pes) for letter in PeLetter),
            *(count(letter, range(unit, unit + 1)) for letters, unit in others for letter in letters),
        )
