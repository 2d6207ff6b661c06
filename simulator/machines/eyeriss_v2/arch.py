"""Eyeriss v2: its parameters, its events, and the reasons for its cycles."""

from enum import StrEnum
from typing import Annotated, NamedTuple

import numpy as np
from annotated_types import Interval

Flag = Annotated[int, Interval(ge=0, le=1)]


class Arch(NamedTuple):
    """All parameters that decide cycles and counts. Scratchpads are those of one PE."""

    cluster_rows: Annotated[int, Interval(ge=1, le=64)]  # of the mesh of clusters
    cluster_columns: Annotated[int, Interval(ge=1, le=64)]  # of the mesh of clusters
    pe_rows: Annotated[int, Interval(ge=1, le=32)]  # of a cluster: the sums of a column are added from PE to PE
    pe_columns: Annotated[int, Interval(ge=1, le=32)]  # of a cluster
    simd: Annotated[int, Interval(ge=1, le=16)]  # weights of a column that a PE multiplies in a cycle
    tile_outputs: Annotated[int, Interval(ge=1, le=1024)]  # M0: output channels of a tile, at most
    tile_inputs: Annotated[int, Interval(ge=1, le=1024)]  # C0: input channels of a tile, at most
    search_tiles: Flag  # 1: the mapping may halve M0 and C0; 0: only M0, where a tile does not fit
    input_words: Annotated[int, Interval(ge=1, le=4096)]  # inputs of a window that the scratchpad holds: C0 x S
    input_addresses: Annotated[int, Interval(ge=1, le=4096)]  # columns of a window: S
    weight_words: Annotated[int, Interval(ge=2, le=1 << 16)]  # of `simd` weights each
    weight_addresses: Annotated[int, Interval(ge=2, le=4096)]  # columns of a tile's weights: C0 x S
    sum_words: Annotated[int, Interval(ge=1, le=1 << 16)]  # sums of an output place: M0
    weight_bits: Annotated[int, Interval(ge=8, le=8)]  # a weight in a scratchpad and on the mesh
    activation_bits: Annotated[int, Interval(ge=8, le=8)]  # likewise; convolutions have words of 8 bits
    sum_bits: Annotated[int, Interval(ge=24, le=24)]  # the kernels' accumulator wraps around at this width
    count_bits: Annotated[int, Interval(ge=1, le=16)]  # of the zero count of a weight or an input
    weight_address_bits: Annotated[int, Interval(ge=1, le=16)]  # of where a column of weights begins
    input_address_bits: Annotated[int, Interval(ge=1, le=16)]  # of where a column of a window begins
    bubble: Flag  # 1: an input that meets an empty column of weights takes a cycle
    fill_cycles: Annotated[int, Interval(ge=0, le=64)]  # of the pipeline, in each pass
    prefetch: Flag  # 1: a pass's weights are loaded during the pass before, in half of the weight scratchpads
    ideal_mesh: Flag  # 1: only PEs take time; weights, inputs and sums are where they are needed
    input_ports: Annotated[int, Interval(ge=1, le=64)]  # routers of inputs of a cluster
    input_port_bits: Annotated[int, Interval(ge=1, le=4096)]  # in a cycle
    weight_port_bits: Annotated[int, Interval(ge=1, le=4096)]  # in a cycle; a router for each row of PEs of a cluster
    sum_port_bits: Annotated[int, Interval(ge=1, le=4096)]  # in a cycle, in and out; a router for each column of PEs
    input_buffer_bytes: Annotated[int, Interval(ge=1, le=1 << 34)]  # of all clusters
    sum_buffer_bytes: Annotated[int, Interval(ge=3, le=1 << 34)]  # of all clusters
    dram_bytes_per_kcycle: Annotated[int, Interval(ge=1, le=1 << 30)]  # in a thousand cycles

    @property
    def clusters(self) -> int:
        """Cluster (row, column) is number row * cluster_columns + column."""
        return self.cluster_rows * self.cluster_columns

    @property
    def pes(self) -> int:
        """PE (row, column) of a cluster is number (cluster * pe_rows + row) * pe_columns + column."""
        return self.clusters * self.pe_rows * self.pe_columns

    @property
    def input_bits(self) -> int:
        """Of an input with its count."""
        return self.activation_bits + self.count_bits

    @property
    def weight_word_bits(self) -> int:
        """Of a word of weights, each with its count."""
        return self.simd * (self.weight_bits + self.count_bits)

    @property
    def tile_words(self) -> int:
        """Words of weights that a tile may have."""
        return self.weight_words // (1 + self.prefetch)

    @property
    def tile_columns(self) -> int:
        """Columns of weights that a tile may have, C0 x S."""
        return min(self.input_words, self.weight_addresses // (1 + self.prefetch))


class Counts(NamedTuple):
    """How often each event happened: int64 arrays, [1] for what the machine has once, [pes] for the others."""

    input_address_reads: np.ndarray  # one for each column of a window
    input_reads: np.ndarray  # inputs that are not zero, with their counts
    input_writes: np.ndarray  # inputs that a PE gets
    weight_address_reads: np.ndarray  # one for each input that is read
    weight_reads: np.ndarray  # words, each multiplied with one input
    weight_writes: np.ndarray  # words that a PE gets
    multiplies: np.ndarray  # pairs without a zero
    padding: np.ndarray  # multipliers without a weight, as a column has no multiple of `simd` weights: gated
    empty_columns: np.ndarray  # inputs whose column of weights is empty
    accumulations: np.ndarray  # each reads a sum and writes it back
    sums_sent: np.ndarray  # to the next PE of the column, or to the global buffer
    input_deliveries: np.ndarray  # [1] inputs through routers, one for each cluster that needs them
    global_input_reads: np.ndarray  # [1] words of a port, each multicast to all clusters that need it
    global_input_writes: np.ndarray  # [1] words of a port, from DRAM
    global_sum_reads: np.ndarray  # [1] unfinished sums, and outputs that leave
    global_sum_writes: np.ndarray  # [1]
    dram_weight_bytes: np.ndarray  # [1] tiles with their addresses, each time they are loaded
    dram_input_bytes: np.ndarray  # [1] once where the buffer holds all, else each time they are delivered
    dram_output_bytes: np.ndarray  # [1] all, not compressed


class Reasons(NamedTuple):
    """Cycles of each unit by reason: int64 [pes] and [1]; the reasons of a unit add up to the run's cycles."""

    multiply: np.ndarray  # PE
    bubble: np.ndarray  # PE: an input met an empty column
    fill: np.ndarray  # PE: the pipeline fills
    barrier: np.ndarray  # PE: other PEs still work on the pass
    mesh_wait: np.ndarray  # PE: inputs or sums of the pass are still on the mesh
    memory_wait: np.ndarray  # PE: the next pass's weights are not loaded, or the last outputs leave
    load: np.ndarray  # memory: moves weights, inputs or outputs
    load_idle: np.ndarray  # memory
    deliver: np.ndarray  # inputs: at least one router of inputs works
    deliver_idle: np.ndarray  # inputs
    move_sums: np.ndarray  # sums: at least one router of sums works
    sums_idle: np.ndarray  # sums


REASON_UNITS = {
    "PE": ("multiply", "bubble", "fill", "barrier", "mesh_wait", "memory_wait"),
    "memory": ("load", "load_idle"),
    "inputs": ("deliver", "deliver_idle"),
    "sums": ("move_sums", "sums_idle"),
}
"""The reasons of each kind of unit, which add up to all cycles of its units."""


class PeLetter(StrEnum):
    """Letters of a PE in the trace."""

    MULTIPLY = "m"
    BUBBLE = "e"
    FILL = "f"
    BARRIER = "b"
    MESH_WAIT = "i"
    MEMORY_WAIT = "w"


class MemoryLetter(StrEnum):
    """Letters of the path from and to DRAM, which weights take to the PEs: the first row after the PEs."""

    LOAD = "l"
    IDLE = "."


class InputLetter(StrEnum):
    """Letters of the mesh of inputs, the last row but one of the trace."""

    DELIVER = "d"
    IDLE = "."


class SumLetter(StrEnum):
    """Letters of the mesh of sums, the last row of the trace."""

    MOVE = "s"
    IDLE = "."
