"""When each step of a layer computes, drains and moves its lines where all channels of the DRAM are simulated.

As `timing`, but lines of rows that are gathered are spread unevenly over the channels: each has a state of its own, and
what a step asks for is there when the last channel has delivered it. Steps of a stage that waits are asked for when the
stage before has drained.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from simulator.hardware.dram.engine.scheduler import clock_of, cycle_of, push, wait
from simulator.hardware.dram.engine.state import CHANNEL, PUSHED, READING, WRITING, State, counts_of, initial_state
from simulator.hardware.dram.spec import DramCounts, to_clock
from simulator.machines.tensor.arch import Arch
from simulator.machines.tensor.engine.timing import BEGIN, Times, without_memory
from simulator.machines.tensor.layout.streams import Streams


class Plan(NamedTuple):
    """What decides the times: int64 arrays."""

    steps: np.ndarray  # [steps]: cycles
    begin: np.ndarray  # [steps + 1]: the first of each step's spans, and their number
    spans: np.ndarray  # [spans, 2]: first line and lines, numbered over all channels
    after: np.ndarray  # [steps]: how many tiles have drained before its requests are sent, at least
    last: np.ndarray  # [tiles]: the number of its last step
    drain: np.ndarray  # [tiles]: cycles
    outputs: np.ndarray  # [tiles, 2]: first line and lines


class Memory(NamedTuple):
    """All channels between two commands, and requests that something may wait for."""

    table: np.ndarray  # int64 [channels, rows, COLUMNS]
    done: np.ndarray  # int64 [channels, remembered]
    asked: np.ndarray  # int64 [operand buffers, channels, 2]: a step's first ticket and the one after its last
    written: np.ndarray  # int64 [output buffers, channels, 2]: a tile's


def plan_of(streams: Streams) -> Plan:
    """The steps of all tiles, one after the other."""
    tiles = streams.tiles
    steps = [step for tile in tiles for step in tile.steps]
    spans = [load[:2] for step in steps for load in step.loads]
    after, before = list[int](), 0
    for stage in streams.stages:
        after += [before if stage.waits else 0] * sum(len(tile.steps) for tile in stage.tiles)
        before += len(stage.tiles)
    return Plan(
        steps=np.array([step.cycles for step in steps], np.int64),
        begin=np.cumsum([0, *(len(step.loads) for step in steps)]),
        spans=np.array(spans, np.int64).reshape(-1, 2),
        after=np.array(after, np.int64),
        last=np.cumsum([len(tile.steps) for tile in tiles]) - 1,
        drain=np.array([tile.drain_cycles for tile in tiles], np.int64),
        outputs=np.array([tile.output[:2] for tile in tiles], np.int64),
    )


def time_plan(arch: Arch, plan: Plan) -> tuple[Times, DramCounts | None]:
    """The times of all steps and tiles, and what each channel did up to the end."""
    steps, tiles = plan.steps.size, plan.last.size
    times = Times(*(np.zeros(steps, np.int64) for _ in range(4)), *(np.zeros(tiles, np.int64) for _ in range(3)))
    if arch.dram is None:
        without_memory(plan, times, arch.operand_buffers)
        return times, None
    channels = arch.memory_channels
    tickets = (np.zeros((count, channels, 2), np.int64) for count in (arch.operand_buffers, arch.output_buffers))
    states = [initial_state(arch.dram, _outstanding(arch, plan)) for _ in range(channels)]
    memory = Memory(np.stack([one.table for one in states]), np.stack([one.done for one in states]), *tickets)
    _run(arch.dram, memory, plan, times)
    states = [State(*one) for one in zip(memory.table, memory.done, strict=True)]
    return times, counts_of(arch.dram, states, to_clock(arch.dram, times.cycles))


def _outstanding(arch: Arch, plan: Plan) -> int:
    """Requests of a channel among which all are that the array may still wait for, at least.

    A step waits for requests sent up to `buffers` steps before, a drain for those sent `outputs` tiles before.
    """
    shares = -(-plan.spans[:, 1] // arch.memory_channels)
    before = np.concatenate([[0], np.cumsum(shares)])[plan.begin]
    writes, outputs, steps = -(-plan.outputs[:, 1] // arch.memory_channels), arch.output_buffers, plan.steps.size
    until = np.concatenate([plan.last[outputs:], np.full(min(outputs, plan.last.size), steps)])
    between = before[np.minimum(until + arch.operand_buffers + 1, steps)] - before[plan.last]
    most = int(np.diff(before).max(initial=0)), int(writes.max(initial=0))
    return max((arch.operand_buffers + 1) * sum(most), int(between.max(initial=0)) + (outputs + 1) * most[1])


@njit(cache=True)
def _run(dram, memory, plan, times):  # type: ignore[no-untyped-def]
    """Set `times`, int64 [steps] and [tiles], of a `Plan`; memory: a `Memory`, whose arrays are changed in place."""
    steps, tiles = plan.steps.size, plan.last.size
    buffers, outputs = memory.asked.shape[0], memory.written.shape[0]
    now, tile, sent = BEGIN, 0, 0
    for i in range(steps):
        sent = _send(dram, memory, plan, times, sent, i + buffers, tile, now)
        times.arrived[i] = _finish(dram, memory, memory.asked[i % buffers], times.asked[i])
        now = max(now, times.arrived[i])
        times.start[i] = now
        now += plan.steps[i]
        times.end[i] = now
        if i < plan.last[tile]:
            continue
        sent = _send(dram, memory, plan, times, sent, i + 1 + buffers, tile, now)
        free = tile - outputs
        if free >= 0:
            times.written[free] = _finish(dram, memory, memory.written[free % outputs], times.drained[free])
            now = max(now, times.written[free])
        times.drain[tile] = now
        now += plan.drain[tile]
        times.drained[tile] = now
        _move(dram, memory, memory.written[tile % outputs], plan.outputs[tile : tile + 1], WRITING, now)
        tile += 1
    for free in range(max(0, tiles - outputs), tiles):
        times.written[free] = _finish(dram, memory, memory.written[free % outputs], times.drained[free])


@njit(cache=True)
def _send(dram, memory, plan, times, sent, until, drained, cycle):  # type: ignore[no-untyped-def]
    """Send the requests of steps from `sent` on before `until` that need no more than `drained` tiles, in `cycle`.

    memory: a `Memory`; plan: a `Plan`; times: int64 [steps] and [tiles]. The first step whose are not sent.
    """
    while sent < min(plan.steps.size, until) and plan.after[sent] <= drained:
        spans = plan.spans[plan.begin[sent] : plan.begin[sent + 1]]
        _move(dram, memory, memory.asked[sent % memory.asked.shape[0]], spans, READING, cycle)
        times.asked[sent] = cycle
        sent += 1
    return sent


@njit(cache=True)
def _move(dram, memory, tickets, spans, kind, cycle):  # type: ignore[no-untyped-def]
    """Send requests for the lines of spans, int64 [spans, 2], in `cycle`; line i goes to channel i mod channels.

    memory: a `Memory`; tickets: int64 [channels, 2], becomes the first of each channel and the one after its last.
    """
    channels, arrival = memory.table.shape[0], clock_of(dram, cycle)
    tickets[:, 0] = memory.table[:, CHANNEL, PUSHED]
    for i in range(spans.shape[0]):
        for line in range(spans[i, 0], spans[i, 0] + spans[i, 1]):
            channel = line % channels
            push(dram, State(memory.table[channel], memory.done[channel]), line // channels, kind, arrival)
    tickets[:, 1] = memory.table[:, CHANNEL, PUSHED]


@njit(cache=True)
def _finish(dram, memory, tickets, asked):  # type: ignore[no-untyped-def]
    """The cycle in which the requests of tickets, int64 [channels, 2], are done; asked: where there are none.

    memory: a `Memory`.
    """
    found = asked
    for channel in range(tickets.shape[0]):
        state = State(memory.table[channel], memory.done[channel])
        for ticket in range(tickets[channel, 0], tickets[channel, 1]):
            found = max(found, cycle_of(dram, wait(dram, state, ticket)))
    return found
