"""When each block of keys of attention is loaded, scored, decided on and multiplied with its values.

Step `g` is the scores of block `g` and the values of block `g - scores_ahead`, one after the other on one array, or at
the same time on two; blocks of all tiles are numbered one after the other. The loader goes through these steps in
order, so that requests are sent in the order in which this recurrence computes them; see `model.attention`.
"""

import numpy as np
from numba import njit

from simulator.hardware.dram.engine.bulk import enter_lines
from simulator.hardware.dram.engine.scheduler import clock_of
from simulator.hardware.dram.engine.state import CHANNEL, PUSHED, READING, WRITING, initial_state
from simulator.machines.tensor.arch import Arch
from simulator.machines.tensor.engine.attention_schedule import KEY, QUERY, VALUE, Schedule, Times
from simulator.machines.tensor.engine.timing import BEGIN, finish


def time_blocks(arch: Arch, plan: Schedule) -> Times:
    """The times of all blocks and tiles."""
    blocks, tiles = plan.tile.size, plan.last.size
    sizes = blocks, (blocks, 2), blocks, blocks, (blocks, 2), (blocks, 2), (tiles, 2), (blocks, 3, 2), (tiles, 2)
    times = Times(*(np.zeros(size, np.int64) for size in sizes))
    ahead = arch.scores_ahead, arch.separate_arrays, arch.pipeline_stages, arch.value_on_demand
    if arch.dram is None:
        _time_without_memory(plan, times, arch.operand_buffers, arch.output_buffers, *ahead)
        return times
    lines = int(plan.lines[:, 1::2].sum() + plan.outputs[:, 1].sum())
    state = initial_state(arch.dram, max(1, lines))
    tickets = np.zeros((blocks, 3, 2), np.int64), np.zeros((tiles, 2), np.int64)
    _time_with_memory(arch.dram, state, plan, times, tickets, arch.operand_buffers, arch.output_buffers, *ahead)
    return times


@njit(cache=True)
def _time_with_memory(dram, state, plan, times, tickets, buffers, outputs, ahead, apart, stages, on_demand):  # type: ignore[no-untyped-def]
    """Set `times`, int64 arrays of a `Times`, of a `Schedule`; state: int64 [rows, COLUMNS] and [remembered].

    tickets: int64 [blocks, 3, 2] and [tiles, 2], set to the first ticket of each transfer and the one after its last.
    """
    count, (loads, writes) = plan.tile.size, tickets
    for g in range(min(buffers, count)):
        _load(dram, state, plan, times, loads, g, on_demand, BEGIN)
    score = value = vector = loader = 0
    for g in range(count + ahead):
        if g < count:
            begin = max(
                _free(times, g, score, ahead, apart),
                _arrived(dram, state, times, loads, g, KEY),
                _arrived(dram, state, times, loads, g, QUERY),
            )
            score, vector = _score(plan, times, g, begin, vector, stages)
            value = value if apart else score
            loader = max(loader, times.decided[g]) if on_demand else loader
            if on_demand and plan.kept[g]:
                _send(dram, state, plan, times, loads, g, VALUE, loader)
        h = g - ahead
        if h >= 0:
            value = _wait(times, h, value)
            if plan.kept[h]:
                value = max(value, _arrived(dram, state, times, loads, h, VALUE))
            value = _multiply(plan, times, h, value)
            tile = plan.tile[h]
            if h == plan.last[tile]:
                if tile >= outputs:
                    value = max(value, _written(dram, state, times, writes, tile - outputs))
                value = _drain(plan, times, tile, value)
                loader = max(loader, score, value)
                times.writes[tile] = loader
                writes[tile, 0] = state.table[CHANNEL, PUSHED]
                first, lines = plan.outputs[tile, 0], plan.outputs[tile, 1]
                enter_lines(dram, state.table, state.done, first, lines, WRITING, clock_of(dram, loader))
                writes[tile, 1] = state.table[CHANNEL, PUSHED]
        score = score if apart else value
        loader = max(loader, score, value)
        if g + buffers < count:
            _load(dram, state, plan, times, loads, g + buffers, on_demand, loader)
    for g in range(count):
        for kind in range(3):
            _arrived(dram, state, times, loads, g, kind)
    for tile in range(plan.last.size):
        _written(dram, state, times, writes, tile)


@njit(cache=True)
def _time_without_memory(plan, times, buffers, outputs, ahead, apart, stages, on_demand):  # type: ignore[no-untyped-def]
    """Set `times`, int64 [blocks] and [tiles] arrays, where all lines are there and outputs go in no time."""
    score = value = vector = loader = 0
    count = plan.tile.size
    for g in range(count + ahead):
        if g < count:
            begin = max(_free(times, g, score, ahead, apart), times.moves[g, KEY, 1])
            score, vector = _score(plan, times, g, begin, vector, stages)
            value = value if apart else score
            if on_demand:
                loader = max(loader, times.decided[g])
                times.moves[g, VALUE] = loader if plan.kept[g] else 0
        h = g - ahead
        if h >= 0:
            value = _wait(times, h, value)
            if plan.kept[h] and on_demand:
                value = max(value, times.moves[h, VALUE, 1])
            value = _multiply(plan, times, h, value)
            tile = plan.tile[h]
            if h == plan.last[tile]:
                value = max(value, times.writes[tile - outputs, 1]) if tile >= outputs else value
                value = _drain(plan, times, tile, value)
                loader = max(loader, score, value)
                times.writes[tile] = loader
        score = score if apart else value
        loader = max(loader, score, value)
        if g + buffers < count:
            times.moves[g + buffers, KEY] = loader


@njit(cache=True, inline="always")
def _free(times, g, score, ahead, apart):  # type: ignore[no-untyped-def]
    """The cycle from which the scores of block `g` have an array and, of two, room; sets `times`, int64 [blocks].

    score: after the scores before it, and on one array after the values, too.
    """
    h = g - 1 - ahead
    times.free[g] = max(score, times.value[h, 1]) if apart and h >= 0 else score
    return times.free[g]


@njit(cache=True, inline="always")
def _wait(times, h, value):  # type: ignore[no-untyped-def]
    """The cycle in which block `h` is decided on, and weighed if it is kept; sets `times`, int64 [blocks, 2]."""
    times.ready[h, 0] = value
    times.ready[h, 1] = max(value, times.weighed[h])
    return times.ready[h, 1]


@njit(cache=True, inline="always")
def _score(plan, times, g, array, vector, stages):  # type: ignore[no-untyped-def]
    """The cycles after the scores of block `g` and after the vector unit; sets `times`, int64 [blocks]."""
    times.score[g, 0] = array
    array += plan.cycles[g, 0]
    times.score[g, 1] = array
    times.decided[g] = max(array + stages, vector) + plan.cycles[g, 2]
    times.weighed[g] = times.decided[g] + plan.cycles[g, 2] * plan.kept[g]
    return array, times.weighed[g]


@njit(cache=True, inline="always")
def _multiply(plan, times, h, array):  # type: ignore[no-untyped-def]
    """The cycle after the values of block `h` of a `Schedule`; sets `times`, int64 [blocks]."""
    times.value[h, 0] = array
    array += plan.cycles[h, 1] * plan.kept[h]
    times.value[h, 1] = array
    return array


@njit(cache=True, inline="always")
def _drain(plan, times, tile, array):  # type: ignore[no-untyped-def]
    """The cycle after the drain of a tile of a `Schedule`; sets `times`, int64 [tiles]."""
    times.drain[tile, 0] = array
    array += plan.drain[tile]
    times.drain[tile, 1] = array
    return array


@njit(cache=True)
def _load(dram, state, plan, times, loads, g, on_demand, cycle):  # type: ignore[no-untyped-def]
    """Send the requests of block `g` in `cycle`: queries, keys and, unless they wait for a decision, values.

    loads: int64 [blocks, 3, 2], the tickets; the rest as in `_time_with_memory`.
    """
    _send(dram, state, plan, times, loads, g, QUERY, cycle)
    _send(dram, state, plan, times, loads, g, KEY, cycle)
    if not on_demand:
        _send(dram, state, plan, times, loads, g, VALUE, cycle)


@njit(cache=True)
def _send(dram, state, plan, times, loads, g, kind, cycle):  # type: ignore[no-untyped-def]
    """Send the requests of one kind; see `_load`, int64 [blocks, 3, 2] as there."""
    times.moves[g, kind, 0] = cycle
    loads[g, kind, 0] = state.table[CHANNEL, PUSHED]
    line, lines = plan.lines[g, 2 * kind], plan.lines[g, 2 * kind + 1]
    if lines:
        enter_lines(dram, state.table, state.done, line, lines, READING, clock_of(dram, cycle))
    loads[g, kind, 1] = state.table[CHANNEL, PUSHED]


@njit(cache=True)
def _arrived(dram, state, times, loads, g, kind):  # type: ignore[no-untyped-def]
    """The cycle in which the lines of a transfer are there; loads: int64 [blocks, 3, 2]."""
    times.moves[g, kind, 1] = finish(dram, state, loads[g, kind], times.moves[g, kind, 0])
    return times.moves[g, kind, 1]


@njit(cache=True)
def _written(dram, state, times, writes, tile):  # type: ignore[no-untyped-def]
    """The cycle in which the outputs of a tile are written; writes: int64 [tiles, 2], the tickets."""
    times.writes[tile, 1] = finish(dram, state, writes[tile], times.writes[tile, 0])
    return times.writes[tile, 1]
