"""What the circuit's memories hold: a layer's layout as bits."""

from typing import NamedTuple

import numpy as np

from simulator.machines.eie.arch import Arch
from simulator.machines.eie.circuit.sizes import Sizes
from simulator.machines.eie.layout.streams import Streams, entries_per_row, slice_start
from workloads.errors import refuse

STAGES = 4
"""Arithmetic stages of the circuit."""


class Contents(NamedTuple):
    """The memories of one PE, a Python integer a word."""

    even: list[int]  # pointers of even columns
    odd: list[int]
    rows: list[int]  # of entries, the first in the lowest bits
    codebook: list[int]
    registers: list[int]  # the destination registers at the beginning
    source: list[int]  # the PE's activations


def sizes_of(arch: Arch, streams: Streams, stop_registers: int = 0) -> Sizes:
    """Sizes that hold the layer. InputError where the circuit does not have what it needs."""
    _check(arch, streams)
    if stop_registers and arch.queue_depth < stop_registers + 2:
        found = f"queue_depth is {arch.queue_depth} with {stop_registers} registers between queues and bus"
        refuse("circuit of eie", found, f"queue_depth of at least {stop_registers + 2}")
    per_row = entries_per_row(arch)
    return Sizes(
        pes=arch.pes,
        queue_depth=arch.queue_depth,
        scan_fill=arch.scan_fill,
        code_bits=arch.code_bits,
        index_bits=arch.index_bits,
        pointer_bits=arch.pointer_bits,
        per_row=per_row,
        columns=streams.activation.size,
        rows=max(1, -(-int(streams.pointer[-1].max()) // per_row)),
        registers=-(-streams.outputs // arch.pes),
        stop_registers=stop_registers,
    )


def contents(sizes: Sizes, streams: Streams) -> list[Contents]:
    """What the memories of each PE hold."""
    starts, pes = slice_start(streams), sizes.pes
    book = streams.codebook.tolist()
    book += [0] * ((1 << sizes.code_bits) - len(book))
    found = []
    for k in range(pes):
        pointer = streams.pointer[:, k].tolist()
        rows = _rows(sizes, _entries(sizes, streams, starts[:, k], k))
        registers, source = streams.initial[k::pes].tolist(), streams.activation[k::pes].tolist()
        found.append(Contents(pointer[::2], pointer[1::2], rows, book, registers, source))
    return found


def _entries(sizes: Sizes, streams: Streams, starts: np.ndarray, k: int) -> list[int]:
    """The entries of PE k in the order of its slices, whose first entries are at `starts`, int64 [columns]."""
    counts: np.ndarray = np.diff(streams.pointer[:, k].astype(np.int64))
    place = np.repeat(starts - np.cumsum(counts) + counts, counts) + np.arange(counts.sum())
    packed: list[int] = (streams.zeros[place].astype(np.int64) << sizes.code_bits | streams.code[place]).tolist()
    return packed


def _rows(sizes: Sizes, entries: list[int]) -> list[int]:
    """Entries packed into rows."""
    return [
        sum(entry << (sizes.entry_bits * place) for place, entry in enumerate(entries[first : first + sizes.per_row]))
        for first in range(0, len(entries), sizes.per_row)
    ]


def _check(arch: Arch, streams: Streams) -> None:
    """InputError where the machine or the pass has what the circuit does not."""
    if streams.scales is not None:
        refuse("circuit of eie", f"weights are stored in {arch.weight_format.name}", "weights of a codebook")
    if arch.batching:
        refuse("circuit of eie", "batching is 1", "batching 0: it has no activation SRAM")
    if streams.dram_lines.any():
        refuse("circuit of eie", "the layer does not fit the memories", "a layer that fits: it has no DRAM")
    if arch.pipeline_stages != STAGES:
        refuse("circuit of eie", f"pipeline_stages is {arch.pipeline_stages}", f"pipeline_stages {STAGES}")
    last = int(streams.pointer[-1].max())
    if last >> arch.pointer_bits:
        refuse("circuit of eie", f"a pointer is {last}", f"pointers of {arch.pointer_bits} bits")
