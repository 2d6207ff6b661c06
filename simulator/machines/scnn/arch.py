"""SCNN: its numbers, its events, the reasons of its cycles."""

from enum import StrEnum
from typing import Annotated, NamedTuple

import numpy as np
from annotated_types import Interval

from simulator.hardware.dram.component import MEMORY
from simulator.hardware.dram.spec import Dram

Flag = Annotated[int, Interval(ge=0, le=1)]


class Arch(NamedTuple):
    """All that decides cycles and counts. Sizes are per PE."""

    rows: Annotated[int, Interval(ge=1, le=128)]  # of the PE array
    columns: Annotated[int, Interval(ge=1, le=128)]  # of the PE array
    weights_per_vector: Annotated[int, Interval(ge=1, le=16)]  # F
    activations_per_vector: Annotated[int, Interval(ge=1, le=16)]  # I; F x I multipliers
    banks: Annotated[int, Interval(ge=1, le=1024)]  # A, of accumulators
    bank_entries: Annotated[int, Interval(ge=1, le=1 << 16)]  # of one of the two buffers
    bank_step: Annotated[int, Interval(ge=0, le=1023)]  # banks from one output channel to the next
    queue_depth: Annotated[int, Interval(ge=1, le=1024)]  # products that wait before a bank
    fifo_vectors: Annotated[int, Interval(ge=1, le=1 << 16)]  # vectors of F weights that the weight FIFO holds
    iaram_bytes: Annotated[int, Interval(ge=1, le=1 << 30)]  # values and zero counts together
    oaram_bytes: Annotated[int, Interval(ge=1, le=1 << 30)]  # values and zero counts together
    weight_bits: Annotated[int, Interval(ge=16, le=16)]  # the kernels' word
    activation_bits: Annotated[int, Interval(ge=16, le=16)]  # the kernels' word
    sum_bits: Annotated[int, Interval(ge=24, le=24)]  # an accumulator wraps around at this width
    index_bits: Annotated[int, Interval(ge=1, le=8)]  # of a zero count
    group_channels: Annotated[int, Interval(ge=0, le=1 << 16)]  # Kc at most; 0: as many as the accumulators hold
    ppu_width: Annotated[int, Interval(ge=1, le=1024)]  # sums that a PE's post-processing unit takes in a cycle
    dram_bytes_per_kcycle: Annotated[int, Interval(ge=1, le=1 << 30)]  # of the path to the FIFOs
    dram_channels: Annotated[int, Interval(ge=2, le=64)]  # lines are interleaved over them
    band_channels: Annotated[int, Interval(ge=1, le=63)]  # of these, for the inputs of a layer in bands
    weight_buffer_lines: Annotated[int, Interval(ge=1, le=1 << 16)]  # of DRAM, read ahead of the broadcast
    skip_weights: Flag  # 0: zero weights are stored and take their places in vectors
    skip_activations: Flag  # 0: likewise zero activations
    dram: Annotated[Dram | None, MEMORY]  # a channel of it; None: bandwidth without latency

    @property
    def pes(self) -> int:
        """PE (row, column) is number row * columns + column."""
        return self.rows * self.columns

    @property
    def multipliers(self) -> int:
        """Of one PE."""
        return self.weights_per_vector * self.activations_per_vector

    @property
    def accumulators(self) -> int:
        """Sums in one of the two buffers of a PE."""
        return self.banks * self.bank_entries

    @property
    def weight_entry_bits(self) -> int:
        """A stored weight with its zero count, which only a machine that skips has."""
        return self.weight_bits + self.index_bits * self.skip_weights

    @property
    def activation_entry_bits(self) -> int:
        """A stored activation with its zero count."""
        return self.activation_bits + self.index_bits * self.skip_activations

    @property
    def vector_millicycles(self) -> int:
        """Thousandths of a cycle in which DRAM delivers a vector of weights."""
        bits = self.weights_per_vector * self.weight_entry_bits
        return -(-(10**6) * bits // (8 * self.dram_bytes_per_kcycle))


class Counts(NamedTuple):
    """How often each event happened: int64 arrays, [1] for what the machine has once, [pes] for the others."""

    broadcasts: np.ndarray  # [1] vectors of F weights sent to all PEs
    dram_weight_bytes: np.ndarray  # [1]
    dram_sum_bytes: np.ndarray  # [1] unfinished sums at a band's lower edge, written and read again
    fifo_writes: np.ndarray  # vectors
    fifo_reads: np.ndarray  # vectors: one a step
    iaram_reads: np.ndarray  # vectors of I activations
    entries: np.ndarray  # pairs of a stored weight and a stored activation, with those of which one is zero
    multiplies: np.ndarray  # pairs of which neither is zero; the others are gated
    scatters: np.ndarray  # products through the crossbar
    accumulations: np.ndarray  # reads of a bank, additions and writes
    ppu_reads: np.ndarray  # sums drained from the accumulators
    halo_sums: np.ndarray  # sums sent to the PE whose output they belong to
    oaram_writes: np.ndarray  # stored outputs, placeholders included
    dram_input_bytes: np.ndarray  # activations of a layer in bands
    dram_output_bytes: np.ndarray  # outputs that the OARAMs do not hold


class Reasons(NamedTuple):
    """Cycles of each unit by what it did: [pes], [1], [1]; each kind adds up to the run's cycles."""

    multiply: np.ndarray  # PE: issues a step of F x I products
    bank_stall: np.ndarray  # PE: products of a step find no room before their banks
    starved: np.ndarray  # PE: the weights are not there yet
    drain: np.ndarray  # PE: the last products of a round are added
    barrier: np.ndarray  # PE: other PEs still work on the round
    ppu_wait: np.ndarray  # PE: the round before is not drained yet
    dram_wait: np.ndarray  # PE: the next band is not loaded yet
    finished: np.ndarray  # PE: the last round is being drained
    broadcast: np.ndarray  # channel: sends at least one vector
    fetch: np.ndarray  # channel: waits for DRAM
    fifo_full: np.ndarray  # channel: a FIFO has no room
    idle: np.ndarray  # channel: all weights of the round are sent
    halo: np.ndarray  # PPU: sums move to the PEs that they belong to
    compress: np.ndarray  # PPU: bias, ReLU, compression
    ppu_idle: np.ndarray  # PPU


REASON_UNITS = {
    "PE": (
        "multiply",
        "bank_stall",
        "starved",
        "drain",
        "barrier",
        "ppu_wait",
        "dram_wait",
        "finished",
    ),
    "channel": ("broadcast", "fetch", "fifo_full", "idle"),
    "PPU": ("halo", "compress", "ppu_idle"),
}
"""Which kind of unit has which reasons: those of a kind add up to its units' cycles."""


class Pe(StrEnum):
    """Letters of a PE in the trace."""

    MULTIPLY = "m"
    BANK_STALL = "s"
    STARVED = "w"
    DRAIN = "d"
    BARRIER = "b"
    PPU_WAIT = "p"
    DRAM_WAIT = "t"
    FINISHED = "."


class Channel(StrEnum):
    """Letters of the weights' channel, the trace's last row but one."""

    BROADCAST = "b"
    FETCH = "f"
    FIFO_FULL = "q"
    IDLE = "."


class Ppu(StrEnum):
    """Letters of the post-processing units, which work in step: the trace's last row."""

    HALO = "h"
    COMPRESS = "c"
    IDLE = "."
