"""The events and the reasons of a run, added up layer by layer."""

import numpy as np

from simulator.machines.edgedrnn.arch import (
    ADDITIONS,
    LOOKUPS,
    MULTIPLIES,
    SUMS,
    Arch,
    Counts,
    Reasons,
    activation_cycles,
)
from simulator.machines.edgedrnn.engine.timing import LayerTiming
from simulator.machines.edgedrnn.layout.streams import LayerStream

OF_CELLS = {
    "table_lookups": LOOKUPS,
    "element_multiplies": MULTIPLIES,
    "element_additions": ADDITIONS,
    "state_reads": 1,
    "state_writes": 1,
}
"""Events of a new state."""


class Tally:
    """Sums of events and of reasons."""

    def __init__(self, arch: Arch):
        self.arch = arch
        self.events = dict.fromkeys(Counts._fields, 0)
        self.cycles = dict.fromkeys(Reasons._fields, 0)
        self.multiplies, self.cells = np.zeros(arch.pes, np.int64), np.zeros(arch.pes, np.int64)
        self.beats = 0

    def add(self, layer: LayerStream, timing: LayerTiming) -> None:
        """A layer in a time step."""
        sent = timing.entry[timing.is_change]
        beats = int(layer.beats[sent].sum())
        self.beats += beats
        self.multiplies += layer.multiplies[sent].sum(axis=0)
        self.cells += np.bincount(np.arange(layer.cells) % self.arch.pes, minlength=self.arch.pes)
        for event, times in (
            ("elements", len(layer.beats)),
            ("column_requests", sent.size),
            ("delta_writes", sent.size),
            ("list_pushes", timing.entry.size),
            ("list_pops", timing.entry.size),
        ):
            self.events[event] += times
        self._add_reasons(layer, timing, sent.size, beats)

    def _add_reasons(self, layer: LayerStream, timing: LayerTiming, sent: int, beats: int) -> None:
        arch, count, streaming = self.arch, len(layer.beats), beats * self.arch.beat_cycles
        marks, activating = timing.entry.size - sent, activation_cycles(arch, layer.cells)
        filling = arch.encoder_cycles + arch.phase_cycles
        begin, request = timing.begin[timing.is_change], timing.request[timing.is_change]
        held = int((begin - request - arch.fetch_cycles).sum())
        streamed_before = np.concatenate([[0], timing.end[timing.is_change][:-1]])[: len(request)]
        overlap = int(np.maximum(streamed_before - request, 0).sum())  # requested in the last beat of the one before
        spent = {
            "scan": count - sent,
            "change": sent,
            "list_full": timing.stalled,
            "fill": filling,
            "encoder_idle": timing.cycles - count - timing.stalled - filling,
            "beat": streaming,
            "latency": sent * arch.fetch_cycles - overlap,
            "held": held,
            "memory_idle": timing.cycles - streaming - (sent * arch.fetch_cycles - overlap) - held,
            "multiply": beats,
            "end_mark": marks,
            "starved": timing.cycles - beats - marks - arch.pipeline_cycles - activating,
            "drain": arch.pipeline_cycles,
            "activate": activating,
        }
        for reason, cycles in spent.items():
            self.cycles[reason] += cycles

    def add_idle(self, cycles: int) -> None:
        """Cycles in which no unit does anything."""
        for reason in ("encoder_idle", "memory_idle", "starved"):
            self.cycles[reason] += cycles

    def add_vectors(self, inputs: int, outputs: int) -> None:
        """Inputs and outputs of the whole run, in elements."""
        self.events["dram_input_bytes"] = inputs * self.arch.activation_bits // 8
        self.events["dram_output_bytes"] = outputs * self.arch.activation_bits // 8

    def counts(self) -> Counts:
        """All events as arrays."""
        self.events["weight_beats"] = self.beats
        self.events["dram_weight_bytes"] = self.beats * self.arch.beat_bits // 8
        entries = np.full(self.arch.pes, self.beats, np.int64)
        of_pes = {
            "entries": entries,
            "padding": entries - self.multiplies,
            "multiplies": self.multiplies,
            "accumulator_reads": self.multiplies + SUMS * self.cells,
            "accumulator_writes": self.multiplies.copy(),
            **{event: times * self.cells for event, times in OF_CELLS.items()},
        }
        one = {name: np.array([times], np.int64) for name, times in self.events.items()}
        return Counts(**{**one, **of_pes})

    def reasons(self) -> Reasons:
        """All reasons as arrays."""
        return Reasons(**{name: np.array([cycles], np.int64) for name, cycles in self.cycles.items()})
