"""A state-space layer on the compiled engine: equal to the model."""

import numpy as np

from simulator.core.run import Run
from simulator.machines.tensor.arch import Arch, ArrayLetter, Counts, MemoryLetter, Reasons, VectorLetter
from simulator.machines.tensor.engine.counts import busy_spans, single
from simulator.machines.tensor.engine.run import empty_trace, fill
from simulator.machines.tensor.engine.state_numbers import output_of
from simulator.machines.tensor.engine.timing import SPANS, Schedule, Times, time_schedule
from simulator.machines.tensor.layout.state_space import StateStreams, lines_of


def run_state_space(arch: Arch, streams: StateStreams, trace_cycles: int = 0, output: bool = True) -> Run:
    """Run a layer; the trace holds its first `trace_cycles` cycles. output: False leaves it out, and reads no value."""
    times = time_schedule(arch, _schedule(streams))
    reads = busy_spans(times.asked, times.arrived)
    moves = busy_spans(np.concatenate([times.asked, times.drained]), np.concatenate([times.arrived, times.written]))
    return Run(
        cycles=times.cycles,
        output=output_of(streams.layer) if output else np.zeros(0, np.float32),
        counts=_counts(arch, streams),
        reasons=_reasons(times, streams, (reads, moves)),
        trace=_trace(times, (reads, moves), min(times.cycles, trace_cycles)),
    )


def _schedule(streams: StateStreams) -> Schedule:
    """Each tile is one step, which drains in no time: what it reads lies together in DRAM, and what it writes."""
    tiles = streams.tiles
    lines, outputs = np.zeros((len(tiles), SPANS), np.int64), np.zeros((len(tiles), 2), np.int64)
    for row, written, tile in zip(lines, outputs, tiles, strict=True):
        if tile.parameters is not None:
            row[:2] = tile.parameters[:2]
        row[2:] = tile.tokens.first_line, tile.tokens.lines + tile.state.lines + tile.window.lines
        written[:] = tile.state.first_line, tile.state.lines + tile.window.lines + tile.output.lines
    return Schedule(
        steps=np.full(len(tiles), streams.work.cycles, np.int64),
        lines=lines,
        last=np.arange(len(tiles)),
        drain=np.zeros(len(tiles), np.int64),
        outputs=outputs,
    )


def _counts(arch: Arch, streams: StateStreams) -> Counts:
    """How often each event happens: tiles times what one of them does, and the parameters once for each group."""
    tile, tiles, groups, work = streams.tiles[-1], len(streams.tiles), streams.layer.groups, streams.work
    loaded = tile.tokens.part.bytes + tile.state.part.bytes + tile.window.part.bytes
    first = streams.tiles[0].parameters
    assert first is not None
    parameters = groups * lines_of(arch, (first,))
    return single(Counts, {
        "state_multiplies": tiles * work.multiplies,
        "exponentials": tiles * work.exponentials,
        "divisions": tiles * work.divisions,
        "update_cycles": tiles * work.cycles,
        "operand_reads": tiles * (loaded + streams.parameters.bytes),
        "operand_writes": tiles * loaded + groups * streams.parameters.bytes,
        "dram_weight_bytes": groups * streams.parameters.bytes,
        "dram_activation_bytes": tiles * tile.tokens.part.bytes,
        "dram_state_bytes": tiles * 2 * (tile.state.part.bytes + tile.window.part.bytes),
        "dram_output_bytes": tiles * tile.output.part.bytes,
        "dram_lines": parameters + tiles * lines_of(arch, (tile.tokens, tile.state, tile.window, *tile.writes)),
    })  # fmt: skip


def _reasons(times: Times, streams: StateStreams, moves: tuple[np.ndarray, np.ndarray]) -> Reasons:
    """Cycles by reason; moves: see `busy_spans`, of reads and of both."""
    reading, moving = (int((spans[:, 1] - spans[:, 0]).sum()) for spans in moves)
    updates = len(streams.tiles) * streams.work.cycles
    return single(Reasons, {
        "unused": times.cycles,
        "read": reading,
        "write": moving - reading,
        "idle": times.cycles - moving,
        "update": updates,
        "vector_idle": times.cycles - updates,
    })  # fmt: skip


def _trace(times: Times, moves: tuple[np.ndarray, np.ndarray], length: int) -> np.ndarray:
    """The letters of the array, which is idle, of the memory and of the vector unit: uint8 [3, length]."""
    trace = empty_trace(length)
    trace[0] = ord(ArrayLetter.UNUSED)
    for spans, letter in zip(moves[::-1], (MemoryLetter.WRITE, MemoryLetter.READ), strict=True):
        fill(trace[1], spans[:, 0], spans[:, 1], letter)
    fill(trace[2], times.start, times.end, VectorLetter.UPDATE)
    return trace
