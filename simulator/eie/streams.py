"""From a compressed layer to what each PE of EIE reads."""

from typing import NamedTuple

import numpy as np

from simulator.eie.arch import Arch
from workloads.encode import encode
from workloads.errors import InputError
from workloads.layers import Columns, CompressedFullyConnected

DRAM_WORD_BITS = 32
MOST_CYCLES = 1 << 31


class Streams(NamedTuple):
    """One pass over the inputs, for outputs that fit the accumulators together.

    The entries of a column stand together, PE after PE (see `workloads.encode`); a slice is a column's part on a PE.
    """

    pointer: np.ndarray  # int32 [columns + 1, pes]: the address of each slice's first entry in its sparse-matrix SRAM
    padding: np.ndarray  # int32 [columns, pes]: padding entries in each slice
    start: np.ndarray  # int64 [columns + 1]: where a column's entries begin in the next three
    code: np.ndarray  # uint8 [entries]
    zeros: np.ndarray  # uint8 [entries]
    row: np.ndarray  # uint32 [entries]: the output that an entry adds to: what the address accumulator arrives at
    activation: np.ndarray  # int16 [columns], the bias' 1.0 last where there is a bias
    codebook: np.ndarray  # int16 [levels]
    inputs: int
    outputs: int
    shift: int
    relu: int
    batch_start: np.ndarray  # int64 [batches + 1]: the columns of each batch of inputs
    load_cycles: np.ndarray  # int64 [batches]: cycles to fill the source registers from the activation SRAM
    write_cycles: int  # cycles to empty the destination registers into the activation SRAM
    sram_reads: np.ndarray  # int64 [pes]: activation SRAM
    sram_writes: np.ndarray  # int64 [pes]
    dram_words: np.ndarray  # int64 [pes]: 32-bit words of this pass that its SRAMs do not hold


def layout(arch: Arch, layer: CompressedFullyConnected) -> tuple[Streams, ...]:
    """Spread a layer over the PEs: one pass, or with `batching` one for each register file's worth of outputs."""
    _check(arch, layer)
    capacity = arch.pes * arch.activation_registers
    step = capacity if arch.batching else layer.outputs
    held = np.zeros((2, arch.pes), np.int64)
    passes = []
    for first in range(0, layer.outputs, step):
        passes.append(_pass(arch, layer, first, min(layer.outputs, first + step), held))
        held = held + _needs(passes[-1].pointer)
    return tuple(passes)


def violations(arch: Arch, passes: tuple[Streams, ...]) -> list[str]:
    """What of the layer does not fit the machine, a sentence each. Cycles are counted as if it did."""
    needed = sum(streams.pointer[-1].astype(np.int64) for streams in passes)
    most, pe = int(np.max(needed)), int(np.argmax(needed))
    pointers = sum(streams.pointer.shape[0] for streams in passes)
    activations = max(passes[0].inputs, sum(streams.outputs for streams in passes))
    registers = arch.pes * arch.activation_registers
    words = arch.pes * (arch.activation_sram_bytes * 8 // arch.activation_bits)
    found = []
    if most > _spmat_entries(arch):
        found.append(f"sparse-matrix SRAM: PE {pe} needs {most} entries, {_spmat_entries(arch)} fit")
    if most > 1 << arch.pointer_bits:
        found.append(f"pointers: PE {pe} needs {most} entries, {arch.pointer_bits} bits reach {1 << arch.pointer_bits}")
    if pointers > _pointers(arch):
        found.append(f"pointer SRAM: each PE needs {pointers} pointers, {_pointers(arch)} fit")
    if not arch.batching and activations > registers:
        found.append(f"activation registers: a vector has {activations} elements, {registers} fit (batching is off)")
    if arch.batching and activations > words:
        found.append(f"activation SRAM: a vector has {activations} elements, {words} fit")
    return found


def entries_per_row(arch: Arch) -> int:
    """Entries in a row of the sparse-matrix SRAM: a power of two, so that a pointer's low bits select the entry."""
    return 1 << ((arch.spmat_width_bits // (arch.weight_bits + arch.index_bits)).bit_length() - 1)


def slices_of(streams: Streams, pe: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """What one PE's sparse-matrix SRAM holds: for each column its codes and its zero counts, uint8."""
    count = np.diff(streams.pointer, axis=0)
    begin = streams.start[:-1] + count[:, :pe].sum(axis=1)
    return [
        (streams.code[b : b + n], streams.zeros[b : b + n])
        for b, n in zip(begin.tolist(), count[:, pe].tolist(), strict=True)
    ]


def _check(arch: Arch, layer: CompressedFullyConnected) -> None:
    levels = 1 << arch.weight_bits
    if layer.codebook.size > levels and layer.columns.code.max(initial=0) >= levels:
        raise InputError(
            f"{layer.name}: it has the code {layer.columns.code.max()}; expected codes below {levels}, "
            f"as weight_bits is {arch.weight_bits}"
        )
    if entry_too_wide(arch):
        raise InputError(
            f"spmat_width_bits is {arch.spmat_width_bits}; expected at least one entry, "
            f"weight_bits + index_bits = {arch.weight_bits + arch.index_bits}"
        )


def entry_too_wide(arch: Arch) -> bool:
    """A row of the sparse-matrix SRAM must hold an entry."""
    return arch.spmat_width_bits < arch.weight_bits + arch.index_bits


def _pass(arch: Arch, layer: CompressedFullyConnected, first: int, end: int, held: np.ndarray) -> Streams:
    """The streams for outputs first .. end; `held`, int64 [2, pes], precedes them in the SRAMs."""
    columns = layer.columns if end - first == layer.outputs else _rows(layer.columns, first, end)
    banks = encode(columns, arch.pes, arch.index_bits)
    if banks.start[-1] + 4 * layer.activation.size >= MOST_CYCLES:
        raise InputError(f"{layer.name}: it has {banks.start[-1]} entries; expected fewer than 2**31 cycles")
    batch_start, loads, load_cycles = _input_batches(arch, layer)
    several = arch.batching and layer.outputs > arch.pes * arch.activation_registers
    writes = _on_each_pe(arch, end - first) if several else np.zeros(arch.pes, np.int64)
    return Streams(
        *banks,
        activation=layer.activation,
        codebook=layer.codebook,
        inputs=layer.inputs,
        outputs=end - first,
        shift=layer.shift,
        relu=int(layer.relu),
        batch_start=batch_start,
        load_cycles=load_cycles,
        write_cycles=int(_sram_words(arch, writes).max()),
        sram_reads=loads,
        sram_writes=_sram_words(arch, writes),
        dram_words=_dram_words(arch, held, held + _needs(banks.pointer)),
    )


def _rows(columns: Columns, first: int, end: int) -> Columns:
    """The rows first .. end of all columns, numbered from 0."""
    kept = (columns.row >= first) & (columns.row < end)
    start = np.concatenate([[0], np.cumsum(kept)])[columns.start]
    return Columns(start, columns.row[kept] - np.uint32(first), columns.code[kept])


def _input_batches(arch: Arch, layer: CompressedFullyConnected) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Batch borders, activation SRAM reads of each PE, and load cycles of each batch; no loads for a single batch."""
    capacity = arch.pes * arch.activation_registers
    borders = list(range(0, layer.inputs, capacity)) if arch.batching else [0]
    lengths = np.diff([*borders, layer.inputs])
    words = np.array([_sram_words(arch, _on_each_pe(arch, int(length))) for length in lengths])
    if len(borders) == 1:
        words[:] = 0
    start = np.array([*borders, layer.activation.size], np.int64)
    return start, words.sum(axis=0), words.max(axis=1)


def _on_each_pe(arch: Arch, elements: int) -> np.ndarray:
    """How many of a vector's elements each PE holds, int64 [pes]: element i is on PE i mod pes."""
    return (elements - np.arange(arch.pes, dtype=np.int64) + arch.pes - 1) // arch.pes


def _sram_words(arch: Arch, elements: np.ndarray) -> np.ndarray:
    return -(-elements * arch.activation_bits // arch.activation_sram_width_bits)


def _needs(pointer: np.ndarray) -> np.ndarray:
    """Entries and pointers that each PE holds for a pass, int64 [2, pes]."""
    return np.array([pointer[-1], np.full(pointer.shape[1], pointer.shape[0])], np.int64)


def _spmat_entries(arch: Arch) -> int:
    return arch.spmat_bytes * 8 // (arch.weight_bits + arch.index_bits)


def _pointers(arch: Arch) -> int:
    return arch.pointer_bytes * 8 // arch.pointer_bits


def _dram_words(arch: Arch, before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """DRAM words for what of `before` .. `after`, int64 [2, pes] (entries, pointers), the SRAMs do not hold."""
    fit = np.array([[_spmat_entries(arch)], [_pointers(arch)]])
    bits = np.array([arch.weight_bits + arch.index_bits, arch.pointer_bits])
    return -(-(bits @ (np.maximum(after, fit) - np.maximum(before, fit))) // DRAM_WORD_BITS)
