"""A run of the machine for pairs by formulas, equal to the model's."""

import numpy as np

from simulator.core.run import Run
from simulator.machines.points.arch import (
    GATHER_SCATTER,
    Arch,
    ArrayLetter,
    Counts,
    GatherLetter,
    MappingLetter,
    Reasons,
    ScatterLetter,
    passes_of,
)
from simulator.machines.points.engine.mapping import Mapping, map_layer
from simulator.machines.points.engine.output import output_of
from simulator.machines.points.engine.timing import Times, Work, times_of, work_of
from simulator.machines.points.layout import Streams


def run(arch: Arch, streams: Streams, trace_cycles: int = 0, output: bool = True) -> Run:
    """Run a layer; the trace holds its first `trace_cycles` cycles. output: False leaves it out."""
    mapping, work = map_layer(arch, streams.layer), work_of(arch, streams)
    times = times_of(arch, streams, work, mapping.end)
    return Run(
        cycles=times.cycles,
        output=output_of(streams.layer) if output else np.zeros(0, np.int16),
        counts=_counts(arch, streams, work, mapping),
        reasons=_reasons(work, times, mapping),
        trace=_trace(work, times, mapping, min(times.cycles, trace_cycles)),
    )


def _counts(arch: Arch, streams: Streams, work: Work, mapping: Mapping) -> Counts:
    layer, pairs = streams.layer, streams.layer.book.pairs
    inputs, outputs, value = layer.inputs, layer.outputs, arch.value_bits // 8
    deep, wide = passes_of(arch, inputs, outputs)
    many = streams.loads | (deep * wide > 1)
    rows, misses, on_demand = int(streams.rows.sum()), int(work.misses.sum()), arch.dataflow != GATHER_SCATTER
    multiplies = pairs * inputs * outputs
    found = {
        "merged_places": mapping.merged,
        "hash_probes": mapping.probes,
        "map_pairs": pairs,
        "cache_lookups": pairs * on_demand,
        "cache_fills": misses * inputs * on_demand,
        "gathered_values": pairs * inputs,
        "array_inputs": rows * inputs * wide,
        "array_rows": int(work.stream.sum()),
        "weight_loads": int(np.count_nonzero(many)) * inputs * outputs,
        "multiplies": multiplies,
        "gated": rows * inputs * outputs - multiplies,
        "sum_updates": pairs * outputs * deep,
        "output_writes": layer.sites * outputs,
        "dram_feature_bytes": misses * inputs * value,
        "dram_weight_bytes": int(np.count_nonzero(streams.fetches)) * inputs * outputs * value,
        "dram_map_bytes": pairs * arch.pair_bits // 8,
        "dram_sum_bytes": 0 if on_demand else 2 * pairs * outputs * deep * arch.sum_bits // 8,
        "dram_output_bytes": layer.sites * outputs * value,
    }
    return Counts(**{name: _one(number) for name, number in found.items()})


def _reasons(work: Work, times: Times, mapping: Mapping) -> Reasons:
    end_g, end_a, end_s = times.gather + work.gather, times.array + work.array, times.scatter + work.scatter
    stream, array, gather, scatter = (int(one.sum()) for one in (work.stream, work.array, work.gather, work.scatter))
    cycles, mapped = times.cycles, int(mapping.end.max(initial=0))
    return Reasons(
        multiply=_one(stream),
        load_wait=_one(array - stream),
        feature_wait=_one(int((times.gathered - _before(end_a)).sum())),
        sum_wait=_one(int((times.array - times.gathered).sum())),
        drain=_one(cycles - _last(end_a)),
        match=_one(mapped),
        map_idle=_one(cycles - mapped),
        gather=_one(gather),
        map_wait=_one(int((times.found - _before(end_g)).sum())),
        buffer_wait=_one(int((times.gather - times.found).sum())),
        gather_idle=_one(cycles - _last(end_g)),
        scatter=_one(scatter),
        scatter_idle=_one(int((times.scatter - _before(end_s)).sum()) + cycles - _last(end_s)),
    )


def _before(end: np.ndarray) -> np.ndarray:
    """When the block before each ends, int64 [blocks], of int64 [blocks]."""
    return np.concatenate([np.zeros(1, np.int64), end])[: end.size]


def _last(end: np.ndarray) -> int:
    return int(end[-1]) if end.size else 0


def _trace(work: Work, times: Times, mapping: Mapping, length: int) -> np.ndarray:
    """The letters of array, mapping unit, gather and scatter: uint8 [4, length]."""
    trace = np.empty((4, length), np.uint8)
    trace[0], trace[1] = ord(ArrayLetter.DRAIN), ord(MappingLetter.IDLE)
    trace[2], trace[3] = ord(GatherLetter.IDLE), ord(ScatterLetter.IDLE)
    trace[1, : int(mapping.end.max(initial=0))] = ord(MappingLetter.MATCH)
    last_g, last_a = 0, 0
    for b in range(work.gather.size):
        if last_g >= length and last_a >= length:
            break
        found, begin, waited, start, added = (
            int(one[b]) for one in (times.found, times.gather, times.gathered, times.array, times.scatter)
        )
        trace[2, last_g:found], trace[2, found:begin] = ord(GatherLetter.MAP_WAIT), ord(GatherLetter.BUFFER_WAIT)
        trace[0, last_a:waited], trace[0, waited:start] = ord(ArrayLetter.FEATURE_WAIT), ord(ArrayLetter.SUM_WAIT)
        last_g, last_a, streamed = begin + int(work.gather[b]), start + int(work.array[b]), start + int(work.stream[b])
        trace[2, begin:last_g] = ord(GatherLetter.GATHER)
        trace[0, start:streamed], trace[0, streamed:last_a] = ord(ArrayLetter.MULTIPLY), ord(ArrayLetter.LOAD_WAIT)
        trace[3, added : added + int(work.scatter[b])] = ord(ScatterLetter.SCATTER)
    return trace


def _one(number: int) -> np.ndarray:
    return np.array([number], np.int64)
