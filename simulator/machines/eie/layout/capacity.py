"""How much of a layer EIE's memories hold. A memory that is too small for the layer is filled from DRAM in segments.

A layer that fits is in the memories before the run, as in the paper. Otherwise every run processes the columns in
segments: the PEs wait while DRAM fills the memories (the paper's I/O mode), then work on their content.
"""

from bisect import bisect_left
from functools import partial

import numpy as np

from simulator.machines.eie.arch import Arch
from simulator.machines.eie.layout.scales import ScaleMemory, scale_words
from workloads.compression.relative_index import Banks

DRAM_WORD_BITS = 32


def required_words(banks: Banks, scales: ScaleMemory | None) -> np.ndarray:
    """The number of entries, pointers and scales that each PE needs for a pass, int64 [3, pes]."""
    columns, pes = banks.pointer.shape[0] - 1, banks.pointer.shape[1]
    each = scale_words(scales, columns)
    return np.array([banks.pointer[-1], np.full(pes, columns + 1), np.full(pes, each)], np.int64)


def word_bits(arch: Arch) -> np.ndarray:
    """The bits of an entry, of a pointer and of a scale, int64 [3]; 0 of a scale where there is none."""
    return np.array([arch.code_bits + arch.index_bits, arch.pointer_bits, arch.weight_format.scale_bits])


def capacity(arch: Arch) -> np.ndarray:
    """The number of entries, pointers and scales that the memories of a PE hold, int64 [3]; without scales, of none."""
    sizes = np.array([arch.spmat_bytes, arch.pointer_bytes, arch.scale_bytes])
    return sizes * 8 // np.maximum(word_bits(arch), 1)


def refilled_memories(arch: Arch, required: np.ndarray) -> np.ndarray:
    """Which of the three memories are too small for the layer, bool [3].

    required: sum of `required_words` of all passes.
    """
    return required.max(axis=1) > capacity(arch)


def segment_starts(
    arch: Arch, pointer: np.ndarray, refilled: np.ndarray, scales: ScaleMemory | None = None
) -> list[int]:
    """The first column of each segment of a pass: as many columns as the refilled memories hold, but at least one.

    pointer int32 [columns + 1, pes]: as in `Banks`; refilled bool [3]: see `refilled_memories`.
    """
    columns, room = len(pointer) - 1, capacity(arch)[refilled, None]
    begins = [0]
    while refilled.any() and begins[-1] < columns:
        begin = begins[-1]
        fitting = bisect_left(
            range(begin + 1, columns + 1), True, key=partial(_exceeds, pointer, scales, begin, refilled, room)
        )
        begins.append(begin + max(1, fitting))
    return begins[:-1] or [0]


def dram_words(
    arch: Arch, pointer: np.ndarray, begins: list[int], refilled: np.ndarray, scales: ScaleMemory | None = None
) -> np.ndarray:
    """32-bit DRAM words of each segment for each PE, int64 [segments, pes]; 0 where no memory is refilled.

    pointer, refilled: as in `segment_starts`, which gives `begins`.
    """
    bits = word_bits(arch) * refilled
    ends = [*begins[1:], len(pointer) - 1]
    pairs = zip(begins, ends, strict=True)
    moved = np.array([bits @ _column_words(pointer, scales, begin, end) for begin, end in pairs])
    return -(-moved // DRAM_WORD_BITS)


def capacity_violations(arch: Arch, required: np.ndarray, longest: int) -> list[str]:
    """A sentence for each limit that the layer exceeds.

    required int64 [3, pes]: sum of `required_words` of all passes. longest: elements of the longest vector, input or
    output.
    """
    (entries, pointers, scales), pe = required.max(axis=1).tolist(), int(required[0].argmax())
    entries_fit, pointers_fit, scales_fit = capacity(arch).tolist()
    reach = (1 << arch.pointer_bits) - 1
    registers = arch.pes * arch.activation_registers
    words = arch.pes * (arch.activation_sram_bytes * 8 // arch.activation_bits)
    found = []
    refill = "DRAM fills it while the PEs wait"
    if arch.dram is None:
        refill = "with dram=none it is filled in no time, and what it fetches is priced all the same"
    if entries > entries_fit:
        found.append(f"sparse-matrix SRAM: PE {pe} needs {entries} entries, {entries_fit} fit ({refill})")
    if min(entries, entries_fit) > reach:
        needed = min(entries, entries_fit).bit_length()
        remedy = f"pointer_bits={needed} or more PEs are enough"
        found.append(f"pointers: PE {pe} ends at entry {entries}, {arch.pointer_bits} bits reach {reach} ({remedy})")
    if pointers > pointers_fit:
        found.append(f"pointer SRAM: each PE needs {pointers} pointers, {pointers_fit} fit ({refill})")
    if scales > scales_fit:
        found.append(f"scale SRAM: each PE needs {scales} scales, {scales_fit} fit ({refill})")
    if not arch.batching and longest > registers:
        found.append(f"activation registers: a vector has {longest} elements, {registers} fit (batching is off)")
    if arch.batching and longest > words:
        found.append(f"activation SRAM: a vector has {longest} elements, {words} fit")
    return found


def _exceeds(
    pointer: np.ndarray, scales: ScaleMemory | None, begin: int, refilled: np.ndarray, room: np.ndarray, end: int
) -> bool:
    """Whether the columns begin .. end - 1 do not fit the refilled memories of every PE."""
    return bool((_column_words(pointer, scales, begin, end)[refilled] > room).any())


def _column_words(pointer: np.ndarray, scales: ScaleMemory | None, begin: int, end: int) -> np.ndarray:
    """The number of entries, pointers and scales of the columns begin .. end - 1 on each PE, int64 [3, pes].

    A group of columns that begins before them is counted whole: its scales are fetched again.
    """
    entries = pointer[end].astype(np.int64) - pointer[begin]
    groups = 0
    if scales is not None and end > begin:
        groups = int(scales.group[end - 1]) - int(scales.group[begin]) + 1
    each = 0 if scales is None else groups * scales.stride
    return np.array([entries, np.full(entries.size, end - begin + 1), np.full(entries.size, each)])
