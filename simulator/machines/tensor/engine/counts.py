"""Events by formulas over the tiles, and cycles by reason."""

from collections.abc import Mapping
from typing import TypeVar

import numpy as np

from simulator.machines.tensor.arch import PRODUCTS, Arch, Counts, Reasons
from simulator.machines.tensor.engine.timing import Times
from simulator.machines.tensor.layout.storage import Part, quantiser_events, stored_depth
from simulator.machines.tensor.layout.streams import Streams, all_lines

T = TypeVar("T", Counts, Reasons)


def counts_of(arch: Arch, streams: Streams) -> Counts:
    """How often each event happens."""
    layer, form, tiles = streams.layer, arch.weight_format, streams.tiles
    outputs = layer.tokens * layer.outputs
    depths = [step.places for step in tiles[0].steps]
    stored = sum(stored_depth(arch, len(places)) for places in depths)
    row_tiles = -(-layer.tokens // arch.rows)
    found = dict.fromkeys(Counts._fields, 0)
    found[PRODUCTS[form.multiplier]] = outputs * stored
    found["array_cycles"] = len(tiles) * sum(-(-stored_depth(arch, len(places)) // arch.depth) for places in depths)
    found["accumulations"] = outputs * sum(-(-len(places) // form.step) for places in depths)
    if form.decoded:
        found["decodes"] = layer.outputs * stored * row_tiles
        found["scale_multiplies"] = found["decodes"] if form.scale_bits else 0
    elif form.block:
        found["scale_multiplies"] = outputs * -(-layer.inputs // form.block)
    found["output_multiplies"] = outputs if form.tensor_scale else 0
    found["output_additions"] = outputs if layer.bias is not None else 0
    quantised = np.array([quantiser_events(arch, tile.rows, tile.columns) for tile in tiles]).sum(axis=0).tolist()
    found["quantiser_maxima"], found["quantiser_reciprocals"], found["quantiser_multiplies"] = quantised
    return single(Counts, _bytes(arch, streams, found))


def _bytes(arch: Arch, streams: Streams, found: dict[str, int]) -> dict[str, int]:
    """The events with bytes and lines that are moved."""
    lines: dict[Part, int] = {}
    for tile in streams.tiles:
        for step in tile.steps:
            found["operand_reads"] += step.weights.bytes + step.activations.bytes
            for load in step.loads:
                codes = "dram_weight_bytes" if load.weights else "dram_activation_bytes"
                found[codes] += load.part.codes
                found["dram_scale_bytes"] += load.part.scales
                found["dram_metadata_bytes"] += load.part.places
                found["operand_writes"] += load.part.bytes
                lines[load.part] = lines.get(load.part, 0) + 1
        found["dram_output_bytes"] += tile.output.part.bytes
        lines[tile.output.part] = lines.get(tile.output.part, 0) + 1
    found["dram_lines"] = sum(all_lines(arch, part) * times for part, times in lines.items())
    return found


def reasons_of(times: Times, last: np.ndarray, moves: tuple[np.ndarray, np.ndarray]) -> Reasons:
    """Cycles by reason. last: int64 [tiles], each tile's last step; moves: see `busy_spans`, of reads and of both."""
    compute, drain = int((times.end - times.start).sum()), int((times.drained - times.drain).sum())
    write_wait = int((times.drain - times.end[last]).sum())
    finished = times.cycles - int(times.drained[-1])
    reading, moving = (int((spans[:, 1] - spans[:, 0]).sum()) for spans in moves)
    waits = times.cycles - compute - drain - write_wait - finished
    return single(Reasons, {
        "compute": compute,
        "operand_wait": waits,
        "drain": drain,
        "write_wait": write_wait,
        "finished": finished,
        "read": reading,
        "write": moving - reading,
        "idle": times.cycles - moving,
        "vector_idle": times.cycles,
    })  # fmt: skip


def single(form: type[T], numbers: Mapping[str, int]) -> T:
    """Numbers by name as arrays of one unit, int64 [1]; those that are not given are 0."""
    return form(*(np.array([numbers.get(name, 0)], np.int64) for name in form._fields))


def busy_spans(begin: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Spans of cycles, int64 [spans, 2], in which any transfer is under way.

    begin, end: int64 [transfers], the first cycle of each and the one after its last.
    """
    kept = np.flatnonzero(end > begin)
    order = kept[np.argsort(begin[kept], kind="stable")]
    begins, ends = begin[order], np.maximum.accumulate(end[order])
    if not order.size:
        return np.zeros((0, 2), np.int64)
    first = np.flatnonzero(np.concatenate([[True], begins[1:] > ends[:-1]]))
    last = np.concatenate([first[1:] - 1, [order.size - 1]])
    return np.stack([begins[first], ends[last]], axis=1)
