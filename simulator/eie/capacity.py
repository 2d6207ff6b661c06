"""What of a layer EIE's memories hold, and what they do not."""

import numpy as np

from simulator.eie.arch import Arch
from workloads.encode import Banks

DRAM_WORD_BITS = 32


def needs(banks: Banks) -> np.ndarray:
    """Entries and pointers that each PE holds for a pass, int64 [2, pes]."""
    return np.array([banks.pointer[-1], np.full(banks.pointer.shape[1], banks.pointer.shape[0])], np.int64)


def fits(arch: Arch) -> np.ndarray:
    """Entries and pointers for which each PE has room, int64 [2]."""
    entry_bits = arch.weight_bits + arch.index_bits
    return np.array([arch.spmat_bytes * 8 // entry_bits, arch.pointer_bytes * 8 // arch.pointer_bits], np.int64)


def dram_words(arch: Arch, before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """DRAM words, int64 [pes], for what of `before` .. `after` (as `needs`) the SRAMs do not hold."""
    fit = fits(arch)[:, None]
    bits = np.array([arch.weight_bits + arch.index_bits, arch.pointer_bits])
    return -(-(bits @ (np.maximum(after, fit) - np.maximum(before, fit))) // DRAM_WORD_BITS)


def complaints(arch: Arch, needed: np.ndarray, longest: int) -> list[str]:
    """What does not fit, a sentence each.

    needed: as `needs`, for all passes together. longest: elements of the longest vector, input or output.
    """
    (entries, pointers), pe = needed.max(axis=1).tolist(), int(needed[0].argmax())
    entries_fit, pointers_fit = fits(arch).tolist()
    reach = (1 << arch.pointer_bits) - 1
    registers = arch.pes * arch.activation_registers
    words = arch.pes * (arch.activation_sram_bytes * 8 // arch.activation_bits)
    rest = "the rest comes from DRAM: energy is counted, time is not"
    found = []
    if entries > entries_fit:
        found.append(f"sparse-matrix SRAM: PE {pe} needs {entries} entries, {entries_fit} fit ({rest})")
    if entries > reach:
        found.append(f"pointers: PE {pe} ends at entry {entries}, {arch.pointer_bits} bits reach {reach}")
    if pointers > pointers_fit:
        found.append(f"pointer SRAM: each PE needs {pointers} pointers, {pointers_fit} fit ({rest})")
    if not arch.batching and longest > registers:
        found.append(f"activation registers: a vector has {longest} elements, {registers} fit (batching is off)")
    if arch.batching and longest > words:
        found.append(f"activation SRAM: a vector has {longest} elements, {words} fit")
    return found
