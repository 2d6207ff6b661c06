"""The dense machines: their parameters, their events, and the reasons for their cycles."""

from enum import StrEnum
from typing import Annotated, NamedTuple

import numpy as np
from annotated_types import Interval

Flag = Annotated[int, Interval(ge=0, le=1)]


class Arch(NamedTuple):
    """All parameters that decide cycles and counts."""

    rows: Annotated[int, Interval(ge=1, le=128)]  # of the PE array
    columns: Annotated[int, Interval(ge=1, le=128)]  # of the PE array
    multipliers: Annotated[int, Interval(ge=1, le=1024)]  # of a PE: the length of its dot product
    group_channels: Annotated[
        int, Interval(ge=1, le=1 << 16)
    ]  # output channels computed for each input vector that is read
    sram_bytes: Annotated[int, Interval(ge=1, le=1 << 34)]  # of the whole machine, for inputs and outputs
    weight_bits: Annotated[int, Interval(ge=16, le=16)]  # the kernels' word
    activation_bits: Annotated[int, Interval(ge=16, le=16)]  # the kernels' word
    sum_bits: Annotated[int, Interval(ge=24, le=24)]  # an accumulator wraps around at this width
    index_bits: Annotated[int, Interval(ge=1, le=8)]  # of a zero count, in compressed traffic
    dram_bytes_per_kcycle: Annotated[int, Interval(ge=1, le=1 << 30)]  # in a thousand cycles
    gate_zeros: Flag  # 1: a multiplier with a zero operand does nothing
    compress_traffic: Flag  # 1: activations go to and from DRAM without their zeros

    @property
    def pes(self) -> int:
        """PE (row, column) is number row * columns + column."""
        return self.rows * self.columns


class Counts(NamedTuple):
    """How often each event happened: int64 arrays, [1] for DRAM, [pes] for the others."""

    dot_products: np.ndarray  # of `multipliers` pairs, or of the last pairs of an output
    weight_reads: np.ndarray  # vectors
    input_reads: np.ndarray  # vectors, each read once for a group of output channels
    multiplies: np.ndarray  # pairs that are multiplied
    gated: np.ndarray  # pairs with a zero operand, where those are gated
    accumulations: np.ndarray  # additions of a dot product to an output
    output_writes: np.ndarray  # finished outputs
    dram_weight_bytes: np.ndarray  # all weights, once
    dram_input_bytes: np.ndarray  # where inputs and outputs together do not fit the SRAM
    dram_output_bytes: np.ndarray  # likewise


class Reasons(NamedTuple):
    """Cycles of each unit by reason: int64 [pes] and [1]; the reasons of a unit add up to the run's cycles."""

    compute: np.ndarray  # PE: a dot product
    weight_wait: np.ndarray  # PE: waits for the group's weights
    barrier: np.ndarray  # PE: other PEs still work on the group
    load: np.ndarray  # channel: weights from DRAM
    idle: np.ndarray  # channel


REASON_UNITS = {"PE": ("compute", "weight_wait", "barrier"), "channel": ("load", "idle")}
"""The reasons of each kind of unit, which add up to all cycles of its units."""


class PeLetter(StrEnum):
    """Letters of a PE in the trace."""

    COMPUTE = "m"
    WEIGHT_WAIT = "w"
    BARRIER = "b"


class ChannelLetter(StrEnum):
    """Letters of the memory channel of weights, the last row of the trace."""

    LOAD = "l"
    IDLE = "."
