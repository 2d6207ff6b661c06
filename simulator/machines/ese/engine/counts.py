"""Events and cycles of an ESE run, from shapes and the timing of its slots."""

from typing import NamedTuple

import numpy as np

from simulator.machines.ese.arch import Arch, Counts, Reasons
from simulator.machines.ese.engine.timing import Timing
from simulator.machines.ese.layout.schedule import element_cost
from simulator.machines.ese.layout.streams import Streams


class Replication(NamedTuple):
    """Extends values of one channel and time step to all channels and time steps; channels without a voice are idle."""

    active: np.ndarray  # bool [channels]
    steps: int

    def channels(self, times: int) -> np.ndarray:
        """Events of each channel, int64 [channels], from those of a time step."""
        return self.steps * np.where(self.active, times, 0).astype(np.int64)

    def remaining(self, cycles: int, times: int) -> np.ndarray:
        """The remaining cycles of each channel, int64 [channels]: all `cycles` less `times` of each time step."""
        return cycles - self.channels(times)

    def pes(self, times: np.ndarray) -> np.ndarray:
        """Events of each PE, int64 [channels x pes], from those of a channel in a time step, int64 [pes]."""
        return self.pes_of_run(self.steps * times, 0)

    def pes_of_run(self, cycles: np.ndarray, idle: int) -> np.ndarray:
        """Cycles of each PE, int64 [channels x pes], from those of a channel in the run, int64 [pes], or `idle`."""
        return np.where(self.active[:, None], cycles, idle).ravel().astype(np.int64)

    def once(self, times: int) -> np.ndarray:
        """Events of a unit that the machine has once, int64 [1], from those of a time step."""
        return np.array([self.steps * times], np.int64)


def count_events(arch: Arch, streams: Streams, timings: list[Timing]) -> Counts:
    """The events of a run. timings: those of any one time step."""
    all_channels, slots = _replication(arch, streams), streams.slots
    products = [streams.matrices[slot.product] for slot in slots if slot.product]
    costs = [element_cost(slot.element, streams.layer.peephole is not None) for slot in slots]
    multiplies, additions, lookups, reads, writes = (
        all_channels.channels(sum(cost) * streams.layer.cells) for cost in zip(*costs, strict=True)
    )
    columns = sum(matrix.inputs for matrix in products)
    served, none = np.full(arch.pes, columns, np.int64), np.zeros(arch.pes, np.int64)
    entries = sum((matrix.pointer[-1] for matrix in products), none)
    products_done = [timing.work.product for timing in timings]
    padding = sum((one.padding for one in products_done if one is not None), none)
    weight_lines = sum(slot.weight_lines for slot in slots)
    return Counts(
        broadcasts=all_channels.channels(columns),
        queue_pushes=all_channels.pes(served),
        queue_pops=all_channels.pes(served),
        pointer_reads=all_channels.steps * served,
        weight_reads=all_channels.steps * entries,
        buffer_lines=all_channels.once(weight_lines + _vector_lines(streams)),
        entries=all_channels.pes(entries),
        padding=all_channels.pes(padding),
        multiplies=all_channels.pes(entries - padding),
        accumulator_reads=all_channels.pes(entries - padding),
        accumulator_writes=all_channels.pes(entries - padding),
        assembled=all_channels.channels(sum(matrix.outputs for matrix in products)),
        element_multiplies=multiplies,
        element_additions=additions,
        table_lookups=lookups,
        state_reads=reads,
        state_writes=writes,
        dram_weight_lines=all_channels.once(weight_lines),
        dram_vector_lines=all_channels.once(_vector_lines(streams)),
        dram_output_lines=np.array([streams.output_lines], np.int64),
    )


def count_cycles(arch: Arch, streams: Streams, timings: list[list[Timing]]) -> Reasons:
    """The cycles of each unit by reason. timings: those of all time steps."""
    all_channels, cycles = _replication(arch, streams), sum(timing.cycles for step in timings for timing in step)
    busy, empty, served, waiting = np.zeros((4, arch.pes), np.int64)
    sent = last = assembled = element = 0
    for index, slot in enumerate(streams.slots):
        work = timings[0][index].work
        element += work.element_cycles
        if work.product is not None:
            matrix, end = streams.matrices[slot.product], work.product.end
            busy += matrix.pointer[-1]
            empty += work.product.empty
            served += end
            waiting += sum(step[index].cycles for step in timings) - all_channels.steps * end
            sent, last = sent + matrix.inputs, last + int(work.product.broadcast[-1]) + 1
            assembled += matrix.outputs
    deliveries = [[getattr(timing, name) for step in timings for timing in step] for name in ("weights", "vectors")]
    fetched = np.array([sum(one.last for one in channel) for channel in deliveries], np.int64)
    stalled = np.array([sum(one.stalled for one in channel) for channel in deliveries], np.int64)
    return Reasons(
        busy=all_channels.pes(busy),
        empty_slice=all_channels.pes(empty),
        starved=all_channels.pes(served - busy - empty),
        waiting=all_channels.pes_of_run(waiting, 0),
        no_product=all_channels.pes_of_run(cycles - all_channels.steps * served - waiting, cycles),
        broadcast=all_channels.channels(sent),
        queue_full=all_channels.channels(last - sent),
        feeder_idle=all_channels.remaining(cycles, last),
        assemble=all_channels.channels(assembled),
        assembler_idle=all_channels.remaining(cycles, assembled),
        element=all_channels.channels(element),
        element_idle=all_channels.remaining(cycles, element),
        fetch=fetched - stalled,
        fifo_full=stalled,
        memory_idle=cycles - fetched,
    )


def _replication(arch: Arch, streams: Streams) -> Replication:
    voices, steps, _ = streams.activation.shape
    return Replication(np.arange(arch.channels) < voices, steps)


def _vector_lines(streams: Streams) -> int:
    return sum(slot.vector_lines + slot.input_lines for slot in streams.slots)
