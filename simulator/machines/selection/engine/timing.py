"""When the units of a pass do what, in closed recurrences over beats and samples."""

from typing import NamedTuple

import numpy as np
from numba import njit

from simulator.machines.selection.arch import READ, WORD, WRITTEN, Arch
from workloads.kinds.gradient.layer import CompressedGradient


class Pass(NamedTuple):
    """Times of a pass over the tensor: int64 [beats] or [samples] each."""

    end: int
    cycles: np.ndarray  # of each beat in the memory
    takes: np.ndarray  # samples or candidates of each beat
    starts: np.ndarray  # when the memory begins a beat
    enters: np.ndarray  # when the stream takes it
    leaves: np.ndarray  # when the stream is done with it
    pushes: np.ndarray  # of each sample
    pops: np.ndarray  # of each sample


def accumulate_pass(arch: Arch, layer: CompressedGradient) -> Pass:
    """The first pass, which begins in cycle 0."""
    takes = np.zeros(-(-layer.elements // arch.lanes), np.int64)
    if layer.sampled:
        places = layer.start + layer.stride * np.arange(layer.samples)
        takes = np.bincount(places // arch.lanes, minlength=takes.size)
    return _time(arch, layer, READ + WRITTEN, takes, 0, layer.samples if layer.sampled else 0)


def compare_pass(arch: Arch, layer: CompressedGradient, passed: np.ndarray, begin: int) -> Pass:
    """A pass with a threshold. passed: int64 [passed], places."""
    takes = np.bincount(passed // arch.lanes, minlength=-(-layer.elements // arch.lanes))
    return _time(arch, layer, WORD, takes, begin, 0)


def _time(arch: Arch, layer: CompressedGradient, size: int, takes: np.ndarray, begin: int, samples: int) -> Pass:
    """takes: int64 [beats]; size: bytes of an element in the memory."""
    beats = takes.size
    lanes = np.full(beats, arch.lanes, np.int64)
    lanes[-1] = layer.elements - (beats - 1) * arch.lanes
    cycles = -(-lanes * size // arch.dram_bytes_per_cycle)
    starts, enters, leaves = (np.zeros(beats, np.int64) for _ in range(3))
    pushes, pops = (np.zeros(samples, np.int64) for _ in range(2))
    slots = arch.beat_slots, arch.sample_slots, arch.insert_cycles
    end = _fill(cycles, takes.astype(np.int64), *slots, begin, starts, enters, leaves, pushes, pops)
    return Pass(int(end), cycles, takes, starts, enters, leaves, pushes, pops)


@njit(cache=True)
def _fill(  # type: ignore[no-untyped-def]
    cycles, takes, beat_slots, sample_slots, insert, begin, starts, enters, leaves, pushes, pops
):
    """Fill the times of a pass, int64 [beats] and [samples], and return its end; the others are scalars.

    With no samples in `pushes`, int64 [samples], what a beat takes are candidates, which never wait.
    """
    arrived, free, sorted_until, sample = begin, begin, begin, 0
    for b in range(cycles.size):
        room = enters[b - beat_slots] + 1 if b >= beat_slots else begin
        starts[b] = max(arrived, room)
        arrived = starts[b] + cycles[b]
        enters[b] = max(free, arrived)
        free = enters[b]
        if pushes.size == 0:
            free += max(1, takes[b])
        else:
            for _ in range(takes[b]):
                slot = pops[sample - sample_slots] + 1 if sample >= sample_slots else begin
                pushes[sample] = max(free, slot)
                free = pushes[sample] + 1
                pops[sample] = max(sorted_until, free)
                sorted_until = pops[sample] + insert
                sample += 1
            if takes[b] == 0:
                free += 1
        leaves[b] = free
    return max(free, sorted_until)
