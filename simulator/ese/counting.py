"""Events and reasons of an ESE run from shapes and the timing of its slots; what is left of a story is waiting."""

from typing import NamedTuple

import numpy as np

from simulator.ese.arch import Arch, Counts, Reasons
from simulator.ese.schedule import element_cost
from simulator.ese.streams import Streams
from simulator.ese.timing import Timing


class Spread(NamedTuple):
    """From one channel's time step to all channels, of which those without a voice are idle, and all time steps."""

    active: np.ndarray  # bool [channels]
    steps: int

    def channels(self, times: int, idle: int = 0) -> np.ndarray:
        """int64 [channels]."""
        return self.steps * np.where(self.active, times, idle).astype(np.int64)

    def pes(self, times: np.ndarray, idle: int = 0) -> np.ndarray:
        """int64 [channels x pes], of one channel's [pes]."""
        return self.steps * np.where(self.active[:, None], times, idle).ravel().astype(np.int64)

    def once(self, times: int) -> np.ndarray:
        """int64 [1]: of what there is once."""
        return np.array([self.steps * times], np.int64)


def count_events(arch: Arch, streams: Streams, timings: list[Timing]) -> Counts:
    """How often each event happened."""
    spread, slots = _spread(arch, streams), streams.slots
    products = [streams.matrices[slot.product] for slot in slots if slot.product]
    costs = [element_cost(slot.element, streams.layer.peephole is not None) for slot in slots]
    multiplies, additions, lookups, reads, writes = (
        spread.channels(sum(cost) * streams.layer.cells) for cost in zip(*costs, strict=True)
    )
    columns = sum(matrix.inputs for matrix in products)
    served, none = np.full(arch.pes, columns, np.int64), np.zeros(arch.pes, np.int64)
    entries = sum((matrix.pointer[-1] for matrix in products), none)
    padding = sum((timing.product.padding for timing in timings if timing.product is not None), none)
    weight_lines = sum(slot.weight_lines for slot in slots)
    return Counts(
        broadcasts=spread.channels(columns),
        queue_pushes=spread.pes(served),
        queue_pops=spread.pes(served),
        pointer_reads=spread.steps * served,
        weight_reads=spread.steps * entries,
        buffer_lines=spread.once(weight_lines + _vector_lines(streams)),
        entries=spread.pes(entries),
        padding=spread.pes(padding),
        multiplies=spread.pes(entries - padding),
        accumulator_reads=spread.pes(entries - padding),
        accumulator_writes=spread.pes(entries - padding),
        assembled=spread.channels(sum(matrix.outputs for matrix in products)),
        element_multiplies=multiplies,
        element_additions=additions,
        table_lookups=lookups,
        state_reads=reads,
        state_writes=writes,
        dram_weight_lines=spread.once(weight_lines),
        dram_vector_lines=spread.once(_vector_lines(streams)),
        dram_output_lines=np.array([streams.output_lines], np.int64),
    )


def count_cycles(arch: Arch, streams: Streams, timings: list[Timing]) -> Reasons:
    """What each unit spent its cycles on."""
    spread, step = _spread(arch, streams), sum(timing.cycles for timing in timings)
    busy, empty, served, waiting = np.zeros((4, arch.pes), np.int64)
    sent = last = assembled = 0
    for slot, timing in zip(streams.slots, timings, strict=True):
        if timing.product is not None:
            matrix, end = streams.matrices[slot.product], timing.product.end
            busy += matrix.pointer[-1]
            empty += timing.product.empty
            served += end
            waiting += timing.cycles - end
            sent, last = sent + matrix.inputs, last + int(timing.product.broadcast[-1]) + 1
            assembled += matrix.outputs
    element = sum(timing.element_cycles for timing in timings)
    lines = np.array([sum(slot.weight_lines for slot in streams.slots), _vector_lines(streams)], np.int64)
    fetch = arch.line_cycles * lines
    stalled = np.array([timing.stalls for timing in timings], np.int64).sum(axis=0)
    return Reasons(
        busy=spread.pes(busy),
        empty_slice=spread.pes(empty),
        starved=spread.pes(served - busy - empty),
        waiting=spread.pes(waiting),
        no_product=spread.pes(step - served - waiting, step),
        broadcast=spread.channels(sent),
        queue_full=spread.channels(last - sent),
        feeder_idle=spread.channels(step - last, step),
        assemble=spread.channels(assembled),
        assembler_idle=spread.channels(step - assembled, step),
        element=spread.channels(element),
        element_idle=spread.channels(step - element, step),
        fetch=spread.steps * fetch,
        fifo_full=spread.steps * stalled,
        memory_idle=spread.steps * (step - fetch - stalled),
    )


def _spread(arch: Arch, streams: Streams) -> Spread:
    voices, steps, _ = streams.activation.shape
    return Spread(np.arange(arch.channels) < voices, steps)


def _vector_lines(streams: Streams) -> int:
    return sum(slot.vector_lines + slot.input_lines for slot in streams.slots)
