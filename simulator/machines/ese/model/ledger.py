"""The records of ESE's model: events and cycles of each unit."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from simulator.core.trace import TraceRecorder
from simulator.hardware.clock import Fifo
from simulator.machines.ese.arch import MEMORY_CHANNELS, Arch, Counts, Letter, Reasons

OF_PES = (
    "queue_pushes",
    "queue_pops",
    "entries",
    "padding",
    "multiplies",
    "accumulator_reads",
    "accumulator_writes",
)
OF_BUFFERS = ("pointer_reads", "weight_reads")
OF_MEMORY = ("buffer_lines", "dram_weight_lines", "dram_vector_lines", "dram_output_lines")
"""The events of PEs, buffers and memory; all other events are those of channels."""


class Ledger:
    """Records events by name and unit, and the cycles of each unit in the rows of a timeline."""

    def __init__(self, arch: Arch, voices: int):
        self.arch, self.voices = arch, voices
        self.events = {name: Counter[int]() for name in Counts._fields}
        sizes = {"pe": arch.channels * arch.pes, "memory": MEMORY_CHANNELS}
        self.rows, begin = dict[str, range](), 0
        for kind in ("pe", "feeder", "assembler", "element", "memory"):
            end = begin + sizes.get(kind, arch.channels)
            self.rows[kind], begin = range(begin, end), end
        self.timeline = TraceRecorder(begin)

    def record(self, event: str, unit: int, times: int = 1) -> None:
        """Count an event of a unit."""
        self.events[event][unit] += times

    def finish(self, cycles: int, queues: Sequence[Sequence[Fifo]], output_lines: int) -> None:
        """Complete the records at the end of the run: idle channels, events of the queues, lines of outputs."""
        for unit in self.rows["pe"][self.voices * self.arch.pes :]:
            self.timeline.fill(unit, Letter.NO_PRODUCT, cycles)
        for kind in ("feeder", "assembler", "element"):
            for unit in self.rows[kind][self.voices :]:
                self.timeline.fill(unit, Letter.IDLE, cycles)
        for unit, queue in enumerate(queue for channel in queues for queue in channel):
            self.record("queue_pushes", unit, queue.pushes)
            self.record("queue_pops", unit, queue.pops)
        self.record("dram_output_lines", 0, output_lines)

    def counts(self) -> Counts:
        """The events as arrays."""
        size = dict.fromkeys(OF_PES, self.arch.channels * self.arch.pes)
        size |= {**dict.fromkeys(OF_BUFFERS, self.arch.pes), **dict.fromkeys(OF_MEMORY, 1)}
        values = {
            name: np.array([times[unit] for unit in range(size.get(name, self.arch.channels))], np.int64)
            for name, times in self.events.items()
        }
        return Counts(**values)

    def reasons(self) -> Reasons:
        """The cycles of each unit by reason, counted from the timeline."""
        rows, count = self.rows, self.timeline.count
        return Reasons(
            busy=count(Letter.MULTIPLY + Letter.PADDING, rows["pe"]),
            empty_slice=count(Letter.EMPTY_SLICE, rows["pe"]),
            starved=count(Letter.STARVED, rows["pe"]),
            waiting=count(Letter.WAITING, rows["pe"]),
            no_product=count(Letter.NO_PRODUCT, rows["pe"]),
            broadcast=count(Letter.BROADCAST, rows["feeder"]),
            queue_full=count(Letter.QUEUE_FULL, rows["feeder"]),
            feeder_idle=count(Letter.IDLE, rows["feeder"]),
            assemble=count(Letter.ASSEMBLE, rows["assembler"]),
            assembler_idle=count(Letter.IDLE, rows["assembler"]),
            element=count(Letter.ELEMENT, rows["element"]),
            element_idle=count(Letter.IDLE, rows["element"]),
            fetch=count(Letter.FETCH, rows["memory"]),
            fifo_full=count(Letter.QUEUE_FULL, rows["memory"]),
            memory_idle=count(Letter.IDLE, rows["memory"]),
        )
