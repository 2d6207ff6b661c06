"""SIGMA: its parameters, its events, and the reasons for its cycles."""

from enum import StrEnum
from typing import Annotated, NamedTuple

import numpy as np
from annotated_types import Interval

Flag = Annotated[int, Interval(ge=0, le=1)]
Stages = Annotated[int, Interval(ge=0, le=256)]


class Arch(NamedTuple):
    """All parameters that decide cycles and counts."""

    flex_dpes: Annotated[int, Interval(ge=1, le=4096)]  # each with multipliers, networks and an adder tree
    multipliers: Annotated[int, Interval(ge=1, le=1024)]  # of a Flex-DPE: a power of two, leaves of its adder tree
    slab: Annotated[int, Interval(ge=1, le=1 << 20)]  # places of K whose products are computed together
    port_bits: Annotated[int, Interval(ge=1, le=1 << 20)]  # that the SRAM gives in a cycle
    stationary_bits: Annotated[int, Interval(ge=1, le=1 << 12)]  # of the port for each stationary value
    value_bits: Annotated[int, Interval(ge=16, le=16)]  # BF16: of a streamed value, and of any value in DRAM
    sum_bits: Annotated[int, Interval(ge=32, le=32)]  # FP32, of sums and outputs
    distribution_stages: Stages  # of the network from the port to the multipliers
    multiply_stages: Stages  # of a multiplier
    accumulate_stages: Stages  # from the root of an adder tree to the output's sum
    stationary_activations: Flag  # 1: activations stay and weights are streamed; 0: the other way round
    filter_stationary: Flag  # 1: stationary values that no streamed value meets get no multiplier
    skip_empty_columns: Flag  # 1: a streamed column without a value in a slab takes no cycle
    sram_bytes: Annotated[int, Interval(ge=1, le=1 << 40)]  # for both operands and the outputs
    wait_for_dram: Flag  # 1: a fold waits for its values from DRAM; 0: operands are in the SRAM before the run
    dram_bits_per_kcycle: Annotated[int, Interval(ge=1, le=1 << 40)]  # that DRAM sends in a thousand cycles

    @property
    def size(self) -> int:
        """Multipliers of all Flex-DPEs: the stationary values of a fold."""
        return self.flex_dpes * self.multipliers

    @property
    def latency(self) -> int:
        """Cycles from the end of a column's distribution to its sums: the adder tree has log2 levels."""
        levels = self.multipliers.bit_length() - 1
        return self.distribution_stages + self.multiply_stages + levels + self.accumulate_stages


class Counts(NamedTuple):
    """How often each event happened: int64 [flex_dpes], or [1] for SRAM, outputs and DRAM."""

    stationary_reads: np.ndarray  # values from SRAM
    streamed_reads: np.ndarray  # values from SRAM, for each fold anew
    bitmap_bits: np.ndarray  # from SRAM: to filter, to load, to stream
    port_bits: np.ndarray  # of the SRAM's port, the time of loads and columns
    stationary_loads: np.ndarray  # values that become stationary
    distributions: np.ndarray  # values that a network brings to multipliers
    column_steps: np.ndarray  # columns that a Flex-DPE with values multiplies
    multiplies: np.ndarray  # pairs of non-zeros
    gated: np.ndarray  # stationary values whose partner is zero, for each column that is streamed
    tree_additions: np.ndarray  # products of a row in a Flex-DPE are added to one sum, zeros included
    accumulations: np.ndarray  # sums that are added to outputs
    output_writes: np.ndarray  # finished outputs
    dram_weight_bytes: np.ndarray  # bitmap and values, once
    dram_input_bytes: np.ndarray  # bitmap and values, where the SRAM does not hold everything
    dram_output_bytes: np.ndarray  # likewise


class Reasons(NamedTuple):
    """Cycles of each unit by reason: int64 [flex_dpes], then [1]; the reasons of a unit add up to the run's cycles."""

    multiply: np.ndarray  # Flex-DPE: a column arrives
    starved: np.ndarray  # Flex-DPE: the port still sends the column
    no_product: np.ndarray  # Flex-DPE: a column without a value
    unused: np.ndarray  # Flex-DPE: a column, and the fold has no value here
    load: np.ndarray  # Flex-DPE: stationary values are loaded
    dram_wait: np.ndarray  # Flex-DPE: values of the next fold are not in SRAM yet
    drain: np.ndarray  # Flex-DPE: the last sums leave the trees, and DRAM ends its work
    read: np.ndarray  # port: stationary values
    broadcast: np.ndarray  # port: columns
    idle: np.ndarray  # port: nothing to send
    fetch: np.ndarray  # DRAM: operands
    write: np.ndarray  # DRAM: outputs
    memory_idle: np.ndarray  # DRAM: nothing to move


REASON_UNITS = {
    "PE": ("multiply", "starved", "no_product", "unused", "load", "dram_wait", "drain"),
    "port": ("read", "broadcast", "idle"),
    "memory": ("fetch", "write", "memory_idle"),
}
"""The reasons of each kind of unit, which add up to all cycles of its units; a PE is a Flex-DPE."""


class DpeLetter(StrEnum):
    """Letters of a Flex-DPE in the trace."""

    MULTIPLY = "m"
    STARVED = "s"
    NO_PRODUCT = "e"
    UNUSED = "u"
    LOAD = "l"
    DRAM_WAIT = "w"
    DRAIN = "d"


class PortLetter(StrEnum):
    """Letters of the SRAM's port, the last row but one."""

    READ = "r"
    BROADCAST = "b"
    IDLE = "."


class MemoryLetter(StrEnum):
    """Letters of DRAM, the last row."""

    FETCH = "f"
    WRITE = "o"
    IDLE = "."
