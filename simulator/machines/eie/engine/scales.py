"""Sums with block scales, and the rows of scales that they take."""

import numpy as np
from numba import njit

from simulator.machines.eie.arch import HIGHEST, LOWEST, Arch, Counts, on_each_pe
from simulator.machines.eie.engine.timing import PassTimes
from simulator.machines.eie.layout.scales import ScaleMemory
from simulator.machines.eie.layout.streams import Streams


def sums_with_scales(streams: Streams, scales: ScaleMemory) -> np.ndarray:
    """The sums as they go out, before ReLU, int64 [outputs]."""
    entries = streams.start, streams.row, streams.code, streams.codebook, streams.activation
    grid, sums = (scales.significand, scales.shift, scales.group), streams.initial.astype(np.int64)
    _accumulate_scaled(*entries, *grid, scales.rows, scales.first_row, sums)
    return (sums * scales.multiplier + (1 << 14)) >> 15 if scales.multiplier else sums


def count_scales(arch: Arch, streams: Streams, scales: ScaleMemory, plan: PassTimes, counts: Counts) -> Counts:
    """The counts with the events of the scales."""
    reads = np.zeros(arch.pes, np.int64)
    where = scales.first_row, scales.rows_each, scales.stride, scales.first_block, scales.per_row.bit_length() - 1
    for part in plan.segments:
        entries = streams.start, streams.row, streams.code, scales.group, part.column
        _count_scale_rows(*entries, arch.pes, *where, reads)
    outputs = on_each_pe(arch, streams.outputs) * int(scales.multiplier > 0)
    return counts._replace(scale_row_reads=reads, scale_multiplies=counts.multiplies, output_multiplies=outputs)


@njit(cache=True)
def _accumulate_scaled(  # type: ignore[no-untyped-def]
    start, row, code, codebook, activation, significand, shift, group, rows, first_row, output
):
    """As `_accumulate`, with block scales: `output` int64 [outputs]; codebook int32 [levels], elements.

    significand int32 and shift int16 [column groups, pes, row groups]; group int32 [columns]; see `ScaleMemory`.
    """
    lowest, highest, pes = np.int64(LOWEST), np.int64(HIGHEST), significand.shape[1]
    for j in range(activation.size):
        if activation[j] == 0:
            continue
        g, a = group[j], np.int64(activation[j])
        for e in range(np.uint64(start[j]), np.uint64(start[j + 1])):
            if code[e] == 0:
                continue
            whole = np.int64(row[e]) + first_row
            pe, place = whole % pes, whole // pes // rows
            product = np.int64(codebook[code[e]]) * significand[g, pe, place] * a
            by = np.int64(shift[g, pe, place])
            if by > 0:
                product = (product + (np.int64(1) << (by - 1))) >> by
            else:
                product <<= -by
            output[row[e]] = min(max(output[row[e]] + product, lowest), highest)


@njit(cache=True)
def _count_scale_rows(  # type: ignore[no-untyped-def]
    start, row, code, group, column, pes, first_row, rows_each, stride, first_block, row_bits, reads
):
    """Add to `reads`, int64 [pes], the rows of scales that each PE reads for the columns, int64 [columns].

    start int64 [all columns + 1]; row uint32, code uint8 [entries]; group int32 [all columns]; row_bits: log2 of the
    scales in a row. An entry of padding needs no scale.
    """
    kept = np.full(pes, -1, np.int64)
    for j in column:
        for e in range(start[j], start[j + 1]):
            if code[e] == 0:
                continue
            whole = np.int64(row[e]) + first_row
            pe = whole % pes
            address = group[j] * stride + whole // pes // rows_each - first_block
            if address >> row_bits != kept[pe]:
                kept[pe] = address >> row_bits
                reads[pe] += 1
