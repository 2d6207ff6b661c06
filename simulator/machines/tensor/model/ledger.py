"""The model's log: which events happened, and what the memory moved when."""

from collections import Counter
from typing import NamedTuple

import numpy as np

from simulator.core.trace import TraceRecorder
from simulator.machines.tensor.arch import PRODUCTS, Arch, ArrayLetter, Counts, MemoryLetter, Reasons, VectorLetter
from simulator.machines.tensor.layout.storage import Precision, quantiser_events
from simulator.machines.tensor.layout.streams import Role, Stage, Step, Tile, Transfer, moved_lines

ARRAY, MEMORY, VECTOR = 0, 1, 2
"""Rows of the trace."""
AFTER: dict[Role, dict[str, int]] = {
    Role.OUTPUT: {},
    Role.GATE: {},
    Role.SQUARED: {"output_multiplies": 1},
    Role.GATED: {"output_multiplies": 3, "output_additions": 1, "exponentials": 1, "divisions": 1},
    Role.SHARE: {"output_multiplies": 1, "output_additions": 1},
}
"""Events of each sum on its way out. SiLU multiplies its exponent and its numerator; then the gate is multiplied."""


class Ledger(NamedTuple):
    """Events, the timeline of the array, and when reads and writes were under way: first cycle and the one after."""

    arch: Arch
    events: Counter[str]
    timeline: TraceRecorder
    reads: list[tuple[int, int]]
    writes: list[tuple[int, int]]

    def log_load(self, transfer: Transfer) -> None:
        """A part of an operand comes from DRAM."""
        part = transfer.part
        self.events["dram_weight_bytes" if transfer.weights else "dram_activation_bytes"] += part.codes
        self.events["dram_scale_bytes"] += part.scales
        self.events["dram_metadata_bytes"] += part.places
        self.events["operand_writes"] += part.bytes
        self.events["dram_lines"] += moved_lines(self.arch, transfer)

    def log_step(self, precision: Precision, tile: Tile, step: Step, pairs: int | None = None) -> None:
        """The array reads the operands of a step and multiplies each token with each output.

        pairs: products of an outer product of what is not zero, each added to its sum alone; None: there is none.
        """
        form, events, outputs = precision.form, self.events, len(tile.rows) * len(tile.columns)
        stored = precision.stored(len(step.places))
        events["array_cycles"] += step.cycles
        events["operand_reads"] += step.weights.bytes + step.activations.bytes
        additions = outputs * len(range(0, len(step.places), form.step))
        events[PRODUCTS[form.multiplier]] += outputs * stored if pairs is None else pairs
        events["accumulations"] += additions if pairs is None else pairs
        if form.decoded:
            events["decodes"] += len(tile.columns) * stored
            events["scale_multiplies"] += len(tile.columns) * stored if form.scale_bits else 0
        elif form.block:
            events["scale_multiplies"] += outputs * sum(place % form.block == 0 for place in step.places)

    def log_drain(self, precision: Precision, stage: Stage, tile: Tile) -> None:
        """The sums of a tile leave the array; what becomes of them stays in the SRAM or goes to DRAM."""
        outputs, events = len(tile.rows) * len(tile.columns), self.events
        events["output_multiplies"] += outputs if precision.form.tensor_scale else 0
        events["output_additions"] += outputs if stage.bias else 0
        events["operand_writes"] += tile.kept_bytes
        events["operand_reads"] += tile.read_bytes
        for event, times in AFTER[stage.role].items():
            events[event] += times * outputs
        quantised = tile.finished if self.arch.quantise_output else 0
        if stage.role in (Role.SQUARED, Role.GATED):
            quantised = len(tile.rows)
        maxima, reciprocals, multiplies = quantiser_events(precision.form, quantised, tile.columns)
        events["quantiser_maxima"] += maxima
        events["quantiser_reciprocals"] += reciprocals
        events["quantiser_multiplies"] += multiplies
        events["dram_output_bytes"] += tile.output.part.bytes
        events["dram_lines"] += moved_lines(self.arch, tile.output)

    def close(self, cycles: int) -> None:
        """Fill in what the memory did in each cycle of the run: reads come before writes."""
        read, write = (_under_way(spans, cycles) for spans in (self.reads, self.writes))
        for cycle in range(cycles):
            letter = MemoryLetter.READ if read[cycle] else MemoryLetter.WRITE if write[cycle] else MemoryLetter.IDLE
            self.timeline.fill(MEMORY, letter, cycle + 1)
        self.timeline.fill(VECTOR, VectorLetter.IDLE, cycles)  # from the last time that it did something on

    def counts(self) -> Counts:
        """The events as arrays."""
        return Counts(*(np.array([self.events[name]], np.int64) for name in Counts._fields))

    def reasons(self) -> Reasons:
        """Cycles of the array and of the memory by what they did."""
        count = self.timeline.count
        return Reasons(
            *(count(letter, range(ARRAY, ARRAY + 1)) for letter in ArrayLetter),
            *(count(letter, range(MEMORY, MEMORY + 1)) for letter in MemoryLetter),
            *(count(letter, range(VECTOR, VECTOR + 1)) for letter in VectorLetter),
        )


def _under_way(spans: list[tuple[int, int]], cycles: int) -> list[bool]:
    """Whether anything is under way in each cycle."""
    found = [False] * cycles
    for begin, end in spans:
        found[begin:end] = [True] * (end - begin)
    return found
