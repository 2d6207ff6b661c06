"""The encoder: which candidates are the greatest, and the message."""

import numpy as np

from simulator.hardware.clock import Process
from simulator.machines.selection.arch import (
    ENCODER,
    LONGEST,
    MEMORY,
    WRITTEN,
    EncoderLetter,
    MemoryLetter,
    digits,
    emit_cycles,
)
from simulator.machines.selection.model.state import State


def send(state: State, crowded: bool) -> Process:
    """Send the candidates one after another, at most as many as are wanted; of a crowd, the greatest."""
    least, equal, sent, before = 0, 0, 0, -1
    if crowded:
        least, equal = yield from _rank(state)
    for place in list(state.candidates):
        if sent == state.layer.wanted:
            break
        state.events["candidate_reads"] += 1
        bits = _bits(state, place)
        if crowded and (bits < least or (bits == least and not equal)):
            yield state.env.timeout(1)
            state.fill(ENCODER, EncoderLetter.LEAVE)
            continue
        equal -= crowded and bits == least
        yield from _emit(state, place, place - before - 1)
        sent, before = sent + 1, place


def _rank(state: State) -> Process:
    """The magnitude of the last element that is sent, and how many of that magnitude are: digit by digit."""
    prefix, rank = 0, state.layer.wanted
    for low, size in digits(state.arch):
        bins = [0] * (1 << size)
        for place in state.candidates:
            state.events["candidate_reads"] += 1
            bits = _bits(state, place)
            if bits >> (low + size) == prefix:
                bins[bits >> low & ((1 << size) - 1)] += 1
                state.events["bin_updates"] += 1
            yield state.env.timeout(1)
        state.fill(ENCODER, EncoderLetter.RANK)
        chosen = len(bins) - 1
        state.events["bin_reads"] += 1
        yield state.env.timeout(1)
        while bins[chosen] < rank:
            rank -= bins[chosen]
            chosen -= 1
            state.events["bin_reads"] += 1
            yield state.env.timeout(1)
        state.fill(ENCODER, EncoderLetter.FIND)
        prefix = prefix << size | chosen
    return prefix, rank


def _emit(state: State, place: int, zeros: int) -> Process:
    """The pair of an element, after those that cut its run; zeros replace it in the memory."""
    while zeros > LONGEST:
        state.words += [0, 0, LONGEST]
        zeros -= LONGEST + 1
        state.events["pairs"] += 1
        state.events["cuts"] += 1
        yield state.env.timeout(1)
        state.fill(ENCODER, EncoderLetter.CUT)
    bits = int(state.residual[place].view(np.uint32))
    state.words += [bits & 0xFFFF, bits >> 16, zeros]
    state.events["pairs"] += 1
    state.events["dram_write_bytes"] += WRITTEN
    state.velocity[place] = state.residual[place] = np.float32(0)
    state.fill(MEMORY, MemoryLetter.IDLE)
    yield state.env.timeout(emit_cycles(state.arch))
    state.fill(ENCODER, EncoderLetter.EMIT)
    state.fill(MEMORY, MemoryLetter.ZEROS)


def _bits(state: State, place: int) -> int:
    """The magnitude's 31 bits: as whole numbers they are in the order of magnitudes."""
    return int(state.magnitude(place).view(np.uint32))
