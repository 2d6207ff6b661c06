"""When each step of a layer of matrix products computes, drains and moves its lines.

Only the array decides when requests are sent: those of a step when an earlier one has ended and left its buffer, those
of outputs when a drain has ended. So the array's steps are gone through in order, and the DRAM is simulated as far as
the array waits for it.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from simulator.hardware.dram.engine.bulk import enter_lines
from simulator.hardware.dram.engine.scheduler import clock_of, cycle_of, wait
from simulator.hardware.dram.engine.state import CHANNEL, PUSHED, READING, WRITING, initial_state
from simulator.machines.tensor.arch import Arch
from simulator.machines.tensor.layout.streams import Streams

BEGIN = np.int64(0)
"""The cycle in which a run begins."""

SPANS = 4
"""A step's requests: first line and lines of its weights, then of its activations."""


class Times(NamedTuple):
    """Cycles of each step and tile: int64 [steps] or [tiles]."""

    asked: np.ndarray  # [steps] requests for its operands are sent
    arrived: np.ndarray  # [steps] all of them are there
    start: np.ndarray  # [steps] its first cycle
    end: np.ndarray  # [steps] the cycle after its last
    drain: np.ndarray  # [tiles] the first cycle of its drain
    drained: np.ndarray  # [tiles] the cycle after its last; then its outputs are sent
    written: np.ndarray  # [tiles] all outputs are written

    @property
    def cycles(self) -> int:
        """Of the run."""
        return int(self.written.max())


class Schedule(NamedTuple):
    """What decides the times: int64 arrays."""

    steps: np.ndarray  # [steps]: cycles
    lines: np.ndarray  # [steps, SPANS]
    last: np.ndarray  # [tiles]: the number of its last step
    drain: np.ndarray  # [tiles]: cycles
    outputs: np.ndarray  # [tiles, 2]: first line and lines


def schedule_of(streams: Streams) -> Schedule:
    """The steps of all tiles, one after the other."""
    tiles = streams.tiles
    steps = [step for tile in tiles for step in tile.steps]
    lines = np.zeros((len(steps), SPANS), np.int64)
    for row, step in zip(lines, steps, strict=True):
        for place, transfer in enumerate(step.loads):
            row[2 * place : 2 * place + 2] = transfer.first_line, transfer.lines
    return Schedule(
        steps=np.array([step.cycles for step in steps], np.int64),
        lines=lines,
        last=np.cumsum([len(tile.steps) for tile in tiles]) - 1,
        drain=np.array([tile.drain_cycles for tile in tiles], np.int64),
        outputs=np.array([tile.output[:2] for tile in tiles], np.int64),
    )


def time_steps(arch: Arch, streams: Streams) -> Times:
    """The times of all steps and tiles of a layer."""
    return time_schedule(arch, schedule_of(streams))


def time_schedule(arch: Arch, plan: Schedule) -> Times:
    """The times of all steps and tiles."""
    steps, tiles = plan.steps.size, plan.last.size
    times = Times(*(np.zeros(steps, np.int64) for _ in range(4)), *(np.zeros(tiles, np.int64) for _ in range(3)))
    if arch.dram is None:
        without_memory(plan, times, arch.operand_buffers)
        return times
    buffers = arch.operand_buffers, arch.output_buffers
    _with_memory(arch.dram, initial_state(arch.dram, _outstanding(plan, *buffers)), plan, times, *buffers)
    return times


def _outstanding(plan: Schedule, buffers: int, outputs: int) -> int:
    """Requests among which all are that the array may still wait for.

    A step waits for requests sent up to `buffers` steps before, a drain for those sent `outputs` tiles before.
    """
    loads, writes = plan.lines[:, 1::2].sum(axis=1), plan.outputs[:, 1]
    before = np.concatenate([[0], np.cumsum(loads)])
    until = np.concatenate([plan.last[outputs:], np.full(min(outputs, plan.last.size), loads.size)])
    between = before[np.minimum(until + buffers + 1, loads.size)] - before[plan.last]
    steps = (buffers + 1) * (int(loads.max(initial=0)) + int(writes.max(initial=0)))
    return max(steps, int(between.max(initial=0)) + (outputs + 1) * int(writes.max(initial=0)))


@njit(cache=True)
def without_memory(plan, times, buffers):  # type: ignore[no-untyped-def]
    """Set `times`, int64 [steps] and [tiles], of a `Schedule` whose operands are there; buffers: of operands."""
    now, tile = 0, 0
    for i in range(plan.steps.size):
        times.asked[i] = times.arrived[i] = times.end[i - buffers] if i >= buffers else 0
        times.start[i] = now
        now += plan.steps[i]
        times.end[i] = now
        if i == plan.last[tile]:
            times.drain[tile] = now
            now += plan.drain[tile]
            times.drained[tile] = times.written[tile] = now
            tile += 1


@njit(cache=True)
def _with_memory(dram, state, plan, times, buffers, outputs):  # type: ignore[no-untyped-def]
    """Set `times`, int64 [steps] and [tiles], of a `Schedule`; state: int64 [rows, COLUMNS] and [remembered].

    buffers, outputs: how many of operands and of outputs there are.
    """
    steps, tiles = plan.steps.size, plan.last.size
    tickets, written = np.zeros((steps, 2), np.int64), np.zeros((tiles, 2), np.int64)
    for i in range(min(buffers, steps)):
        _ask(dram, state, plan, times, tickets, i, BEGIN)
    now, tile = 0, 0
    for i in range(steps):
        times.arrived[i] = finish(dram, state, tickets[i], times.asked[i])
        now = max(now, times.arrived[i])
        times.start[i] = now
        now += plan.steps[i]
        times.end[i] = now
        if i + buffers < steps:
            _ask(dram, state, plan, times, tickets, i + buffers, now)
        if i == plan.last[tile]:
            if tile >= outputs:
                free = tile - outputs
                times.written[free] = finish(dram, state, written[free], times.drained[free])
                now = max(now, times.written[free])
            times.drain[tile] = now
            now += plan.drain[tile]
            times.drained[tile] = now
            first = state.table[CHANNEL, PUSHED]
            enter_lines(
                dram,
                state.table,
                state.done,
                plan.outputs[tile, 0],
                plan.outputs[tile, 1],
                WRITING,
                clock_of(dram, now),
            )
            written[tile, 0], written[tile, 1] = first, state.table[CHANNEL, PUSHED]
            tile += 1
    for last in range(max(0, tiles - outputs), tiles):
        times.written[last] = finish(dram, state, written[last], times.drained[last])


@njit(cache=True)
def _ask(dram, state, plan, times, tickets, step, cycle):  # type: ignore[no-untyped-def]
    """Send the requests of a step in `cycle`; tickets: int64 [steps, 2], the first of each step and the one after."""
    times.asked[step] = cycle
    tickets[step, 0] = state.table[CHANNEL, PUSHED]
    for place in range(0, SPANS, 2):
        line, lines = plan.lines[step, place], plan.lines[step, place + 1]
        if lines:
            enter_lines(dram, state.table, state.done, line, lines, READING, clock_of(dram, cycle))
    tickets[step, 1] = state.table[CHANNEL, PUSHED]


@njit(cache=True)
def finish(dram, state, tickets, asked):  # type: ignore[no-untyped-def]
    """The cycle in which the requests of tickets, int64 [2], are done; asked: where there are none."""
    done = -1
    for ticket in range(tickets[0], tickets[1]):
        done = max(done, wait(dram, state, ticket))
    return max(asked, cycle_of(dram, done)) if done >= 0 else asked
