"""ESE: its parameters, its events, and the reasons for its cycles."""

from enum import StrEnum
from typing import Annotated, NamedTuple

import numpy as np
from annotated_types import Interval

from simulator.hardware.dram.component import MEMORY
from simulator.hardware.dram.spec import Dram


class Arch(NamedTuple):
    """All parameters that decide cycles and counts. The channels share the weights; each works on another voice."""

    channels: Annotated[int, Interval(ge=1, le=1024)]  # each works on one voice
    pes: Annotated[int, Interval(ge=1, le=1024)]  # of a channel
    queue_depth: Annotated[int, Interval(ge=1, le=1 << 20)]  # activations that a PE's queue holds
    pipeline_cycles: Annotated[int, Interval(ge=0, le=1 << 16)]  # from the last entry or row of a product to its end
    weight_bits: Annotated[int, Interval(ge=2, le=16)]  # of a weight, linear
    index_bits: Annotated[int, Interval(ge=1, le=8)]  # of the count of zeros before an entry
    unit_bits: Annotated[int, Interval(ge=8, le=1 << 16)]  # each PE's entries fill whole units
    line_bits: Annotated[int, Interval(ge=8, le=1 << 16)]  # the units of a matrix fill whole lines
    line_cycles: Annotated[int, Interval(ge=1, le=1024)]  # of a memory channel for a line, if `dram` is none
    fifo_lines: Annotated[int, Interval(ge=2, le=1 << 20)]  # lines between a memory channel and the buffers
    input_path_bits: Annotated[int, Interval(ge=1, le=1 << 16)]  # of x per cycle, from the FIFO to the channels
    weight_buffer_entries: Annotated[int, Interval(ge=1, le=1 << 24)]  # of a PE, in each half of the double buffer
    pointer_bits: Annotated[int, Interval(ge=1, le=32)]  # of a pointer: the address of a slice's first entry
    activation_bits: Annotated[int, Interval(ge=16, le=16)]  # the kernels' word
    element_lanes: Annotated[int, Interval(ge=1, le=1024)]  # elements that the element-wise unit starts per cycle
    element_pipeline: Annotated[int, Interval(ge=0, le=1 << 16)]  # cycles from the start of the last element to its end
    table_points: Annotated[int, Interval(ge=2, le=1 << 16)]  # of sigmoid and of tanh
    sigmoid_range: Annotated[int, Interval(ge=1, le=1 << 14)]  # arguments reach from -range to range
    tanh_range: Annotated[int, Interval(ge=1, le=1 << 14)]  # likewise
    dram: Annotated[Dram | None, MEMORY]  # of each memory channel; None: a line in `line_cycles`, without latency


class Counts(NamedTuple):
    """How often each event happened: int64 arrays.

    [channels x pes] for PEs, [channels] for units that a channel has once, [pes] for the buffers that all channels
    share, [1] for the memory.
    """

    broadcasts: np.ndarray  # channel: activations sent to its PEs
    queue_pushes: np.ndarray  # PE
    queue_pops: np.ndarray  # PE
    pointer_reads: np.ndarray  # buffer: the addresses at which a slice begins and ends, for all channels at once
    weight_reads: np.ndarray  # buffer: entries, for all channels at once
    buffer_lines: np.ndarray  # memory: lines written to the double buffers
    entries: np.ndarray  # PE: entries issued, padding included
    padding: np.ndarray  # PE: padding among them
    multiplies: np.ndarray  # PE
    accumulator_reads: np.ndarray  # PE
    accumulator_writes: np.ndarray  # PE
    assembled: np.ndarray  # channel: results rounded and put in order
    element_multiplies: np.ndarray  # channel
    element_additions: np.ndarray  # channel: in the adder tree
    table_lookups: np.ndarray  # channel
    state_reads: np.ndarray  # channel: words of gates, c, h, biases, peepholes
    state_writes: np.ndarray  # channel
    dram_weight_lines: np.ndarray  # memory: read on the first channel
    dram_vector_lines: np.ndarray  # memory: pointers, biases, peepholes and inputs, read on the second channel
    dram_output_lines: np.ndarray  # memory: outputs, written


class Reasons(NamedTuple):
    """Cycles of each unit by reason: int64 [units]; the reasons of a unit add up to the run's cycles."""

    busy: np.ndarray  # PE: issues an entry
    empty_slice: np.ndarray  # PE: serves a column in which it has no entry
    starved: np.ndarray  # PE: its queue is empty
    waiting: np.ndarray  # PE: its product is done, but the slot has not ended
    no_product: np.ndarray  # PE: nothing is multiplied in this slot
    broadcast: np.ndarray  # feeder
    queue_full: np.ndarray  # feeder: a queue is full
    feeder_idle: np.ndarray  # feeder: everything is sent, or nothing is multiplied
    assemble: np.ndarray  # assembler
    assembler_idle: np.ndarray  # assembler
    element: np.ndarray  # element-wise unit
    element_idle: np.ndarray  # element-wise unit
    fetch: np.ndarray  # memory channel: a line is on its way
    fifo_full: np.ndarray  # memory channel: no line is on its way, as the FIFO is full
    memory_idle: np.ndarray  # memory channel


REASON_UNITS = {
    "PE": ("busy", "empty_slice", "starved", "waiting", "no_product"),
    "feeder": ("broadcast", "queue_full", "feeder_idle"),
    "assembler": ("assemble", "assembler_idle"),
    "element-wise": ("element", "element_idle"),
    "memory": ("fetch", "fifo_full", "memory_idle"),
}
"""The reasons of each kind of unit, which add up to all cycles of its units."""


class Letter(StrEnum):
    """Letters of the trace. Its rows: all PEs channel by channel, feeders, assemblers, element-wise units, memory."""

    MULTIPLY = "m"
    PADDING = "p"
    EMPTY_SLICE = "e"
    STARVED = "w"
    WAITING = "."
    NO_PRODUCT = "-"
    BROADCAST = "b"
    QUEUE_FULL = "f"
    ASSEMBLE = "a"
    ELEMENT = "x"
    FETCH = "d"
    IDLE = "_"


def bursts(arch: Arch) -> int:
    """The number of DRAM bursts in a line."""
    return 1 if arch.dram is None else arch.line_bits // (8 * arch.dram.line_bytes)


MEMORY_CHANNELS = 2
OTHER_DSP_SLICES = 15
"""DSP slices of a channel outside its PEs: Table 7's 1,504 divided by 32 channels, less 32 PEs."""
RAM_BITS = 36 * 1024
RAM_WIDTH = 72
"""Bits of a block RAM of the XCKU060, and bits of its widest word."""
OTHER_RAMS = 8
"""Block RAMs of a channel for two tables of 2,048 words, and c, h, m and three gates of 1,024 words (assumption)."""


def resources(arch: Arch) -> dict[str, float]:
    """DSP slices and 36-Kb block RAMs of the FPGA, as a formula of PEs and channels.

    A PE has a multiplier, and half a block RAM for both halves of its activation buffer. The channels share the weight
    and the pointer buffers, with separate RAMs for each half. Each memory channel has two FIFOs as wide as a line;
    there is one more FIFO for the inputs and one for the outputs.
    """
    wide = -(-arch.line_bits // RAM_WIDTH)
    inputs = wide + 1
    outputs = -(-arch.unit_bits // RAM_WIDTH)
    half = -(-arch.weight_buffer_entries * (arch.weight_bits + arch.index_bits) // (RAM_BITS // 2)) / 2
    shared = 2 * arch.pes * (half + 1) + 2 * MEMORY_CHANNELS * wide + inputs + outputs
    return {
        "dsp_slices": arch.channels * (arch.pes + OTHER_DSP_SLICES),
        "block_rams": shared + arch.channels * (arch.pes / 2 + OTHER_RAMS),
    }
