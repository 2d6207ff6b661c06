"""The machine for pairs: its parameters, its events, and the reasons for its cycles."""

from enum import StrEnum
from typing import Annotated, NamedTuple

import numpy as np
from annotated_types import Interval

Flag = Annotated[int, Interval(ge=0, le=1)]
Bytes = Annotated[int, Interval(ge=1, le=1 << 40)]
GATHER_SCATTER, ON_DEMAND, IMPLICIT = 0, 1, 2
"""Dataflows, see `Arch.dataflow`."""


class Arch(NamedTuple):
    """All parameters that decide cycles and counts."""

    rows: Annotated[int, Interval(ge=1, le=1024)]  # of the matrix array: input features
    columns: Annotated[int, Interval(ge=1, le=1024)]  # of the matrix array: output features
    latency: Annotated[int, Interval(ge=0, le=1 << 16)]  # cycles from a row's last product to its sums
    dataflow: Annotated[int, Interval(ge=0, le=2)]  # 0: gather, multiply, scatter; 1: fetch on demand; 2: implicit GEMM
    tile_sites: Annotated[int, Interval(ge=1, le=1 << 20)]  # outputs of a tile in implicit GEMM
    block_pairs: Annotated[int, Interval(ge=1, le=1 << 20)]  # pairs that are gathered, multiplied, scattered as one
    buffers: Annotated[int, Interval(ge=1, le=64)]  # blocks between gather and array, and between array and scatter
    hash_mapping: Flag  # 0: pairs are found by merging sorted places; 1: by a hash table
    merge_width: Annotated[int, Interval(ge=1, le=1 << 16)]  # places that are merged in a cycle
    hash_ports: Annotated[int, Interval(ge=1, le=1 << 16)]  # probes of the table in a cycle
    hash_slots: Annotated[int, Interval(ge=2, le=64)]  # of the table for each place, at least; a power of two in all
    cache_bytes: Bytes  # of features, direct-mapped, a voxel's features a line
    weight_buffer_bytes: Bytes  # of the weights of a layer, or of as many of its features as fit
    sum_buffer_bytes: Bytes  # of the outputs of a tile, where features are fetched on demand
    value_bits: Annotated[int, Interval(ge=16, le=16)]  # the kernels' word
    sum_bits: Annotated[int, Interval(ge=48, le=48)]  # sums of products are exact
    pair_bits: Annotated[int, Interval(ge=2, le=256)]  # of a pair in the map: number of the input, number of the output
    dram_bits_per_kcycle: Annotated[int, Interval(ge=1, le=1 << 40)]  # in a thousand cycles, each for reads and writes


class Counts(NamedTuple):
    """How often each event happened: int64 [1]."""

    merged_places: np.ndarray  # places that pass the merger
    hash_probes: np.ndarray  # slots of the table that are read or written
    map_pairs: np.ndarray  # pairs that are found, or read where the map is that of the layer before
    cache_lookups: np.ndarray  # pairs whose input is looked up in the cache
    cache_fills: np.ndarray  # values that enter the cache
    gathered_values: np.ndarray  # of pairs, into the array's buffer
    array_inputs: np.ndarray  # values that the buffer gives to the array
    array_rows: np.ndarray  # rows that stream, once for each part of the weights: a cycle each
    weight_loads: np.ndarray  # weights that enter the array
    multiplies: np.ndarray  # of pairs
    gated: np.ndarray  # of rows of a tile whose output has no input at the offset
    sum_updates: np.ndarray  # additions to sums of outputs
    output_writes: np.ndarray  # finished outputs
    dram_feature_bytes: np.ndarray  # of inputs, as often as they are fetched
    dram_weight_bytes: np.ndarray  # once a layer where the buffer holds them, else with every tile
    dram_map_bytes: np.ndarray  # written where the map is found, read where it is that of the layer before
    dram_sum_bytes: np.ndarray  # sums of pairs, read and written
    dram_output_bytes: np.ndarray  # words of the layer's outputs, written once


class Reasons(NamedTuple):
    """Cycles of each unit by reason: int64 [1]; the reasons of a unit add up to the run's cycles."""

    multiply: np.ndarray  # array: a row streams
    load_wait: np.ndarray  # array: the weights of the next rows load
    feature_wait: np.ndarray  # array: no block is gathered
    sum_wait: np.ndarray  # array: the buffers of sums are full
    drain: np.ndarray  # array: the last sums are added
    match: np.ndarray  # mapping unit: finds pairs
    map_idle: np.ndarray  # mapping unit: all pairs are found
    gather: np.ndarray  # gather: a block's features, weights and pairs
    map_wait: np.ndarray  # gather: the offset's pairs are not found yet
    buffer_wait: np.ndarray  # gather: the buffers of features are full
    gather_idle: np.ndarray  # gather: all blocks are gathered
    scatter: np.ndarray  # scatter: sums and outputs
    scatter_idle: np.ndarray  # scatter: no sums are there


REASON_UNITS = {
    "PE": ("multiply", "load_wait", "feature_wait", "sum_wait", "drain"),
    "mapping": ("match", "map_idle"),
    "gather": ("gather", "map_wait", "buffer_wait", "gather_idle"),
    "scatter": ("scatter", "scatter_idle"),
}
"""The reasons of each kind of unit, which add up to all cycles of its units; a PE is the matrix array."""


class ArrayLetter(StrEnum):
    """Letters of the matrix array in the trace."""

    MULTIPLY = "m"
    LOAD_WAIT = "l"
    FEATURE_WAIT = "w"
    SUM_WAIT = "s"
    DRAIN = "d"


class MappingLetter(StrEnum):
    """Letters of the mapping unit."""

    MATCH = "p"
    IDLE = "."


class GatherLetter(StrEnum):
    """Letters of gather."""

    GATHER = "g"
    MAP_WAIT = "p"
    BUFFER_WAIT = "b"
    IDLE = "."


class ScatterLetter(StrEnum):
    """Letters of scatter."""

    SCATTER = "o"
    IDLE = "."


UNITS = (ArrayLetter, MappingLetter, GatherLetter, ScatterLetter)
"""In the order of the trace's rows."""


def passes_of(arch: Arch, inputs: int, outputs: int) -> tuple[int, int]:
    """How often a row passes the array: for its input features, and for each of these, for its output features."""
    return -(-inputs // arch.rows), -(-outputs // arch.columns)


def cycles_of(arch: Arch, bits: int) -> int:
    """In which DRAM moves these bits one way."""
    return -(-1000 * bits // arch.dram_bits_per_kcycle)
