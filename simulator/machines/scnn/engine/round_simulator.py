"""Simulation of single rounds of SCNN by the compiled code."""

from typing import NamedTuple

import numpy as np

from simulator.machines.scnn.arch import Arch
from simulator.machines.scnn.engine import round as compiled
from simulator.machines.scnn.engine.bank_queues import LANES
from simulator.machines.scnn.engine.counts import RoundCounts
from simulator.machines.scnn.engine.weight_buffer import BLOCKED, FETCHING, NO_DRAM, SENDING, SENT, WeightBuffer
from simulator.machines.scnn.layout.streams import Streams


class Sizes(NamedTuple):
    """Parameters of the architecture and the layer that the compiled code reads."""

    weights: int  # of a vector
    activations: int  # of a vector
    banks: int
    depth: np.uint16  # products that the queue of a bank holds
    fifo: int  # vectors of weights that a FIFO holds
    vector_millicycles: int  # see `Arch`
    channels: int  # input channels of an output


class WeightBlocks(NamedTuple):
    """Blocks of weights in the order of their broadcast, for the compiled code; the fields are those of `Blocks`."""

    start: np.ndarray  # int64 [blocks + 1]: also the weights of a band that are broadcast before a block
    value: np.ndarray  # int16 [entries]
    bank: np.ndarray  # int32 [entries]


class ActivationBlocks(NamedTuple):
    """Blocks of activations for the compiled code (see `round.bank_offsets`)."""

    start: np.ndarray  # int64 [blocks + 1]: as in `Blocks`
    first: np.ndarray  # int64 [blocks + 1]: the index of a block's first vector
    offset: np.ndarray  # int32 [vectors, width]
    nonzero: np.ndarray  # int64 [blocks]: the number of non-zeros


class SimulatedRound(NamedTuple):
    """A round that was simulated; cycles count from the round's first."""

    counts: RoundCounts
    sent: np.ndarray  # int64 [vectors]: the cycle of each broadcast of weights
    arrivals: np.ndarray  # int64 [vectors]: the cycle in which each vector of weights had arrived from DRAM


class RoundSimulator:
    """Simulates the rounds of a layer, by their index, with the compiled code."""

    def __init__(self, arch: Arch, streams: Streams):
        self.arch, self.streams = arch, streams
        self.sizes = Sizes(
            arch.weights_per_vector,
            arch.activations_per_vector,
            arch.banks,
            np.uint16(arch.queue_depth),
            arch.fifo_vectors,
            arch.vector_millicycles,
            streams.channels,
        )
        inputs, weights = streams.activations, streams.weights
        offsets = compiled.bank_offsets(
            inputs.start, inputs.value, inputs.bank, arch.activations_per_vector, arch.banks
        )
        self.inputs = ActivationBlocks(inputs.start, *offsets)
        self.weights = WeightBlocks(weights.start, weights.value, weights.bank)
        self.lanes = -(-arch.banks // LANES)

    def vectors(self, number: int) -> int:
        """The number of vectors of weights in a round."""
        blocks = self.streams.first_weight_blocks(number)[:, None] + np.arange(self.streams.channels)
        counts = self.weights.start[blocks + 1] - self.weights.start[blocks]
        return int((-(-counts // self.arch.weights_per_vector)).sum())

    def simulate(
        self,
        number: int,
        buffer: WeightBuffer = NO_DRAM,
        arrivals: np.ndarray | None = None,
        trace: np.ndarray | None = None,
    ) -> SimulatedRound:
        """Simulate a round, with weights from a buffer or with known arrivals.

        arrivals int64 [vectors]: the cycles in which weights arrive; None: 0, or as the buffer's DRAM delivers them.
        trace uint8 [pes + 1, cycles]: letters are written into it, if it is given.
        """
        arch, streams = self.arch, self.streams
        totals = np.zeros((arch.pes, 8), np.int64)
        queue = np.zeros((arch.pes + 2, self.lanes * LANES), np.uint16)
        queue[-1, : arch.banks] = (1 << 16) - 1
        channel, vectors = np.zeros(6, np.int64), self.vectors(number)
        sent, arrivals = np.zeros(vectors, np.int64), np.zeros(vectors, np.int64) if arrivals is None else arrivals
        compiled.simulate_round(
            self.sizes,
            self.weights,
            self.inputs,
            streams.first_weight_blocks(number),
            streams.first_activation_blocks(number),
            queue.reshape(-1, self.lanes, LANES),
            totals,
            channel,
            np.zeros((arch.pes + 1, 0), np.uint8) if trace is None else trace,
            sent,
            arrivals,
            buffer,
        )
        return SimulatedRound(_round_counts(totals, channel, queue[:-2].max(axis=1).astype(np.int64)), sent, arrivals)


def _round_counts(totals: np.ndarray, channel: np.ndarray, drained: np.ndarray) -> RoundCounts:
    """The totals of the compiled code by name.

    drained int64 [pes]: the longest queue at the end, which takes as many cycles to drain.
    """
    drained = np.maximum(drained, totals[:, compiled.DROPPED] - totals[:, compiled.NOW])
    return RoundCounts(
        steps=totals[:, compiled.STEPS],
        stalled=totals[:, compiled.STALLED],
        starved=totals[:, compiled.WAITED],
        drained=drained,
        vectors=totals[:, compiled.VECTORS],
        entries=totals[:, compiled.ENTRIES],
        multiplies=totals[:, compiled.MULTIPLIES],
        sent=int(channel[SENT]),
        sending=int(channel[SENDING]),
        fetching=int(channel[FETCHING]),
        blocked=int(channel[BLOCKED]),
    )
