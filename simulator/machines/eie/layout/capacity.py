"""What of a layer EIE's memories hold. One that does not hold the whole layer is filled from DRAM, segment by segment.

A layer that fits is there before the run, as in the paper. Else, run after run, the columns are gone through in
segments: the PEs stand still while DRAM fills the memories (the paper's I/O mode), then work on what they hold.
"""

from bisect import bisect_left
from functools import partial

import numpy as np

from simulator.machines.eie.arch import Arch
from workloads.compression.relative_index import Banks

DRAM_WORD_BITS = 32


def needs(banks: Banks) -> np.ndarray:
    """Entries and pointers that each PE holds for a pass, int64 [2, pes]."""
    return np.array([banks.pointer[-1], np.full(banks.pointer.shape[1], banks.pointer.shape[0])], np.int64)


def fits(arch: Arch) -> np.ndarray:
    """Entries and pointers for which each PE has room, int64 [2]."""
    entry_bits = arch.weight_bits + arch.index_bits
    return np.array([arch.spmat_bytes * 8 // entry_bits, arch.pointer_bytes * 8 // arch.pointer_bits], np.int64)


def refilled(arch: Arch, needed: np.ndarray) -> np.ndarray:
    """Which of the two memories does not hold the whole layer, bool [2]. needed: `needs` of all passes together."""
    return needed.max(axis=1) > fits(arch)


def segments(arch: Arch, pointer: np.ndarray, some: np.ndarray) -> list[int]:
    """Where the segments of a pass begin: each as many columns as the refilled memories hold, but at least one.

    pointer int32 [columns + 1, pes]: as in `Banks`; some: which memories are refilled.
    """
    columns, room = len(pointer) - 1, fits(arch)[some, None]
    begins = [0]
    while some.any() and begins[-1] < columns:
        begin = begins[-1]
        held = bisect_left(range(begin + 1, columns + 1), True, key=partial(_beyond, pointer, begin, some, room))
        begins.append(begin + max(1, held))
    return begins[:-1] or [0]


def dram_words(arch: Arch, pointer: np.ndarray, begins: list[int], some: np.ndarray) -> np.ndarray:
    """DRAM words of each segment on each PE, int64 [segments, pes]; 0 where all fits."""
    bits = np.array([arch.weight_bits + arch.index_bits, arch.pointer_bits]) * some
    ends = [*begins[1:], len(pointer) - 1]
    held = np.array([bits @ _held(pointer, begin, end) for begin, end in zip(begins, ends, strict=True)])
    return -(-held // DRAM_WORD_BITS)


def complaints(arch: Arch, needed: np.ndarray, longest: int) -> list[str]:
    """What does not fit, a sentence each.

    needed: as `needs`, for all passes together. longest: elements of the longest vector, input or output.
    """
    (entries, pointers), pe = needed.max(axis=1).tolist(), int(needed[0].argmax())
    entries_fit, pointers_fit = fits(arch).tolist()
    reach = (1 << arch.pointer_bits) - 1
    registers = arch.pes * arch.activation_registers
    words = arch.pes * (arch.activation_sram_bytes * 8 // arch.activation_bits)
    found, refill = [], "DRAM fills it while the PEs wait"
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


def _beyond(pointer: np.ndarray, begin: int, some: np.ndarray, room: np.ndarray, end: int) -> bool:
    """Whether the columns begin .. end - 1 need more than there is room for."""
    return bool((_held(pointer, begin, end)[some] > room).any())


def _held(pointer: np.ndarray, begin: int, end: int) -> np.ndarray:
    """Entries and pointers of the columns begin .. end - 1 on each PE, int64 [2, pes]."""
    entries = pointer[end].astype(np.int64) - pointer[begin]
    return np.array([entries, np.full(entries.size, end - begin + 1)])
