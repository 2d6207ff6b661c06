"""EIE: its parameters, its events, and the reasons for its cycles."""

from enum import StrEnum
from typing import Annotated, NamedTuple

import numpy as np
from annotated_types import Interval

from simulator.hardware.dram.component import MEMORY
from simulator.hardware.dram.spec import Dram
from simulator.hardware.weight_format import WEIGHT_FORMAT, WeightFormat

Flag = Annotated[int, Interval(ge=0, le=1)]


class Arch(NamedTuple):
    """All parameters that decide cycles and counts. Sizes are per PE."""

    pes: Annotated[int, Interval(ge=1, le=16384)]  # processing elements; output i and input i are on PE i mod pes
    queue_depth: Annotated[int, Interval(ge=1, le=1 << 20)]  # ring slots; a ring holds one entry less; 1 = lockstep
    scan_fill: Annotated[int, Interval(ge=0, le=64)]  # cycles from the start of a scan to its first broadcast
    pipeline_stages: Annotated[int, Interval(ge=1, le=64)]  # arithmetic stages after the sparse-matrix read
    weight_bits: Annotated[int, Interval(ge=1, le=8)]  # of a code of a codebook; other formats have their own
    index_bits: Annotated[int, Interval(ge=1, le=8)]  # of the count of zeros before an entry
    spmat_width_bits: Annotated[int, Interval(ge=2, le=1 << 16)]  # of a row of the sparse-matrix SRAM
    spmat_bytes: Annotated[int, Interval(ge=1, le=1 << 34)]  # of the sparse-matrix SRAM: entries
    pointer_bits: Annotated[int, Interval(ge=1, le=64)]  # of a pointer: the address of a slice's first entry
    pointer_bytes: Annotated[int, Interval(ge=1, le=1 << 34)]  # of the pointer SRAM, both banks together
    activation_bits: Annotated[int, Interval(ge=16, le=16)]  # the kernels' word
    activation_registers: Annotated[int, Interval(ge=1, le=1 << 20)]  # of each register file: source, destination
    activation_sram_width_bits: Annotated[int, Interval(ge=1, le=1 << 16)]  # read or written in a cycle
    activation_sram_bytes: Annotated[int, Interval(ge=1, le=1 << 34)]  # used with batching
    batching: Flag  # 1: vectors longer than the register files run in batches through the activation SRAM
    preload_bias: Flag  # 1: destination registers begin with the bias; 0: it is a column of codes
    scale_across: Flag  # of formats with scales: blocks lie along 0: the inputs, 1: the outputs of a PE
    scale_width_bits: Annotated[int, Interval(ge=16, le=1 << 16)]  # of a row of the scale SRAM
    scale_bytes: Annotated[int, Interval(ge=1, le=1 << 34)]  # of the scale SRAM: used by formats with scales only
    dram: Annotated[Dram | None, MEMORY]  # fills memories that do not hold the layer
    weight_format: Annotated[WeightFormat, WEIGHT_FORMAT]  # what a code means: an index into a codebook, or a number

    @property
    def code_bits(self) -> int:
        """Bits of a weight's code."""
        return self.weight_format.bits or self.weight_bits


LOWEST, HIGHEST = -(1 << 15), (1 << 15) - 1
"""The limits of a 16-bit accumulator, at which sums saturate."""


class Counts(NamedTuple):
    """How often each event happened: int64 arrays, [1] for the central control, [pes] for the others."""

    broadcasts: np.ndarray  # control: non-zero activations (and the bias) sent to all PEs
    scan_bubbles: np.ndarray  # control: cycles spent on finding that a group has no further non-zero
    queue_pushes: np.ndarray  # PE: a broadcast enters its queue
    queue_pops: np.ndarray  # PE: takes the next column
    pointer_reads: np.ndarray  # both banks at once: the addresses at which a column's slice begins and ends
    spmat_row_reads: np.ndarray  # PE: a row of entries, unless it is the row read last
    entries: np.ndarray  # entries issued, padding included
    padding: np.ndarray  # padding among them: it takes a cycle and a byte, but no multiply and no write
    codebook_lookups: np.ndarray  # PE: a code becomes a 16-bit weight, or an element of a format with scales
    scale_row_reads: np.ndarray  # PE: a row of scales, unless it is the row read last
    scale_multiplies: np.ndarray  # PE: an element times its scale's significand
    multiplies: np.ndarray  # PE
    accumulator_reads: np.ndarray  # PE: destination register file
    accumulator_writes: np.ndarray  # PE: destination register file, preloaded biases among them
    activation_reads: np.ndarray  # source register file, by the scan
    activation_writes: np.ndarray  # destination register file, by ReLU on the way out
    output_multiplies: np.ndarray  # PE: a sum times the tensor's scale, on the way out
    activation_sram_reads: np.ndarray  # batching only
    activation_sram_writes: np.ndarray  # batching only
    dram_words: np.ndarray  # 32-bit words from DRAM, for memories that do not hold the whole layer


class Reasons(NamedTuple):
    """Cycles of each unit by reason: int64 [pes], then [1]; the reasons of a unit add up to the run's cycles."""

    busy: np.ndarray  # PE: issues an entry
    empty_slice: np.ndarray  # PE: serves a column in which it has no entry
    starved: np.ndarray  # PE: its queue is empty, or nothing was broadcast yet
    write_back: np.ndarray  # PE: outputs to the activation SRAM (batching only)
    finished: np.ndarray  # PE: nothing left to issue; its pipeline drains, or other units still work
    broadcast: np.ndarray  # control
    scan: np.ndarray  # control: filling, or a group is exhausted
    queue_full: np.ndarray  # control: has a non-zero, but a queue is full
    load: np.ndarray  # control: inputs from the activation SRAM (batching only)
    dram: np.ndarray  # control: waits until the PEs have used their memories' content, and for DRAM
    idle: np.ndarray  # control: everything is broadcast


REASON_UNITS = {
    "PE": ("busy", "empty_slice", "starved", "write_back", "finished"),
    "control": ("broadcast", "scan", "queue_full", "load", "dram", "idle"),
}
"""The reasons of each kind of unit, which add up to all cycles of its units."""


class PeLetter(StrEnum):
    """Letters of a PE in the trace."""

    MULTIPLY = "m"
    PADDING = "p"
    EMPTY_SLICE = "e"
    STARVED = "w"
    WRITE_BACK = "o"
    FINISHED = "."


class ControlLetter(StrEnum):
    """Letters of the control, the last row of the trace."""

    BROADCAST = "b"
    SCAN = "s"
    QUEUE_FULL = "f"
    LOAD = "l"
    DRAM = "d"
    IDLE = "."


def on_each_pe(arch: Arch, elements: int) -> np.ndarray:
    """The number of a vector's elements on each PE, int64 [pes]: element i is on PE i mod pes."""
    return (elements - np.arange(arch.pes, dtype=np.int64) + arch.pes - 1) // arch.pes
