"""SCNN without processes: equal to the model, product by product at the cost of a few vector operations a step.

Rounds begin with empty queues and FIFOs at a barrier, so they know nothing of each other but what DRAM has read ahead:
threads share them as if it were never late, and where it was, a round is worked on again (see `supply`).
Within a round the PEs meet only in the broadcast: a vector can be sent when the slowest PE has dropped the one that
stood `fifo_vectors` before it; so, block by block, the PEs can be worked on one after the other (see `kernel`).
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np

from simulator.core.run import Run
from simulator.core.threads import threads
from simulator.hardware.convolution_sums import outputs
from simulator.hardware.dram.engine.spans import Bulk
from simulator.hardware.dram.spec import Dram
from simulator.machines.scnn.arch import Arch, Channel, Pe, Ppu
from simulator.machines.scnn.engine import round as kernel
from simulator.machines.scnn.engine.counts import Round, Schedule, by_bandwidth, counts, reasons, schedule
from simulator.machines.scnn.engine.output_entries import stored
from simulator.machines.scnn.engine.weight_buffer import (
    AT_ONCE,
    BAND_LINE,
    BLOCKED,
    FETCHING,
    LINES,
    SENDING,
    SENT,
    START,
    Feed,
    copy,
    foresee,
    open_feed,
)
from simulator.machines.scnn.layout.dram_map import band_spans
from simulator.machines.scnn.layout.streams import Streams


class Numbers(NamedTuple):
    """Of the architecture and the layer, as the compiled code reads them."""

    weights: int
    activations: int
    banks: int
    depth: np.uint16
    fifo: int
    vector_millicycles: int
    channels: int


class Weights(NamedTuple):
    """Blocks of weights, as the compiled code reads them (see `blocks.Blocks`)."""

    start: np.ndarray
    value: np.ndarray
    bank: np.ndarray
    place: np.ndarray  # weights that are broadcast before a block


class Inputs(NamedTuple):
    """Blocks of activations, as the compiled code reads them (see `kernel.aim`)."""

    start: np.ndarray
    first: np.ndarray
    turn: np.ndarray
    some: np.ndarray


class Worked(NamedTuple):
    """A round that was worked on, and how its weights came."""

    told: Round
    sent: np.ndarray  # int64 [vectors]: cycles of their broadcasts, from the round's begin
    dues: np.ndarray  # int64 [vectors]: cycles in which they had come out of DRAM


def run(arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """Run a layer and return its cycles, output, counts, reasons, and the trace of its first cycles."""
    with ThreadPoolExecutor(threads()) as pool:
        result = outputs(streams.layer, pool)
        bench = Bench(arch, streams)
        dram = arch.dram
        dues: list[Any] = []
        if dram is None:
            rounds, plan = _at_once(pool, bench)
        else:
            rounds, plan = fed(
                pool, bench, dram, lambda start, worked: dues.append(worked.dues if start < trace_cycles else None)
            )
    told = counts(arch, streams, rounds, stored(arch, streams.planes, result))
    trace = _trace(bench, rounds, dues or [None] * len(rounds), plan, min(plan.cycles, trace_cycles))
    return Run(plan.cycles, result.ravel(), told, reasons(rounds, plan), trace)


def run_without_output(arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """`run`, but the output has length 0. It is computed all the same: how it is stored depends on its zeros."""
    return run(arch, streams, trace_cycles)._replace(output=np.zeros(0, np.int16))


class Bench:
    """Works on rounds by their numbers."""

    def __init__(self, arch: Arch, streams: Streams):
        self.arch, self.streams = arch, streams
        self.numbers = Numbers(
            arch.weights_per_vector,
            arch.activations_per_vector,
            arch.banks,
            np.uint16(arch.queue_depth),
            arch.fifo_vectors,
            arch.vector_millicycles,
            streams.channels,
        )
        held, ours = streams.activations, streams.weights
        turns = kernel.aim(held.start, held.value, held.bank, arch.activations_per_vector, arch.banks)
        self.inputs = Inputs(held.start, *turns)
        self.weights = Weights(ours.start, ours.value, ours.bank, streams.weight_place)
        self.lanes = -(-arch.banks // kernel.LANES)

    def first_weights(self, number: int) -> np.ndarray:
        """The first block of each of a round's phases."""
        return np.array([self.streams.weight_blocks(phase, number)[0] for phase in range(len(self.streams.phases))])

    def vectors(self, number: int) -> int:
        """Vectors of weights of a round."""
        blocks = self.first_weights(number)[:, None] + np.arange(self.streams.channels)
        held = self.weights.start[blocks + 1] - self.weights.start[blocks]
        return int((-(-held // self.arch.weights_per_vector)).sum())

    def work(
        self, number: int, feed: Feed = AT_ONCE, dues: np.ndarray | None = None, lines: np.ndarray | None = None
    ) -> Worked:
        """Work on a round, with weights from a feed or when they are due; draw it where there are lines to draw on."""
        arch, streams = self.arch, self.streams
        queue, told = np.zeros((arch.pes + 2, self.lanes * kernel.LANES), np.uint16), np.zeros((arch.pes, 8), np.int64)
        queue[-1, : arch.banks] = (1 << 16) - 1
        phases, channel, vectors = range(len(streams.phases)), np.zeros(6, np.int64), self.vectors(number)
        first_inputs = [[streams.activation_blocks(phase, number, pe)[0] for pe in range(arch.pes)] for phase in phases]
        sent, dues = np.zeros(vectors, np.int64), np.zeros(vectors, np.int64) if dues is None else dues
        kernel.simulate_round(
            self.numbers,
            self.weights,
            self.inputs,
            self.first_weights(number),
            np.array(first_inputs),
            queue.reshape(-1, self.lanes, kernel.LANES),
            told,
            channel,
            np.zeros((arch.pes + 1, 0), np.uint8) if lines is None else lines,
            sent,
            dues,
            feed,
        )
        return Worked(_round(told, channel, queue[:-2].max(axis=1).astype(np.int64)), sent, dues)


def _at_once(pool: ThreadPoolExecutor, bench: Bench) -> tuple[list[Round], Schedule]:
    """All rounds with weights that come at a bandwidth."""
    arch, streams = bench.arch, bench.streams
    rounds = list(pool.map(lambda number: bench.work(number).told, range(len(streams.rounds))))
    plan = schedule(arch, streams, lambda number, _: int(rounds[number].ends.max()), by_bandwidth(streams))
    return rounds, plan


def fed(
    pool: ThreadPoolExecutor, bench: Bench, dram: Dram, see: Callable[[int, Worked], None]
) -> tuple[list[Round], Schedule]:
    """All rounds with weights and bands out of DRAM: the first with it, the others first as if it were never late.

    see: is shown each round in order, with the cycle of its begin.
    """
    arch, streams = bench.arch, bench.streams
    feed, bands = open_feed(arch, dram, streams), Bulk(dram, arch.band_channels)
    spans = band_spans(arch, dram, streams)
    rounds: list[Round] = []
    guesses = [pool.submit(bench.work, number) for number in range(1, len(streams.rounds))]

    def spend(number: int, start: int) -> int:
        feed.progress[BAND_LINE] = streams.rounds[number].band * feed.progress[LINES]
        feed.progress[START] = start
        worked = settle(bench, number, feed, guesses.pop(0).result() if number else None)
        rounds.append(worked.told)
        see(start, worked)
        return int(worked.told.ends.max())

    plan = schedule(arch, streams, spend, lambda band, start: bands.move(spans[band - 1], start))
    return rounds, plan


def settle(bench: Bench, number: int, feed: Feed, guess: Worked | None) -> Worked:
    """What happens in a round: what was guessed if the weights come in time for that, else work on it with the DRAM."""
    if guess is not None:
        before, channel = copy(feed), np.zeros(6, np.int64)
        given = bench.first_weights(number), bench.streams.channels, bench.arch.weights_per_vector
        if foresee(feed, bench.weights, *given, bench.arch.vector_millicycles, *guess[1:], channel):
            fetching, blocked = int(channel[FETCHING]), int(channel[BLOCKED])
            return guess._replace(told=guess.told._replace(fetching=fetching, blocked=blocked))
        for array, kept in zip(feed[1:], before[1:], strict=True):
            array[...] = kept
    return bench.work(number, feed)


def _round(told: np.ndarray, channel: np.ndarray, drained: np.ndarray) -> Round:
    """What the compiled code told, by name; queues that are not empty at the end take as many cycles to drain."""
    drained = np.maximum(drained, told[:, kernel.DROPPED] - told[:, kernel.NOW])
    return Round(
        steps=told[:, kernel.STEPS],
        stalled=told[:, kernel.STALLED],
        starved=told[:, kernel.WAITED],
        drained=drained,
        vectors=told[:, kernel.VECTORS],
        entries=told[:, kernel.ENTRIES],
        multiplies=told[:, kernel.MULTIPLIES],
        sent=int(channel[SENT]),
        sending=int(channel[SENDING]),
        fetching=int(channel[FETCHING]),
        blocked=int(channel[BLOCKED]),
    )


def _trace(bench: Bench, rounds: list[Round], dues: Sequence[Any], plan: Schedule, length: int) -> np.ndarray:
    """The rounds that begin in the first `length` cycles are worked on once more, to be drawn."""
    arch = bench.arch
    trace = np.empty((arch.pes + 2, plan.cycles if length else 0), np.uint8)
    if length == 0:
        return trace
    trace[:-2], trace[-2], trace[-1] = ord(Pe.FINISHED), ord(Channel.IDLE), ord(Ppu.IDLE)
    borders = zip(plan.start, plan.done, plan.free, np.append(plan.start[1:], plan.free[-1:]), strict=True)
    for number, (start, done, free, following) in enumerate(borders):
        if start < length:
            trace[:-2, start:done], trace[:-2, done:free], trace[:-2, free:following] = map(
                ord, (Pe.MULTIPLY, Pe.PPU_WAIT, Pe.DRAM_WAIT)
            )
            bench.work(number, dues=dues[number], lines=trace[:-1, start:done])
            for pe, (end, drained) in enumerate(zip(rounds[number].ends, rounds[number].drained, strict=True)):
                trace[pe, start + end - drained : start + end] = ord(Pe.DRAIN)
                trace[pe, start + end : done] = ord(Pe.BARRIER)
        halo_end = free + plan.halo[number]
        trace[-1, free:halo_end] = ord(Ppu.HALO)
        trace[-1, halo_end : halo_end + plan.compress[number]] = ord(Ppu.COMPRESS)
    return trace[:, :length]
