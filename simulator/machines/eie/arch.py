"""EIE: its numbers, its events, the reasons of its cycles."""

from enum import StrEnum
from typing import Annotated, NamedTuple

import numpy as np
from annotated_types import Interval

from simulator.hardware.dram.component import MEMORY
from simulator.hardware.dram.spec import Dram

Flag = Annotated[int, Interval(ge=0, le=1)]


class Arch(NamedTuple):
    """All that decides cycles and counts. Sizes are per PE."""

    pes: Annotated[int, Interval(ge=1, le=16384)]  # processing elements; output i and input i are on PE i mod pes
    queue_depth: Annotated[int, Interval(ge=1, le=1 << 20)]  # ring slots; a ring holds one less; 1 = lockstep
    scan_fill: Annotated[int, Interval(ge=0, le=64)]  # cycles from the start of a scan to its first broadcast
    pipeline_stages: Annotated[int, Interval(ge=1, le=64)]  # arithmetic stages behind the sparse-matrix read
    weight_bits: Annotated[int, Interval(ge=1, le=8)]  # of a code: an index into the codebook
    index_bits: Annotated[int, Interval(ge=1, le=8)]  # of the count of zeros before an entry
    spmat_width_bits: Annotated[int, Interval(ge=2, le=1 << 16)]  # of a row of the sparse-matrix SRAM
    spmat_bytes: Annotated[int, Interval(ge=1, le=1 << 34)]  # of the sparse-matrix SRAM: entries
    pointer_bits: Annotated[int, Interval(ge=1, le=64)]  # of a pointer: where a slice begins
    pointer_bytes: Annotated[int, Interval(ge=1, le=1 << 34)]  # of the pointer SRAM, both banks together
    activation_bits: Annotated[int, Interval(ge=16, le=16)]  # the kernels' word
    activation_registers: Annotated[int, Interval(ge=1, le=1 << 20)]  # of each register file: source, destination
    activation_sram_width_bits: Annotated[int, Interval(ge=1, le=1 << 16)]  # read or written in a cycle
    activation_sram_bytes: Annotated[int, Interval(ge=1, le=1 << 34)]  # used with batching
    batching: Flag  # 1: vectors longer than the register files run in batches through the activation SRAM
    dram: Annotated[Dram | None, MEMORY]  # fills memories that do not hold the layer


LOWEST, HIGHEST = -(1 << 15), (1 << 15) - 1
"""The ends of a 16-bit accumulator, at which sums saturate."""


class Counts(NamedTuple):
    """How often each event happened: int64 arrays, [1] for the central control, [pes] for the others."""

    broadcasts: np.ndarray  # control: non-zero activations (and the bias) sent to all PEs
    scan_bubbles: np.ndarray  # control: cycles in which a group of activations turned out to be exhausted
    queue_pushes: np.ndarray  # PE: a broadcast enters its queue
    queue_pops: np.ndarray  # PE: it takes the next column
    pointer_reads: np.ndarray  # both banks at once: where a column's slice begins and ends
    spmat_row_reads: np.ndarray  # PE: a row of entries, unless it is the one kept
    entries: np.ndarray  # entries issued, padding included
    padding: np.ndarray  # of which padding: a cycle and a byte, but no multiply and no write
    codebook_lookups: np.ndarray  # PE: a code becomes a 16-bit weight
    multiplies: np.ndarray  # PE
    accumulator_reads: np.ndarray  # PE: destination register file
    accumulator_writes: np.ndarray  # PE: destination register file
    activation_reads: np.ndarray  # source register file, by the scan
    activation_writes: np.ndarray  # destination register file, by ReLU on the way out
    activation_sram_reads: np.ndarray  # batching only
    activation_sram_writes: np.ndarray  # batching only
    dram_words: np.ndarray  # 32-bit words with which DRAM fills memories that do not hold the layer


class Reasons(NamedTuple):
    """Cycles of each unit by what it did: PEs first, then the control; each kind adds up to the run's cycles."""

    busy: np.ndarray  # PE: issues an entry
    empty_slice: np.ndarray  # PE: serves a column in which it has no entry
    starved: np.ndarray  # PE: its queue is empty, or nothing was broadcast yet
    write_back: np.ndarray  # PE: outputs to the activation SRAM (batching only)
    finished: np.ndarray  # PE: nothing left to issue: its pipeline empties, or other units still work
    broadcast: np.ndarray  # control
    scan: np.ndarray  # control: filling, or a group is exhausted
    queue_full: np.ndarray  # control: has a non-zero, but a queue has no room
    load: np.ndarray  # control: inputs from the activation SRAM (batching only)
    dram: np.ndarray  # control: the PEs use the last of what they hold, then DRAM fills their memories
    idle: np.ndarray  # control: all is broadcast


REASON_UNITS = {
    "PE": ("busy", "empty_slice", "starved", "write_back", "finished"),
    "control": ("broadcast", "scan", "queue_full", "load", "dram", "idle"),
}
"""Which kind of unit has which reasons: those of a kind add up to its units' cycles."""


class Pe(StrEnum):
    """Letters of a PE in the trace."""

    MULTIPLY = "m"
    PADDING = "p"
    EMPTY_SLICE = "e"
    STARVED = "w"
    WRITE_BACK = "o"
    FINISHED = "."


class Control(StrEnum):
    """Letters of the control, whose row is the trace's last."""

    BROADCAST = "b"
    SCAN = "s"
    QUEUE_FULL = "f"
    LOAD = "l"
    DRAM = "d"
    IDLE = "."


def on_each_pe(arch: Arch, elements: int) -> np.ndarray:
    """How many of a vector's elements each PE holds, int64 [pes]: element i is on PE i mod pes."""
    return (elements - np.arange(arch.pes, dtype=np.int64) + arch.pes - 1) // arch.pes
