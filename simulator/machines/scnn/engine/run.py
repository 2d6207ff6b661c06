"""SCNN without processes: equal to the model, product by product, at the cost of a few vector operations per step.

Rounds begin with empty queues and FIFOs at a barrier, so they are independent but for the weights that DRAM has read
ahead. Threads simulate them as if these were never late; a round in which they were is simulated again (see
`weight_buffer`). Within a round the PEs are coupled only by the broadcast: a vector can be sent when the slowest PE has
dropped the vector `fifo_vectors` before it. So the PEs can be simulated one after the other, block by block (see
`round`).
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np

from simulator.core.run import Run
from simulator.core.threads import threads
from simulator.hardware.convolution_sums import compute_outputs
from simulator.hardware.dram.engine.spans import SpanTransfers
from simulator.hardware.dram.spec import Dram
from simulator.machines.scnn.arch import Arch, ChannelLetter, PeLetter, PpuLetter
from simulator.machines.scnn.engine.counts import (
    RoundCounts,
    RoundTimes,
    bandwidth_loader,
    count_cycles,
    count_events,
    time_rounds,
)
from simulator.machines.scnn.engine.output_entries import count_output_entries
from simulator.machines.scnn.engine.round_simulator import RoundSimulator, SimulatedRound
from simulator.machines.scnn.engine.weight_buffer import (
    BAND_LINE,
    BLOCKED,
    FETCHING,
    LINES,
    START,
    WeightBuffer,
    check_estimate,
    copy_buffer,
    open_buffer,
)
from simulator.machines.scnn.layout.dram_map import band_spans
from simulator.machines.scnn.layout.streams import Streams


def run(arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """Run a layer; the trace holds its first `trace_cycles` cycles."""
    arrivals: list[Any] = []

    def keep_arrivals(start: int, done: SimulatedRound) -> None:
        arrivals.append(done.arrivals if start < trace_cycles else None)

    with ThreadPoolExecutor(threads()) as pool, ThreadPoolExecutor(1) as waiting:
        simulator = RoundSimulator(arch, streams)
        estimates = _start_estimates(pool, simulator)
        output = waiting.submit(compute_outputs, streams.layer, pool)  # in many parts: they fill what rounds leave
        if arch.dram is None:
            rounds, plan = _follow_bandwidth(simulator, estimates)
        else:
            rounds, plan = _follow_dram(simulator, arch.dram, estimates, keep_arrivals)
        result = output.result()
    counts = count_events(arch, streams, rounds, count_output_entries(arch, streams.planes, result))
    trace = _trace(simulator, rounds, arrivals or [None] * len(rounds), plan, min(plan.cycles, trace_cycles))
    return Run(plan.cycles, result.ravel(), counts, count_cycles(rounds, plan), trace)


def run_without_output(arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """`run`, but the output has length 0.

    It is still computed, as its number of stored entries depends on its zeros.
    """
    return run(arch, streams, trace_cycles)._replace(output=np.zeros(0, np.int16))


def time_run(arch: Arch, streams: Streams) -> tuple[list[RoundCounts], RoundTimes]:
    """The rounds of a run and when they happen, without its output."""
    with ThreadPoolExecutor(threads()) as pool:
        simulator = RoundSimulator(arch, streams)
        estimates = _start_estimates(pool, simulator)
        if arch.dram is None:
            return _follow_bandwidth(simulator, estimates)
        return _follow_dram(simulator, arch.dram, estimates, lambda *_: None)


def simulate_with_dram(
    pool: ThreadPoolExecutor, simulator: RoundSimulator, dram: Dram, observe: Callable[[int, SimulatedRound], None]
) -> tuple[list[RoundCounts], RoundTimes]:
    """All rounds, with weights and bands from DRAM; all but the first are estimated as if weights were never late.

    observe: called for each round in order, with its first cycle.
    """
    return _follow_dram(simulator, dram, _start_estimates(pool, simulator), observe)


def _start_estimates(pool: ThreadPoolExecutor, simulator: RoundSimulator) -> list[Future[SimulatedRound]]:
    """The rounds as if weights were never late; with a DRAM the first is left out, as it always waits for weights."""
    first = 0 if simulator.arch.dram is None else 1
    return [pool.submit(simulator.simulate, number) for number in range(first, len(simulator.streams.rounds))]


def _follow_bandwidth(
    simulator: RoundSimulator, estimates: list[Future[SimulatedRound]]
) -> tuple[list[RoundCounts], RoundTimes]:
    """All rounds, with weights and bands at a bandwidth: the estimates hold."""
    arch, streams = simulator.arch, simulator.streams
    rounds = [one.result().counts for one in estimates]
    plan = time_rounds(arch, streams, lambda number, _: int(rounds[number].ends.max()), bandwidth_loader(streams))
    return rounds, plan


def _follow_dram(
    simulator: RoundSimulator,
    dram: Dram,
    estimates: list[Future[SimulatedRound]],
    observe: Callable[[int, SimulatedRound], None],
) -> tuple[list[RoundCounts], RoundTimes]:
    """All rounds in the order of time, with the state of the DRAM; see `simulate_with_dram`."""
    arch, streams = simulator.arch, simulator.streams
    buffer, bands = open_buffer(arch, dram, streams), SpanTransfers(dram, arch.band_channels)
    spans = band_spans(arch, dram, streams)
    rounds: list[RoundCounts] = []

    def round_cycles(number: int, start: int) -> int:
        buffer.progress[BAND_LINE] = streams.rounds[number].band * buffer.progress[LINES]
        buffer.progress[START] = start
        done = commit_round(simulator, number, buffer, estimates.pop(0).result() if number else None)
        rounds.append(done.counts)
        observe(start, done)
        return int(done.counts.ends.max())

    plan = time_rounds(arch, streams, round_cycles, lambda band, start: bands.move(spans[band - 1], start))
    return rounds, plan


def commit_round(
    simulator: RoundSimulator, number: int, buffer: WeightBuffer, estimate: SimulatedRound | None
) -> SimulatedRound:
    """The final result of a round: its estimate if all weights arrive in time, else a simulation with the DRAM."""
    if estimate is not None:
        before, channel = copy_buffer(buffer), np.zeros(6, np.int64)
        first_blocks, channels = simulator.streams.first_weight_blocks(number), simulator.streams.channels
        given = first_blocks, channels, simulator.arch.weights_per_vector
        millicycles = simulator.arch.vector_millicycles
        if check_estimate(buffer, simulator.weights, *given, millicycles, *estimate[1:], channel):
            fetching, blocked = int(channel[FETCHING]), int(channel[BLOCKED])
            return estimate._replace(counts=estimate.counts._replace(fetching=fetching, blocked=blocked))
        for array, kept in zip(buffer[1:], before[1:], strict=True):
            array[...] = kept
    return simulator.simulate(number, buffer)


def _trace(
    simulator: RoundSimulator, rounds: list[RoundCounts], arrivals: Sequence[Any], plan: RoundTimes, length: int
) -> np.ndarray:
    """The first `length` cycles, uint8 [pes + 2, length]; the rounds in them are simulated once more."""
    arch = simulator.arch
    trace = np.empty((arch.pes + 2, plan.cycles if length else 0), np.uint8)
    if length == 0:
        return trace
    trace[:-2], trace[-2], trace[-1] = ord(PeLetter.FINISHED), ord(ChannelLetter.IDLE), ord(PpuLetter.IDLE)
    borders = zip(plan.start, plan.done, plan.free, np.append(plan.start[1:], plan.free[-1:]), strict=True)
    for number, (start, done, free, following) in enumerate(borders):
        if start < length:
            trace[:-2, start:done], trace[:-2, done:free], trace[:-2, free:following] = map(
                ord, (PeLetter.MULTIPLY, PeLetter.PPU_WAIT, PeLetter.DRAM_WAIT)
            )
            part = trace[:-1, start:done].copy()  # contiguous, as a run without a trace has it: compiled once
            simulator.simulate(number, arrivals=arrivals[number], trace=part)
            trace[:-1, start:done] = part
            for pe, (end, drained) in enumerate(zip(rounds[number].ends, rounds[number].drained, strict=True)):
                trace[pe, start + end - drained : start + end] = ord(PeLetter.DRAIN)
                trace[pe, start + end : done] = ord(PeLetter.BARRIER)
        halo_end = free + plan.halo[number]
        trace[-1, free:halo_end] = ord(PpuLetter.HALO)
        trace[-1, halo_end : halo_end + plan.compress[number]] = ord(PpuLetter.COMPRESS)
    return trace[:, :length]
