"""A pass over the tensor: memory, stream and queue, a process each."""

import bisect

import numpy as np

from simulator.hardware.clock import Fifo, Process
from simulator.machines.selection.arch import (
    ADDITIONS,
    MEMORY,
    QUEUE,
    READ,
    STREAM,
    WORD,
    WRITTEN,
    MemoryLetter,
    QueueLetter,
    StreamLetter,
)
from simulator.machines.selection.model.state import State


def accumulate(state: State) -> Process:
    """The first pass: all elements are accumulated; where a sample decides the threshold, the queue gets it."""
    beats, samples = _queues(state)
    units = [_memory(state, beats, READ, WRITTEN), _accumulate(state, beats, samples)]
    if state.layer.sampled:
        units.append(_queue(state, samples))
    yield state.env.all_of([state.env.process(unit) for unit in units])
    state.all_idle()


def compare(state: State, threshold: np.float32) -> Process:
    """A pass with a threshold: what passes is in the candidates."""
    beats, _ = _queues(state)
    state.candidates.clear()
    units = _memory(state, beats, WORD, 0), _compare(state, beats, threshold)
    yield state.env.all_of([state.env.process(unit) for unit in units])
    state.all_idle()


def _queues(state: State) -> list[Fifo]:
    """Of beats and of samples."""
    slots = {"beats": state.arch.beat_slots, "samples": state.arch.sample_slots}
    state.queues[:] = [Fifo(state.env, name, number) for name, number in slots.items()]
    return state.queues


def _beats(state: State) -> list[range]:
    """The places of each beat."""
    size, lanes = state.layer.elements, state.arch.lanes
    return [range(first, min(first + lanes, size)) for first in range(0, size, lanes)]


def _memory(state: State, beats: Fifo, read: int, written: int) -> Process:
    """Bring beat after beat; read, written: bytes of an element, which move in the same time."""
    for places in _beats(state):
        yield beats.room()
        state.fill(MEMORY, MemoryLetter.FULL)
        cycles = state.arch.transfer_cycles(len(places) * (read + written))
        state.events["dram_read_bytes"] += len(places) * read
        state.events["dram_write_bytes"] += len(places) * written
        yield state.env.timeout(cycles - 1)
        beats.push(places)
        yield state.env.timeout(1)
        state.fill(MEMORY, MemoryLetter.TRANSFER)


def _accumulate(state: State, beats: Fifo, samples: Fifo) -> Process:
    """A beat in a cycle, or as many cycles as it has samples."""
    layer = state.layer
    chosen = range(layer.start, layer.elements, layer.stride)[: layer.samples] if layer.sampled else range(0)
    for _ in _beats(state):
        places = yield beats.pop()
        state.fill(STREAM, StreamLetter.STARVED)
        for place in places:
            _add(state, place)
        drawn = [place for place in places if place in chosen]
        for place in drawn:
            yield samples.room()
            state.fill(STREAM, StreamLetter.FULL)
            samples.push(state.magnitude(place))
            state.events["sample_pushes"] += 1
            yield from _lanes(state, 1, StreamLetter.ACCUMULATE)
        if not drawn:
            yield from _lanes(state, 1, StreamLetter.ACCUMULATE)


def _add(state: State, place: int) -> None:
    """An element: u = m u + g, v = v + u."""
    kept = np.float32(np.float32(state.layer.momentum) * state.velocity[place])
    state.velocity[place] = np.float32(kept + state.layer.gradient[place])
    state.residual[place] = np.float32(state.residual[place] + state.velocity[place])
    state.events["momentum_multiplies"] += 1
    state.events["additions"] += ADDITIONS


def _queue(state: State, samples: Fifo) -> Process:
    """Keep the greatest samples in order: each is compared with all entries, and pushes the smaller ones on."""
    for _ in range(state.layer.samples):
        magnitude = yield samples.pop()
        state.fill(QUEUE, QueueLetter.IDLE)
        state.events["sample_pops"] += 1
        state.events["queue_comparisons"] += state.layer.top
        bisect.insort(state.greatest, magnitude)
        del state.greatest[: -state.layer.top]
        yield state.env.timeout(state.arch.insert_cycles)
        state.fill(QUEUE, QueueLetter.INSERT)


def _compare(state: State, beats: Fifo, threshold: np.float32) -> Process:
    """A beat in a cycle, or as many cycles as elements pass: the candidates take one a cycle."""
    for _ in _beats(state):
        places = yield beats.pop()
        state.fill(STREAM, StreamLetter.STARVED)
        passed = [place for place in places if _passes(state.magnitude(place), threshold)]
        state.events["comparisons"] += len(places)
        state.events["candidate_writes"] += len(passed)
        state.candidates += passed
        yield from _lanes(state, max(1, len(passed)), StreamLetter.COMPARE)


def _lanes(state: State, cycles: int, letter: StreamLetter) -> Process:
    """The lanes take a beat, or some of its samples or candidates."""
    yield state.env.timeout(cycles)
    state.events["stream_cycles"] += cycles
    state.fill(STREAM, letter)


def _passes(magnitude: np.float32, threshold: np.float32) -> bool:
    return bool(magnitude >= threshold if threshold > 0 else magnitude != 0)
