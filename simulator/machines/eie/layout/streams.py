"""The layout of a compressed layer on EIE: the data that each PE reads."""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from simulator.machines.eie.arch import Arch, on_each_pe
from simulator.machines.eie.layout.capacity import (
    capacity_violations,
    dram_words,
    refilled_memories,
    required_words,
    segment_starts,
)
from simulator.machines.eie.layout.scales import ScaleMemory, scale_memory
from workloads.compression.columns import Columns
from workloads.compression.relative_index import Banks, encode
from workloads.compression.shared import CODEBOOK
from workloads.errors import InputError, refuse
from workloads.kinds import expect
from workloads.kinds.fully_connected.layer import CompressedFullyConnected
from workloads.kinds.kind import CompressedLayer

MOST_CYCLES = 1 << 31
"""The engine counts cycles in 32 bits."""
MOST_SLICES = 1 << 27
"""More would take over 1.5 GiB of pointers and counts."""
LINE_BYTES = 64
"""Bytes of a line where no DRAM is modelled and fills take no time."""


class Streams(NamedTuple):
    """One pass over the inputs, for as many outputs as the accumulators hold.

    The entries of a column are contiguous, ordered by PE (see `workloads.compression.relative_index`); a slice is the
    part of a column on one PE.
    """

    pointer: np.ndarray  # int32 [columns + 1, pes]: the address of each slice's first entry in its sparse-matrix SRAM
    padding: np.ndarray  # int32 [columns, pes]: padding entries in each slice
    start: np.ndarray  # int64 [columns + 1]: the index of a column's first entry in `code`, `zeros` and `row`
    code: np.ndarray  # uint8 [entries]: index into the codebook, 0 = padding
    zeros: np.ndarray  # uint8 [entries]: zeros before the entry
    row: np.ndarray  # uint32 [entries]: the output that an entry adds to
    activation: np.ndarray  # int16 [columns], the bias' 1.0 last where there is a bias
    codebook: np.ndarray  # int16 [levels]; with scales int32 [levels], elements
    scales: ScaleMemory | None  # of blocks of weights
    initial: np.ndarray  # int16 [outputs]: what the destination registers hold at the beginning
    inputs: int
    outputs: int
    shift: int
    relu: int
    batch_start: np.ndarray  # int64 [batches + 1]: first columns; the control scans a batch without interruption
    load_cycles: np.ndarray  # int64 [batches]: cycles to fill the source registers from the activation SRAM before it
    dram_lines: np.ndarray  # int64 [batches]: DRAM lines that fill the PEs' memories before it
    first_line: int  # the DRAM address of the first of these lines; the others follow
    write_cycles: int  # cycles to empty the destination registers into the activation SRAM
    sram_reads: np.ndarray  # int64 [pes]: of the activation SRAM
    sram_writes: np.ndarray  # int64 [pes]: of the activation SRAM
    dram_words: np.ndarray  # int64 [pes]: 32-bit words read from DRAM


class Batches(NamedTuple):
    """The batches in which the inputs are read from the activation SRAM."""

    start: np.ndarray  # int64 [batches + 1]: the first column of each
    load_cycles: np.ndarray  # int64 [batches]
    sram_reads: np.ndarray  # int64 [pes]: words


def layout(arch: Arch, given: CompressedLayer) -> tuple[Streams, ...]:
    """Distribute a layer over the PEs: one pass, or with `batching` one for each register file of outputs.

    InputError where the machine cannot run the layer, or the run would exceed the engine's limits.
    """
    layer = expect(given, CompressedFullyConnected, "EIE")
    _check(arch, layer)
    step = arch.pes * arch.activation_registers if arch.batching else layer.outputs
    blocks = [encode(columns, arch.pes, arch.index_bits) for columns in _blocks(layer.columns, layer.outputs, step)]
    scales = [_scales(arch, layer, first, step) for first in range(0, layer.outputs, step)]
    each = (required_words(*pair) for pair in zip(blocks, scales, strict=True))
    refilled = refilled_memories(arch, sum(each, np.zeros((3, arch.pes), np.int64)))
    batches, first_line = _input_batches(arch, layer), 0
    initial = np.zeros(layer.outputs, np.int16) if layer.initial is None else layer.initial
    passes = []
    for first, banks, scale in zip(range(0, layer.outputs, step), blocks, scales, strict=True):
        one = _pass(arch, layer, banks, scale, initial[first : first + step], batches, refilled, first_line)
        first_line += int(one.dram_lines.sum())
        passes.append(one)
    return tuple(passes)


def _pass(
    arch: Arch,
    layer: CompressedFullyConnected,
    banks: Banks,
    scales: ScaleMemory | None,
    initial: np.ndarray,
    batches: Batches,
    refilled: np.ndarray,
    first_line: int,
) -> Streams:
    """One pass, for the outputs of `initial`, int16 [outputs]. refilled bool [3]: which memories DRAM fills.

    InputError where it may take too many cycles.
    """
    outputs = initial.size
    begins = segment_starts(arch, banks.pointer, refilled, scales)
    words = dram_words(arch, banks.pointer, begins, refilled, scales)
    start = np.union1d(batches.start, np.array(begins))
    load_cycles, dram_lines = np.zeros((2, start.size - 1), np.int64)
    load_cycles[np.searchsorted(start, batches.start[:-1])] = batches.load_cycles
    if refilled.any():
        lines = -(-4 * words.sum(axis=1) // (arch.dram.line_bytes if arch.dram else LINE_BYTES))
        dram_lines[np.searchsorted(start, begins)] = np.maximum(lines, 1)
    slowest = banks.start[-1] + 4 * layer.activation.size + (load_cycles + arch.scan_fill).sum()
    if slowest >= MOST_CYCLES:
        raise InputError(f"{layer.name}: it may take {slowest} cycles; expected less than 2**31")
    whole = outputs == layer.outputs
    writes = np.zeros(arch.pes, np.int64) if whole else sram_words(arch, on_each_pe(arch, outputs))
    return Streams(
        *banks,
        activation=layer.activation,
        codebook=layer.codebook,
        scales=scales,
        initial=initial,
        inputs=layer.inputs,
        outputs=outputs,
        shift=layer.shift,
        relu=int(layer.relu),
        batch_start=start,
        load_cycles=load_cycles,
        dram_lines=dram_lines,
        first_line=first_line,
        write_cycles=int(writes.max()),
        sram_reads=batches.sram_reads,
        sram_writes=writes,
        dram_words=words.sum(axis=0),
    )


def violations(arch: Arch, passes: tuple[Streams, ...]) -> list[str]:
    """A sentence for each limit that the layer exceeds; the run's cycles are counted as if it exceeded none."""
    each = (required_words(Banks(*streams[:6]), streams.scales) for streams in passes)
    required = sum(each, np.zeros((3, arch.pes), np.int64))
    return capacity_violations(arch, required, max(passes[0].inputs, sum(streams.outputs for streams in passes)))


def entries_per_row(arch: Arch) -> int:
    """The entries in a row of the sparse-matrix SRAM: a power of two, so that a pointer's low bits select the entry."""
    return 1 << ((arch.spmat_width_bits // (arch.code_bits + arch.index_bits)).bit_length() - 1)


def slice_start(streams: Streams) -> np.ndarray:
    """The index of each slice's first entry in `code`, `zeros` and `row`, int64 [columns, pes]."""
    count = np.diff(streams.pointer.astype(np.int64), axis=0)
    return streams.start[:-1, None] + np.cumsum(count, axis=1) - count


def sram_words(arch: Arch, elements: np.ndarray) -> np.ndarray:
    """Accesses to the activation SRAM for the activations of PEs, int64 [PEs] or a scalar: as `elements`."""
    return -(-elements * arch.activation_bits // arch.activation_sram_width_bits)


def _scales(arch: Arch, layer: CompressedFullyConnected, first: int, step: int) -> ScaleMemory | None:
    """The scales of the pass for the outputs from `first` on, at most `step`; None: the layer has none."""
    if layer.scales is None:
        return None
    return scale_memory(arch, layer.scales, first, min(step, layer.outputs - first))


def _check(arch: Arch, layer: CompressedFullyConnected) -> None:
    """InputError where the layer has codes that are too wide, too many columns, or other scales than the machine."""
    levels, highest = 1 << arch.code_bits, int(layer.columns.code.max(initial=0))
    if highest >= levels and layer.form not in (CODEBOOK, arch.weight_format.name):
        refuse(
            layer.name, f"its weights are stored in {layer.form}, with codes up to {highest}", f"codes below {levels}"
        )
    if highest >= levels:
        limit = f"codes below {levels}, as weight_bits is {arch.code_bits}"
        raise InputError(f"{layer.name}: it has the code {highest}; expected {limit}")
    width = layer.activation.size
    if width * arch.pes > MOST_SLICES:
        raise InputError(f"{layer.name}: it has {width} columns on {arch.pes} PEs; expected at most 2**27 slices")
    form, scales = arch.weight_format, layer.scales
    if (scales is not None or form.block) and (scales is None or form.name != layer.form):
        refuse(layer.name, f"its weights are stored in {layer.form}", f"{form.name}, which this machine reads")
    across = arch.pes if arch.scale_across else 0
    if scales is not None and scales.across != across:
        found = f"along the outputs of {scales.across} PEs" if scales.across else "along the inputs"
        wanted = f"along the outputs of {across} PEs" if across else "along the inputs"
        refuse(layer.name, f"its scales lie {found}", f"{wanted}, as the machine has them")


def _blocks(columns: Columns, outputs: int, step: int) -> Iterator[Columns]:
    """Blocks of `step` rows of all columns, the rows of each block numbered from 0."""
    if step >= outputs:
        yield columns
        return
    width = columns.start.size - 1
    block = columns.row // np.uint32(step)
    order = np.argsort(block, kind="stable")
    column = np.repeat(np.arange(width), np.diff(columns.start))[order]
    border = np.searchsorted(block[order], np.arange(-(-outputs // step) + 1))
    for begin, end in pairwise(border.tolist()):
        start = np.zeros(width + 1, np.int64)
        np.cumsum(np.bincount(column[begin:end], minlength=width), out=start[1:])
        chosen = order[begin:end]
        yield Columns(start, columns.row[chosen] % np.uint32(step), columns.code[chosen])


def _input_batches(arch: Arch, layer: CompressedFullyConnected) -> Batches:
    """The batches in which the activation SRAM delivers the inputs; a single batch needs no load."""
    capacity = arch.pes * arch.activation_registers
    borders = list(range(0, layer.inputs, capacity)) if arch.batching else [0]
    lengths = np.diff([*borders, layer.inputs])
    words = np.array([sram_words(arch, on_each_pe(arch, int(length))) for length in lengths])
    if len(borders) == 1:
        words[:] = 0
    start = np.array([*borders, layer.activation.size], np.int64)
    return Batches(start, words.max(axis=1), words.sum(axis=0))
