"""EdgeDRNN: its parameters, its events, and the reasons for its cycles."""

from enum import StrEnum
from typing import Annotated, NamedTuple

import numpy as np
from annotated_types import Interval

Flag = Annotated[int, Interval(ge=0, le=1)]
Cycles = Annotated[int, Interval(ge=0, le=4096)]
Threshold = Annotated[int, Interval(ge=0, le=1 << 15)]


class Arch(NamedTuple):
    """All parameters that decide cycles and counts."""

    pes: Annotated[int, Interval(ge=1, le=1024)]  # each multiplies one weight of a beat
    list_depth: Annotated[int, Interval(ge=1, le=1 << 16)]  # entries of the list of changes
    input_threshold: Threshold  # an input is sent where it changed by this or more, in 1/256
    state_threshold: Threshold  # a state likewise
    encoder_cycles: Annotated[int, Interval(ge=1, le=64)]  # from reading an element to its place in the list
    phase_cycles: Cycles  # of the encoder between a layer's inputs and its states
    fetch_cycles: Annotated[int, Interval(ge=1, le=4096)]  # from the request of a column to its first beat
    beat_cycles: Annotated[int, Interval(ge=1, le=64)]  # of a beat: a weight for each PE
    pipeline_cycles: Cycles  # of the PEs, from a layer's last product until it is added
    activation_steps: Annotated[int, Interval(ge=1, le=64)]  # cycles that a cell of each PE takes
    activation_pipeline: Cycles  # cycles until the last cells have left the PEs
    run_overhead: Annotated[int, Interval(ge=0, le=1 << 20)]  # cycles of a run outside its time steps, after the last
    sparse_columns: Flag  # 1: only weights that are not zero are stored, each PE's with an index
    index_bits: Annotated[int, Interval(ge=1, le=16)]  # of a weight of a sparse column
    weight_bits: Annotated[int, Interval(ge=8, le=8)]  # the kernel's words
    activation_bits: Annotated[int, Interval(ge=16, le=16)]  # the kernel's words
    sum_bits: Annotated[int, Interval(ge=24, le=24)]  # a sum wraps around at this width
    table_bits: Annotated[int, Interval(ge=1, le=8)]  # fraction bits of what sigmoid and tanh give
    most_cells: Annotated[int, Interval(ge=1, le=1 << 16)]  # of a layer: the memories' size
    most_layers: Annotated[int, Interval(ge=1, le=64)]  # that the memories hold

    @property
    def beat_bits(self) -> int:
        """Bits of a beat: of a weight for each PE, with its index where columns are sparse."""
        return self.pes * (self.weight_bits + self.sparse_columns * self.index_bits)


class Counts(NamedTuple):
    """How often each event happened: int64 [pes] of those that PEs do, else [1]."""

    elements: np.ndarray  # constants, inputs and states that the encoder compares
    column_requests: np.ndarray  # changes that are sent, each with a column of weights
    list_pushes: np.ndarray  # changes, and ends of inputs and of states that did not change
    list_pops: np.ndarray  # of entries, by the PEs
    delta_writes: np.ndarray  # values that the encoder keeps as sent
    weight_beats: np.ndarray  # that the memory streams
    entries: np.ndarray  # weights that a PE is given, padding included
    padding: np.ndarray  # of them, those of no cell, or zeros that make a sparse column's parts equal
    multiplies: np.ndarray  # of the others, each with a change
    accumulator_reads: np.ndarray  # of sums, before an addition and for the gates
    accumulator_writes: np.ndarray  # of sums after an addition
    table_lookups: np.ndarray  # of sigmoid and tanh
    element_multiplies: np.ndarray  # of gates, candidate and state
    element_additions: np.ndarray  # likewise
    state_reads: np.ndarray  # old states, for the new ones
    state_writes: np.ndarray  # new states
    dram_weight_bytes: np.ndarray  # columns that are sent, with indices
    dram_input_bytes: np.ndarray  # of the lowest layer
    dram_output_bytes: np.ndarray  # of the top layer


class Reasons(NamedTuple):
    """Cycles of each unit by reason: int64 [1]; the reasons of a unit add up to the run's cycles."""

    scan: np.ndarray  # encoder: an element that did not change enough
    change: np.ndarray  # encoder: an element that did
    list_full: np.ndarray  # encoder
    fill: np.ndarray  # encoder: its pipeline fills, or turns from inputs to states
    encoder_idle: np.ndarray  # encoder: the layer's last element is compared
    beat: np.ndarray  # memory: weights for each PE
    latency: np.ndarray  # memory: a column is requested, and its first beat has not come
    held: np.ndarray  # memory: the first beat waits until the PEs are free
    memory_idle: np.ndarray  # memory: no column is asked for
    multiply: np.ndarray  # PEs, all at once: a beat
    end_mark: np.ndarray  # PEs: the end of inputs or of states, where the last one did not change
    starved: np.ndarray  # PEs: wait for a change or for a beat
    drain: np.ndarray  # PEs: the last products pass the pipeline
    activate: np.ndarray  # PEs: gates and new states


REASON_UNITS = {
    "encoder": ("scan", "change", "list_full", "fill", "encoder_idle"),
    "memory": ("beat", "latency", "held", "memory_idle"),
    "PE": ("multiply", "end_mark", "starved", "drain", "activate"),
}
"""The reasons of each kind of unit, which add up to all cycles of its units."""
ENCODER, MEMORY, PES = range(3)
"""Rows of the trace."""


class EncoderLetter(StrEnum):
    """Letters of the encoder in the trace."""

    SCAN = "s"
    CHANGE = "c"
    LIST_FULL = "f"
    FILL = "-"
    IDLE = "."


class MemoryLetter(StrEnum):
    """Letters of the weights' memory in the trace."""

    BEAT = "b"
    LATENCY = "l"
    HELD = "h"
    IDLE = "."


class PeLetter(StrEnum):
    """Letters of the PEs, which do the same at all times."""

    MULTIPLY = "m"
    END_MARK = "e"
    STARVED = "w"
    DRAIN = "d"
    ACTIVATE = "a"


LOOKUPS = MULTIPLIES = ADDITIONS = 3
"""Of a cell: two sigmoids and tanh; r . Mh, u . h and (1 - u) . c; 1 - u, Mx + r . Mh and the sum of both parts."""
SUMS = 4
"""Of a cell: of the gates, and of the candidate from inputs and from states."""
GATES = 3


def groups(arch: Arch, cells: int) -> int:
    """How many cells of a layer the fullest PE has."""
    return -(-cells // arch.pes)


def activation_cycles(arch: Arch, cells: int) -> int:
    """Cycles in which the PEs compute gates and new states."""
    return arch.activation_steps * groups(arch, cells) + arch.activation_pipeline
