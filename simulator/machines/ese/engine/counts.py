"""Events and reasons of an ESE run from shapes and the timing of its slots; what is left of a story is waiting."""

from typing import NamedTuple

import numpy as np

from simulator.machines.ese.arch import Arch, Counts, Reasons
from simulator.machines.ese.engine.timing import Timing
from simulator.machines.ese.layout.schedule import element_cost
from simulator.machines.ese.layout.streams import Streams


class Spread(NamedTuple):
    """From one channel's time step to all channels, of which those without a voice are idle, and all time steps."""

    active: np.ndarray  # bool [channels]
    steps: int

    def channels(self, times: int) -> np.ndarray:
        """int64 [channels], of what happens so often in a time step."""
        return self.steps * np.where(self.active, times, 0).astype(np.int64)

    def left(self, cycles: int, times: int) -> np.ndarray:
        """int64 [channels]: what is left of all cycles."""
        return cycles - self.channels(times)

    def pes(self, times: np.ndarray) -> np.ndarray:
        """int64 [channels x pes], of one channel's [pes] in a time step."""
        return self.rest(self.steps * times, 0)

    def rest(self, cycles: np.ndarray, idle: int) -> np.ndarray:
        """int64 [channels x pes], of one channel's [pes] in all time steps, and of an idle one's."""
        return np.where(self.active[:, None], cycles, idle).ravel().astype(np.int64)

    def once(self, times: int) -> np.ndarray:
        """int64 [1]: of what there is once."""
        return np.array([self.steps * times], np.int64)


def count_events(arch: Arch, streams: Streams, timings: list[Timing]) -> Counts:
    """How often each event happened. timings: of any time step."""
    spread, slots = _spread(arch, streams), streams.slots
    products = [streams.matrices[slot.product] for slot in slots if slot.product]
    costs = [element_cost(slot.element, streams.layer.peephole is not None) for slot in slots]
    multiplies, additions, lookups, reads, writes = (
        spread.channels(sum(cost) * streams.layer.cells) for cost in zip(*costs, strict=True)
    )
    columns = sum(matrix.inputs for matrix in products)
    served, none = np.full(arch.pes, columns, np.int64), np.zeros(arch.pes, np.int64)
    entries = sum((matrix.pointer[-1] for matrix in products), none)
    products_done = [timing.work.product for timing in timings]
    padding = sum((one.padding for one in products_done if one is not None), none)
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


def count_cycles(arch: Arch, streams: Streams, timings: list[list[Timing]]) -> Reasons:
    """What each unit spent its cycles on. timings: of all time steps."""
    spread, cycles = _spread(arch, streams), sum(timing.cycles for step in timings for timing in step)
    busy, empty, served, waiting = np.zeros((4, arch.pes), np.int64)
    sent = last = assembled = element = 0
    for place, slot in enumerate(streams.slots):
        work = timings[0][place].work
        element += work.element_cycles
        if work.product is not None:
            matrix, end = streams.matrices[slot.product], work.product.end
            busy += matrix.pointer[-1]
            empty += work.product.empty
            served += end
            waiting += sum(step[place].cycles for step in timings) - spread.steps * end
            sent, last = sent + matrix.inputs, last + int(work.product.broadcast[-1]) + 1
            assembled += matrix.outputs
    given = [[getattr(timing, name) for step in timings for timing in step] for name in ("weights", "vectors")]
    fetched = np.array([sum(one.last for one in channel) for channel in given], np.int64)
    stalled = np.array([sum(one.stalled for one in channel) for channel in given], np.int64)
    return Reasons(
        busy=spread.pes(busy),
        empty_slice=spread.pes(empty),
        starved=spread.pes(served - busy - empty),
        waiting=spread.rest(waiting, 0),
        no_product=spread.rest(cycles - spread.steps * served - waiting, cycles),
        broadcast=spread.channels(sent),
        queue_full=spread.channels(last - sent),
        feeder_idle=spread.left(cycles, last),
        assemble=spread.channels(assembled),
        assembler_idle=spread.left(cycles, assembled),
        element=spread.channels(element),
        element_idle=spread.left(cycles, element),
        fetch=fetched - stalled,
        fifo_full=stalled,
        memory_idle=cycles - fetched,
    )


def _spread(arch: Arch, streams: Streams) -> Spread:
    voices, steps, _ = streams.activation.shape
    return Spread(np.arange(arch.channels) < voices, steps)


def _vector_lines(streams: Streams) -> int:
    return sum(slot.vector_lines + slot.input_lines for slot in streams.slots)
