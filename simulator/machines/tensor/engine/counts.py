"""Events by formulas over the tiles, and cycles by reason."""

from collections.abc import Mapping
from typing import TypeVar

import numpy as np

from simulator.machines.tensor.arch import PRODUCTS, Arch, Counts, Reasons
from simulator.machines.tensor.engine.timing import Times
from simulator.machines.tensor.layout.gathering import nonzero
from simulator.machines.tensor.layout.storage import Precision, quantiser_events
from simulator.machines.tensor.layout.streams import Role, Stage, Streams, moved_lines
from workloads.kinds.matrix_product.layer import CompressedProduct

T = TypeVar("T", Counts, Reasons)
GATED, MULTIPLIED = Role.GATED, (Role.GATED, Role.SQUARED, Role.SHARE)
QUANTISER = "quantiser_maxima", "quantiser_reciprocals", "quantiser_multiplies"


def counts_of(arch: Arch, streams: Streams) -> Counts:
    """How often each event happens."""
    found = dict.fromkeys(Counts._fields, 0)
    for stage in streams.stages:
        _add_stage(arch, streams.precision, stage, found)
    if arch.dual_side:
        _set_pairs(streams, found)
    _add_bytes(arch, streams, found)
    return single(Counts, found)


def _add_stage(arch: Arch, precision: Precision, stage: Stage, found: dict[str, int]) -> None:
    """Add the events of a product."""
    form, outputs = precision.form, stage.tokens * stage.outputs
    depths = [len(step.places) for step in stage.tiles[0].steps]
    stored, depth = sum(precision.stored(places) for places in depths), arch.depth_of(form.multiplier)
    found[PRODUCTS[form.multiplier]] += outputs * stored
    found["array_cycles"] += len(stage.tiles) * sum(-(-precision.stored(places) // depth) for places in depths)
    found["accumulations"] += outputs * sum(-(-places // form.step) for places in depths)
    if form.decoded:
        decodes = stage.outputs * stored * -(-stage.tokens // arch.rows)
        found["decodes"] += decodes
        found["scale_multiplies"] += decodes if form.scale_bits else 0
    elif form.block:
        found["scale_multiplies"] += outputs * -(-stage.inputs // form.block)
    found["output_multiplies"] += outputs * (form.tensor_scale + (stage.role in MULTIPLIED) + 2 * (stage.role is GATED))
    found["output_additions"] += outputs * (stage.bias + (stage.role in (GATED, Role.SHARE)))
    found["exponentials"] += outputs * (stage.role is GATED)
    found["divisions"] += outputs * (stage.role is GATED)
    for tile in stage.tiles:
        hidden = stage.role in (Role.SQUARED, GATED)
        rows = len(tile.rows) if hidden else tile.finished * arch.quantise_output
        for event, times in zip(QUANTISER, quantiser_events(form, rows, tile.columns), strict=True):
            found[event] += times


def _set_pairs(streams: Streams, found: dict[str, int]) -> None:
    """Products of two numbers that are not zero, each added to its sum alone, in the cycles of the steps."""
    layer = streams.layer
    assert isinstance(layer, CompressedProduct)
    active = nonzero(layer.activation) if layer.active is None else layer.active
    pairs = int(active.sum(axis=0) @ nonzero(layer.weight).sum(axis=0))
    found[PRODUCTS[streams.precision.form.multiplier]] = found["accumulations"] = pairs
    found["array_cycles"] = sum(step.cycles for tile in streams.tiles for step in tile.steps)


def _add_bytes(arch: Arch, streams: Streams, found: dict[str, int]) -> None:
    """Add bytes and lines that are moved."""
    for tile in streams.tiles:
        for step in tile.steps:
            found["operand_reads"] += step.weights.bytes + step.activations.bytes
            for load in step.loads:
                codes = "dram_weight_bytes" if load.weights else "dram_activation_bytes"
                found[codes] += load.part.codes
                found["dram_scale_bytes"] += load.part.scales
                found["dram_metadata_bytes"] += load.part.places
                found["operand_writes"] += load.part.bytes
                found["dram_lines"] += moved_lines(arch, load)
        found["operand_reads"] += tile.read_bytes
        found["operand_writes"] += tile.kept_bytes
        found["dram_output_bytes"] += tile.output.part.bytes
        found["dram_lines"] += moved_lines(arch, tile.output)


def reasons_of(times: Times, last: np.ndarray, moves: tuple[np.ndarray, np.ndarray], exponential: int) -> Reasons:
    """Cycles by reason. last: int64 [tiles], each tile's last step; moves: see `busy_spans`, of reads and of both.

    exponential: cycles of the vector unit.
    """
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
        "exponential": exponential,
        "vector_idle": times.cycles - exponential,
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
