"""Attention on the compiled engine: equal to the model."""

import numpy as np

from simulator.core.run import Run
from simulator.machines.tensor.arch import Arch, ArrayLetter, Counts, MemoryLetter, Reasons, VectorLetter
from simulator.machines.tensor.engine.attention_numbers import skipped_blocks
from simulator.machines.tensor.engine.attention_schedule import (
    KEY,
    QUERY,
    VALUE,
    Schedule,
    Times,
    schedule_of,
)
from simulator.machines.tensor.engine.attention_timing import time_blocks
from simulator.machines.tensor.engine.counts import busy_spans, single
from simulator.machines.tensor.engine.run import empty_trace, fill
from simulator.machines.tensor.layout.attention import WORD, AttentionStreams
from simulator.machines.tensor.layout.streams import all_lines


def run_attention(arch: Arch, streams: AttentionStreams, trace_cycles: int = 0, output: bool = True) -> Run:
    """Run a layer; the trace holds its first `trace_cycles` cycles. output: False leaves it out.

    Without output and without skipping no score is computed.
    """
    if output or streams.layer.skip_thousandths:
        skipped, found = skipped_blocks(streams)
    else:
        skipped, found = np.zeros(sum(len(tile.blocks) for tile in streams.tiles), np.bool_), np.zeros(0, np.float32)
    plan = schedule_of(arch, streams, skipped)
    times = time_blocks(arch, plan)
    moves = times.moves.reshape(-1, 2)
    reads = busy_spans(moves[:, 0], moves[:, 1])
    return Run(
        cycles=times.cycles,
        output=found if output else np.zeros(0, np.float32),
        counts=_counts(arch, streams, plan),
        reasons=_reasons(times, plan, reads),
        trace=_trace(times, plan, reads, min(times.cycles, trace_cycles)),
    )


def _counts(arch: Arch, streams: AttentionStreams, plan: Schedule) -> Counts:
    """How often each event happens, by formulas over the blocks."""
    width, form = streams.layer.width, streams.form
    rows = np.array([len(tile.rows) for tile in streams.tiles])
    r, kept, loaded = rows[plan.tile], plan.kept, plan.lines[:, 1::2] > 0
    c = np.array([len(block.keys) for tile in streams.tiles for block in tile.blocks])
    places = np.array([block.place for tile in streams.tiles for block in tile.blocks])
    keys, values = (
        np.array([[one.part.bytes, all_lines(arch, one.part)] for one in cache])[places]
        for cache in (streams.keys, streams.values)
    )
    queries, outputs = (
        np.array([[one.part.bytes, all_lines(arch, one.part)] for one in moved])
        for moved in ([tile.query for tile in streams.tiles], [tile.output for tile in streams.tiles])
    )
    queries = queries[plan.tile]
    parts = np.stack([keys, values, queries])  # in the order of KEY, VALUE and QUERY
    moved = (parts * loaded.T[:, :, None]).sum(axis=1)  # bytes and lines of each kind
    scored = int((c * width + kept * c * width).sum()) if form.name != "bf16" else 0
    found = {
        "products_16bit": (r * c * width * (1 + kept)).sum(),
        "array_cycles": plan.cycles[:, 0].sum() + (plan.cycles[:, 1] * kept).sum(),
        "decodes": scored,
        "scale_multiplies": scored if form.scale_bits else 0,
        "accumulations": (r * c * -(-width // 16) + kept * r * width * (-(-c // 16) + 1)).sum(),
        "operand_reads": (WORD * r * width + keys[:, 0] + kept * (WORD * r * c + values[:, 0])).sum(),
        "operand_writes": moved[:, 0].sum(),
        "output_multiplies": (r * c).sum(),
        "maxima": (r * c).sum(),
        "exponentials": (kept * r * (c + 1)).sum(),
        "weight_additions": (kept * r * (c + 1)).sum(),
        "rescales": (kept * r * (width + 1)).sum(),
        "divisions": (rows * width).sum(),
        "blocks": kept.size,
        "blocks_skipped": kept.size - kept.sum(),
        "dram_activation_bytes": moved[QUERY, 0],
        "dram_key_bytes": moved[KEY, 0],
        "dram_value_bytes": moved[VALUE, 0],
        "dram_output_bytes": outputs[:, 0].sum(),
        "dram_lines": moved[:, 1].sum() + outputs[:, 1].sum(),
    }
    return single(Counts, {name: int(number) for name, number in found.items()})


def _reasons(times: Times, plan: Schedule, reads: np.ndarray) -> Reasons:
    """Cycles by reason; reads: see `busy_spans`."""
    spent, past = {}, 0
    held = np.zeros((0, 2), np.int64)
    for letter, spans in _array_spans(times, plan):
        held = np.concatenate([held, spans])
        held = busy_spans(held[:, 0], held[:, 1])
        spent[letter], past = _length(held) - past, _length(held)
    moves = np.concatenate([times.moves.reshape(-1, 2), times.writes])
    reading, moving = _length(reads), _length(busy_spans(moves[:, 0], moves[:, 1]))
    once, twice = int(plan.cycles[:, 2].sum()), int((plan.cycles[:, 2] * plan.kept).sum())
    return single(Reasons, {
        "compute": spent[ArrayLetter.COMPUTE],
        "operand_wait": spent[ArrayLetter.OPERAND_WAIT],
        "vector_wait": spent[ArrayLetter.VECTOR_WAIT],
        "drain": spent[ArrayLetter.DRAIN],
        "write_wait": spent[ArrayLetter.WRITE_WAIT],
        "finished": times.cycles - int(times.drain[-1, 1]),
        "read": reading,
        "write": moving - reading,
        "idle": times.cycles - moving,
        "maximum": once,
        "exponential": twice,
        "vector_idle": times.cycles - once - twice,
    })  # fmt: skip


def _array_spans(times: Times, plan: Schedule) -> list[tuple[ArrayLetter, np.ndarray]]:
    """When an array does what, spans int64 [spans, 2]; of two arrays, the earlier letter is that of a cycle."""
    return [
        (ArrayLetter.COMPUTE, np.concatenate([times.score, times.value])),
        (ArrayLetter.DRAIN, times.drain),
        (ArrayLetter.WRITE_WAIT, np.stack([times.value[plan.last, 1], times.drain[:, 0]], axis=1)),
        (ArrayLetter.OPERAND_WAIT, np.concatenate([
            np.stack([times.free, times.score[:, 0]], axis=1), np.stack([times.ready[:, 1], times.value[:, 0]], axis=1)
        ])),
        (ArrayLetter.VECTOR_WAIT, times.ready),
    ]  # fmt: skip


def _length(spans: np.ndarray) -> int:
    """Cycles of spans, int64 [spans, 2]."""
    return int((spans[:, 1] - spans[:, 0]).sum())


def _trace(times: Times, plan: Schedule, reads: np.ndarray, length: int) -> np.ndarray:
    """The letters of the arrays, of the memory and of the vector unit, uint8 [3, length]; reads: see `busy_spans`."""
    trace = empty_trace(length)
    array, memory, vector = trace
    for letter, spans in reversed(_array_spans(times, plan)):
        fill(array, spans[:, 0], spans[:, 1], letter)
    array[times.drain[-1, 1] :] = ord(ArrayLetter.FINISHED)
    moves = np.concatenate([times.moves.reshape(-1, 2), times.writes])
    fill(memory, moves[:, 0], moves[:, 1], MemoryLetter.WRITE)
    fill(memory, reads[:, 0], reads[:, 1], MemoryLetter.READ)
    fill(vector, times.decided - plan.cycles[:, 2], times.decided, VectorLetter.MAXIMUM)
    fill(vector, times.decided, times.weighed, VectorLetter.EXPONENTIAL)
    return trace
