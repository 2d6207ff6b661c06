"""How much of a layer EIE's memories hold. A memory that is too small for the layer is filled from DRAM in segments.

A layer that fits is in the memories before the run, as in the paper. Otherwise every run processes the columns in
segments: the PEs wait while DRAM fills the memories (the paper's I/O mode), then work on their content.
"""

from bisect import bisect_left
from functools import partial

import numpy as np

from simulator.machines.eie.arch import Arch
from workloads.compression.relative_index import Banks

DRAM_WORD_BITS = 32


def required_words(banks: Banks) -> np.ndarray:
    """The number of entries and pointers that each PE needs for a pass, int64 [2, pes]."""
    return np.array([banks.pointer[-1], np.full(banks.pointer.shape[1], banks.pointer.shape[0])], np.int64)


def capacity(arch: Arch) -> np.ndarray:
    """The number of entries and pointers that the memories of a PE hold, int64 [2]."""
    entry_bits = arch.weight_bits + arch.index_bits
    return np.array([arch.spmat_bytes * 8 // entry_bits, arch.pointer_bytes * 8 // arch.pointer_bits], np.int64)


def refilled_memories(arch: Arch, required: np.ndarray) -> np.ndarray:
    """Which of the two memories are too small for the layer, bool [2].

    required: sum of `required_words` of all passes.
    """
    return required.max(axis=1) > capacity(arch)


def segment_starts(arch: Arch, pointer: np.ndarray, refilled: np.ndarray) -> list[int]:
    """The first column of each segment of a pass: as many columns as the refilled memories hold, but at least one.

    pointer int32 [columns + 1, pes]: as in `Banks`; refilled bool [2]: see `refilled_memories`.
    """
    columns, room = len(pointer) - 1, capacity(arch)[refilled, None]
    begins = [0]
    while refilled.any() and begins[-1] < columns:
        begin = begins[-1]
        fitting = bisect_left(
            range(begin + 1, columns + 1), True, key=partial(_exceeds, pointer, begin, refilled, room)
        )
        begins.append(begin + max(1, fitting))
    return begins[:-1] or [0]


def dram_words(arch: Arch, pointer: np.ndarray, begins: list[int], refilled: np.ndarray) -> np.ndarray:
    """32-bit DRAM words of each segment for each PE, int64 [segments, pes]; 0 where no memory is refilled.

    pointer, refilled: as in `segment_starts`, which gives `begins`.
    """
    bits = np.array([arch.weight_bits + arch.index_bits, arch.pointer_bits]) * refilled
    ends = [*begins[1:], len(pointer) - 1]
    moved = np.array([bits @ _column_words(pointer, begin, end) for begin, end in zip(begins, ends, strict=True)])
    return -(-moved // DRAM_WORD_BITS)


def capacity_violations(arch: Arch, required: np.ndarray, longest: int) -> list[str]:
    """A sentence for each limit that the layer exceeds.

    required int64 [2, pes]: sum of `required_words` of all passes. longest: elements of the longest vector, input or
    output.
    """
    (entries, pointers), pe = required.max(axis=1).tolist(), int(required[0].argmax())
    entries_fit, pointers_fit = capacity(arch).tolist()
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
        found.append(f"pointers: PE {pe} ends at entry {entries}, {arch.pointer_bits} bits reach {reach}")
    if pointers > pointers_fit:
        found.append(f"pointer SRAM: each PE needs {pointers} pointers, {pointers_fit} fit ({refill})")
    if not arch.batching and longest > registers:
        found.append(f"activation registers: a vector has {longest} elements, {registers} fit (batching is off)")
    if arch.batching and longest > words:
        found.append(f"activation SRAM: a vector has {longest} elements, {words} fit")
    return found


def _exceeds(pointer: np.ndarray, begin: int, refilled: np.ndarray, room: np.ndarray, end: int) -> bool:
    """Whether the columns begin .. end - 1 do not fit the refilled memories of every PE."""
    return bool((_column_words(pointer, begin, end)[refilled] > room).any())


def _column_words(pointer: np.ndarray, begin: int, end: int) -> np.ndarray:
    """The number of entries and pointers of the columns begin .. end - 1 on each PE, int64 [2, pes]."""
    entries = pointer[end].astype(np.int64) - pointer[begin]
    return np.array([entries, np.full(entries.size, end - begin + 1)])
