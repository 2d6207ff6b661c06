"""SCNN without processes: equal to the model, product by product at the cost of a few vector operations a step.

Rounds begin with empty queues and FIFOs at a barrier, so they know nothing of each other, and threads share them.
Within a round the PEs meet only in the broadcast: a vector can be sent when the slowest PE has dropped the one that
stood `fifo_vectors` before it; so, block by block, the PEs can be worked on one after the other (see `kernel`).
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from simulator.accelerator import Run
from simulator.convolution import outputs
from simulator.scnn import kernel
from simulator.scnn.arch import Arch, Channel, Pe, Ppu
from simulator.scnn.stored import stored
from simulator.scnn.streams import Streams
from simulator.scnn.tally import Round, Schedule, counts, reasons, schedule
from simulator.threads import threads


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


class Inputs(NamedTuple):
    """Blocks of activations, as the compiled code reads them (see `kernel.aim`)."""

    start: np.ndarray
    first: np.ndarray
    turn: np.ndarray
    some: np.ndarray


def run(arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """Run a layer and return its cycles, output, counts, reasons, and the trace of its first cycles."""
    with ThreadPoolExecutor(threads()) as pool:
        result = outputs(streams.layer, pool)
        simulate = _simulator(arch, streams)
        rounds = list(pool.map(simulate, range(len(streams.rounds))))
    plan = schedule(arch, streams, np.array([one.ends.max() for one in rounds]))
    told = counts(arch, streams, rounds, stored(arch, streams.planes, result))
    trace = _trace(arch, simulate, rounds, plan, min(plan.cycles, trace_cycles))
    return Run(plan.cycles, result.ravel(), told, reasons(rounds, plan), trace)


def run_without_output(arch: Arch, streams: Streams, trace_cycles: int = 0) -> Run:
    """`run`, but the output has length 0. It is computed all the same: how it is stored depends on its zeros."""
    return run(arch, streams, trace_cycles)._replace(output=np.zeros(0, np.int16))


def _simulator(arch: Arch, streams: Streams) -> Callable[..., Round]:
    """A function that simulates a round by its number, and draws it where it is given lines to draw on."""
    numbers = Numbers(
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
    inputs, weights = Inputs(held.start, *turns), Weights(ours.start, ours.value, ours.bank)
    lanes = -(-arch.banks // kernel.LANES)
    phases = range(len(streams.phases))

    def simulate(number: int, lines: np.ndarray | None = None) -> Round:
        queue, told = np.zeros((arch.pes + 2, lanes * kernel.LANES), np.uint16), np.zeros((arch.pes, 8), np.int64)
        queue[-1, : arch.banks] = (1 << 16) - 1
        channel, first_weights = np.zeros(6, np.int64), [streams.weight_blocks(phase, number)[0] for phase in phases]
        first_inputs = [[streams.activation_blocks(phase, number, pe)[0] for pe in range(arch.pes)] for phase in phases]
        kernel.simulate_round(
            numbers,
            weights,
            inputs,
            np.array(first_weights),
            np.array(first_inputs),
            queue.reshape(-1, lanes, kernel.LANES),
            told,
            channel,
            np.zeros((arch.pes + 1, 0), np.uint8) if lines is None else lines,
        )
        return _round(told, channel, queue[:-2].max(axis=1).astype(np.int64))

    return simulate


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
        sent=int(channel[kernel.SENT]),
        sending=int(channel[kernel.SENDING]),
        fetching=int(channel[kernel.FETCHING]),
        blocked=int(channel[kernel.BLOCKED]),
    )


def _trace(arch: Arch, simulate: Callable[..., Round], rounds: list[Round], plan: Schedule, length: int) -> np.ndarray:
    """The rounds that begin in the first `length` cycles are simulated once more, to be drawn."""
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
            simulate(number, trace[:-1, start:done])
            for pe, (end, drained) in enumerate(zip(rounds[number].ends, rounds[number].drained, strict=True)):
                trace[pe, start + end - drained : start + end] = ord(Pe.DRAIN)
                trace[pe, start + end : done] = ord(Pe.BARRIER)
        halo_end = free + plan.halo[number]
        trace[-1, free:halo_end] = ord(Ppu.HALO)
        trace[-1, halo_end : halo_end + plan.compress[number]] = ord(Ppu.COMPRESS)
    return trace[:, :length]
