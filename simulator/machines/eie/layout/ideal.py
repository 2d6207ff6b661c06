"""Layouts of a layer with one mechanism of the machine made ideal, which model and engine time like any other.

They are for cycles and counts: where slices are left out, the arrays of single entries stay as they are, so that the
output of such a layout means nothing.
"""

from collections.abc import Sequence

import numpy as np

from simulator.hardware import column_entries
from simulator.machines.eie.arch import Arch
from simulator.machines.eie.layout.streams import Streams, layout
from workloads.kinds.fully_connected.layer import CompressedFullyConnected


def without_fills(streams: Streams) -> Streams:
    """Memories that hold the layer: no fill from DRAM, and no begin of a batch where only a fill needs one."""
    if not streams.dram_lines.any():
        return streams
    kept = np.flatnonzero((streams.load_cycles > 0) | (np.arange(streams.load_cycles.size) == 0))
    return streams._replace(
        batch_start=streams.batch_start[[*kept, -1]],
        load_cycles=streams.load_cycles[kept],
        dram_lines=np.zeros(kept.size, np.int64),
        dram_words=np.zeros_like(streams.dram_words),
    )


def one_batch(arch: Arch, layer: CompressedFullyConnected) -> tuple[Arch, tuple[Streams, ...]]:
    """Register files that hold all inputs and all outputs, and memories that hold the layer."""
    whole = arch._replace(batching=0)
    return whole, tuple(map(without_fills, layout(whole, layer)))


def any_queue(arch: Arch, passes: Sequence[Streams]) -> Arch:
    """Queues that are never full: a slot for each column."""
    return arch._replace(queue_depth=max(arch.queue_depth, 2 + max(streams.activation.size for streams in passes)))


def without_zeros(streams: Streams) -> Streams:
    """The columns of non-zero activations only: a scan of them never waits before a broadcast.

    Batches are left only where DRAM fills memories. Rows of the sparse-matrix SRAM are read for these columns only.
    """
    fills = np.flatnonzero((streams.dram_lines > 0) | (np.arange(streams.dram_lines.size) == 0))
    before = np.concatenate([[0], np.cumsum(streams.activation != 0)])
    kept = np.flatnonzero(streams.activation)
    pointer, start = np.zeros((kept.size + 1, streams.pointer.shape[1]), np.int32), np.zeros(kept.size + 1, np.int64)
    np.cumsum(streams.pointer[kept + 1] - streams.pointer[kept], axis=0, out=pointer[1:])
    np.cumsum(np.diff(streams.start)[kept], out=start[1:])
    scales = streams.scales
    return streams._replace(
        pointer=pointer,
        padding=streams.padding[kept],
        start=start,
        activation=streams.activation[kept],
        scales=None if scales is None else scales._replace(group=scales.group[kept]),
        batch_start=before[streams.batch_start[[*fills, -1]]],
        load_cycles=np.zeros(fills.size, np.int64),
        dram_lines=streams.dram_lines[fills],
    )


def without_pe(streams: Streams, pe: int) -> Streams:
    """The layer without the entries of a PE, which then serves empty slices only."""
    pointer, padding, start = column_entries.without_pe(streams.pointer, streams.padding, streams.start, pe)
    return streams._replace(pointer=pointer, padding=padding, start=start)
