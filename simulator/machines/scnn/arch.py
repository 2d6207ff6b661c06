"""SCNN: its parameters, its events, and the reasons for its cycles."""

from enum import StrEnum
from typing import Annotated, NamedTuple

import numpy as np
from annotated_types import Interval

from simulator.hardware.dram.component import MEMORY
from simulator.hardware.dram.spec import Dram

Flag = Annotated[int, Interval(ge=0, le=1)]


class Arch(NamedTuple):
    """All parameters that decide cycles and counts. Sizes are per PE."""

    rows: Annotated[int, Interval(ge=1, le=128)]  # of the PE array
    columns: Annotated[int, Interval(ge=1, le=128)]  # of the PE array
    weights_per_vector: Annotated[int, Interval(ge=1, le=16)]  # F
    activations_per_vector: Annotated[int, Interval(ge=1, le=16)]  # I; F x I multipliers
    banks: Annotated[int, Interval(ge=1, le=1024)]  # A, of accumulators
    bank_entries: Annotated[int, Interval(ge=1, le=1 << 16)]  # of one of the two buffers
    linear_banks: Flag  # 1: the bank is a sum's linear address modulo banks; 0: channels are bank_step banks apart
    bank_step: Annotated[int, Interval(ge=0, le=1023)]  # banks from a channel to the next, without linear_banks
    fit_accumulators: Flag  # 1: bands and Kc are cut to what the banks hold; 0: excess sums are only reported
    fit_iaram: Flag  # 1: bands are cut until tiles fit the IARAM; 0: a tile is whole, its excess is only reported
    queue_depth: Annotated[int, Interval(ge=1, le=1024)]  # products that the queue of a bank holds
    fifo_vectors: Annotated[int, Interval(ge=1, le=1 << 16)]  # vectors of F weights that the weight FIFO holds
    iaram_bytes: Annotated[int, Interval(ge=1, le=1 << 30)]  # values and zero counts together
    oaram_bytes: Annotated[int, Interval(ge=1, le=1 << 30)]  # values and zero counts together
    weight_bits: Annotated[int, Interval(ge=16, le=16)]  # the kernels' word
    activation_bits: Annotated[int, Interval(ge=16, le=16)]  # the kernels' word
    sum_bits: Annotated[int, Interval(ge=24, le=24)]  # an accumulator wraps around at this width
    index_bits: Annotated[int, Interval(ge=1, le=8)]  # of a zero count
    group_channels: Annotated[int, Interval(ge=0, le=1 << 16)]  # largest Kc; 0: as many as the accumulators hold
    ppu_width: Annotated[int, Interval(ge=1, le=1024)]  # sums per cycle of a PE's post-processing unit
    dram_bytes_per_kcycle: Annotated[int, Interval(ge=1, le=1 << 30)]  # bandwidth of the path to the FIFOs
    dram_channels: Annotated[int, Interval(ge=2, le=64)]  # lines are interleaved over them
    band_channels: Annotated[int, Interval(ge=1, le=63)]  # of these, for the inputs of a layer that is cut into bands
    weight_buffer_lines: Annotated[int, Interval(ge=1, le=1 << 16)]  # DRAM lines that are read ahead of the broadcast
    skip_weights: Flag  # 0: zero weights are stored and broadcast too
    skip_activations: Flag  # 0: zero activations are stored and multiplied too
    dram: Annotated[Dram | None, MEMORY]  # each of the channels; None: bandwidth without latency

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
        """Bits of a stored weight; it has a zero count only on a machine that skips zero weights."""
        return self.weight_bits + self.index_bits * self.skip_weights

    @property
    def activation_entry_bits(self) -> int:
        """Bits of a stored activation; it has a zero count only on a machine that skips zero activations."""
        return self.activation_bits + self.index_bits * self.skip_activations

    @property
    def vector_millicycles(self) -> int:
        """Thousandths of a cycle that the path to the FIFOs needs for a vector of weights."""
        bits = self.weights_per_vector * self.weight_entry_bits
        return -(-(10**6) * bits // (8 * self.dram_bytes_per_kcycle))


class Counts(NamedTuple):
    """How often each event happened: int64 arrays, [1] for units that the machine has once, [pes] for the others."""

    broadcasts: np.ndarray  # [1] vectors of F weights sent to all PEs
    dram_weight_bytes: np.ndarray  # [1]
    dram_sum_bytes: np.ndarray  # [1] unfinished sums at a band's lower edge, written and read back
    fifo_writes: np.ndarray  # vectors
    fifo_reads: np.ndarray  # vectors, one per step
    iaram_reads: np.ndarray  # vectors of I activations
    entries: np.ndarray  # pairs of a stored weight and a stored activation; either may be zero
    multiplies: np.ndarray  # pairs without a zero; the others are gated
    scatters: np.ndarray  # products through the crossbar
    accumulations: np.ndarray  # each reads a bank, adds and writes back
    ppu_reads: np.ndarray  # sums drained from the accumulators
    halo_sums: np.ndarray  # sums sent to the PE that owns their output
    oaram_writes: np.ndarray  # stored outputs, placeholders included
    dram_input_bytes: np.ndarray  # activations of a layer that is cut into bands
    dram_output_bytes: np.ndarray  # outputs that the OARAMs do not hold


class Reasons(NamedTuple):
    """Cycles of each unit by reason: int64 [pes], [1], [1]; the reasons of a unit add up to the run's cycles."""

    multiply: np.ndarray  # PE: issues a step of F x I products
    bank_stall: np.ndarray  # PE: the queue of a bank is full
    starved: np.ndarray  # PE: waits for weights
    drain: np.ndarray  # PE: the last products of a round are added
    barrier: np.ndarray  # PE: other PEs still work on the round
    ppu_wait: np.ndarray  # PE: the PPUs still drain the round before
    dram_wait: np.ndarray  # PE: waits for the next band
    finished: np.ndarray  # PE: the last round is being drained
    broadcast: np.ndarray  # channel: sends at least one vector
    fetch: np.ndarray  # channel: waits for DRAM
    fifo_full: np.ndarray  # channel: a FIFO is full
    idle: np.ndarray  # channel: all weights of the round are sent
    halo: np.ndarray  # PPU: sums move to the PEs that own their outputs
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
"""The reasons of each kind of unit, which add up to all cycles of its units."""


class PeLetter(StrEnum):
    """Letters of a PE in the trace."""

    MULTIPLY = "m"
    BANK_STALL = "s"
    STARVED = "w"
    DRAIN = "d"
    BARRIER = "b"
    PPU_WAIT = "p"
    DRAM_WAIT = "t"
    FINISHED = "."


class ChannelLetter(StrEnum):
    """Letters of the memory channel of weights, the last row but one of the trace."""

    BROADCAST = "b"
    FETCH = "f"
    FIFO_FULL = "q"
    IDLE = "."


class PpuLetter(StrEnum):
    """Letters of the post-processing units, which all work in lockstep: the last row of the trace."""

    HALO = "h"
    COMPRESS = "c"
    IDLE = "."
