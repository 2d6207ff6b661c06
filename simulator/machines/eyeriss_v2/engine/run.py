"""Run a layer on Eyeriss v2 without stepping cycles: equal to the model."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from simulator.core.run import Run
from simulator.core.threads import threads
from simulator.hardware.convolution_sums import compute_outputs
from simulator.machines.eyeriss_v2.arch import Arch, Counts, Reasons
from simulator.machines.eyeriss_v2.engine.inputs import count_inputs
from simulator.machines.eyeriss_v2.engine.passes import Passes, Totals, block_passes, new_totals
from simulator.machines.eyeriss_v2.engine.schedule import Schedule, schedule
from simulator.machines.eyeriss_v2.engine.trace import trace_of
from simulator.machines.eyeriss_v2.engine.work import tile_work
from simulator.machines.eyeriss_v2.layout.streams import Streams


def run(arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """Run a layer; the trace holds its first `trace_cycles` cycles."""
    with ThreadPoolExecutor(threads()) as pool:
        output = compute_outputs(streams.layer, pool).ravel()
    return run_without_output(arch, streams, trace_cycles)._replace(output=output)


def run_without_output(arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """`run`, but the output has length 0: no cycle and no count depends on it."""
    passes, totals = all_passes(arch, streams)
    times = schedule(arch, streams, passes)
    trace = trace_of(arch, streams, times, min(times.cycles, trace_cycles))
    counts, reasons = _counts(arch, streams, times, totals), _reasons(arch, times, totals)
    return Run(times.cycles, np.zeros(0, np.int16), counts, reasons, trace)


def all_passes(arch: Arch, streams: Streams) -> tuple[Passes, Totals]:
    """All passes of a layer, block by block, and what its PEs do in them."""
    active, totals, found = streams.layer.activation != 0, new_totals(arch), []
    for block in range(streams.mapping.blocks):
        work = tile_work(streams, arch.simd, count_inputs(streams, active, block))
        found.append(block_passes(arch, streams, block, work, totals))
    return Passes(*(np.concatenate(parts) for parts in zip(*found, strict=True))), totals


def _counts(arch: Arch, streams: Streams, times: Schedule, totals: Totals) -> Counts:
    words, multiplies, empty, read, new = totals.work
    filled = -(-streams.input_bits // arch.input_port_bits) if streams.fits else int(totals.port_words[0])
    return Counts(
        input_address_reads=totals.windows,
        input_reads=read,
        input_writes=new,
        weight_address_reads=read.copy(),
        weight_reads=words,
        weight_writes=totals.tile_words,
        multiplies=multiplies,
        padding=arch.simd * words - multiplies,
        empty_columns=empty,
        accumulations=multiplies.copy(),
        sums_sent=totals.sums,
        input_deliveries=totals.deliveries,
        global_input_reads=totals.port_words,
        global_input_writes=_one(filled),
        global_sum_reads=totals.global_sums,
        global_sum_writes=totals.global_sums.copy(),
        dram_weight_bytes=_one(times.weight_bytes),
        dram_input_bytes=_one(times.input_bytes),
        dram_output_bytes=_one(times.output_bytes),
    )


def _reasons(arch: Arch, times: Schedule, totals: Totals) -> Reasons:
    multiply, bubble = totals.work[0], arch.bubble * totals.work[2]
    passes, pes = times.start.size, np.ones(arch.pes, np.int64)
    slowest, lasting = int(times.compute.sum()), int(times.duration.sum())
    load, deliver, sums = int(times.load.sum()) + times.store, int(times.deliver.sum()), int(times.sums.sum())
    return Reasons(
        multiply=multiply.copy(),
        bubble=bubble,
        fill=passes * arch.fill_cycles * pes,
        barrier=slowest - passes * arch.fill_cycles - multiply - bubble,
        mesh_wait=(lasting - slowest) * pes,
        memory_wait=(times.cycles - lasting) * pes,
        load=_one(load),
        load_idle=_one(times.cycles - load),
        deliver=_one(deliver),
        deliver_idle=_one(times.cycles - deliver),
        move_sums=_one(sums),
        sums_idle=_one(times.cycles - sums),
    )


def _one(number: int) -> np.ndarray:
    return np.array([number], np.int64)
