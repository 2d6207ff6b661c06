"""Simulation of single rounds of SCNN by the compiled code."""

from typing import NamedTuple

import numpy as np

from simulator.machines.scnn.arch import Arch
from simulator.machines.scnn.engine.bank_queues import empty_queues
from simulator.machines.scnn.engine.counts import RoundCounts
from simulator.machines.scnn.engine.operand_vectors import WeightBlocks, activation_blocks, first_rows
from simulator.machines.scnn.engine.round import DROPPED, NOW, WAITED, simulate_round
from simulator.machines.scnn.engine.weight_buffer import BLOCKED, FETCHING, NO_DRAM, SENDING, SENT, WeightBuffer
from simulator.machines.scnn.engine.work import ENTRIES, MULTIPLIES, STEPS, VECTORS, count_work
from simulator.machines.scnn.layout.streams import Streams


class Sizes(NamedTuple):
    """Parameters of the architecture and the layer that the compiled code reads."""

    pes: int
    weights: int  # of a vector
    banks: int
    fifo: int  # vectors of weights that a FIFO holds
    vector_millicycles: int  # see `Arch`
    channels: int  # input channels of an output


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
            arch.pes,
            arch.weights_per_vector,
            arch.banks,
            arch.fifo_vectors,
            arch.vector_millicycles,
            streams.channels,
        )
        self.inputs = activation_blocks(arch, streams)
        self.weights = WeightBlocks(streams.weights.start, streams.weights.value, streams.weights.bank)

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
        queues, times = empty_queues(arch), np.zeros((arch.pes, 3), np.int64)
        channel, vectors = np.zeros(6, np.int64), self.vectors(number)
        sent, arrivals = np.zeros(vectors, np.int64), np.zeros(vectors, np.int64) if arrivals is None else arrivals
        blocks = self.sizes, self.weights, self.inputs, streams.first_weight_blocks(number), first_rows(streams, number)
        trace = np.zeros((arch.pes + 1, 0), np.uint8) if trace is None else trace
        simulate_round(*blocks, queues, times, channel, trace, sent, arrivals, buffer)
        drained = np.maximum(queues.held.max(axis=1), times[:, DROPPED] - times[:, NOW])
        return SimulatedRound(_round_counts(count_work(*blocks), times, drained, channel), sent, arrivals)


def _round_counts(work: np.ndarray, times: np.ndarray, drained: np.ndarray, channel: np.ndarray) -> RoundCounts:
    """The results of the compiled code by name.

    drained int64 [pes]: the longest queue at the end, which takes as many cycles to drain, or more cycles if the last
    weights are dropped later.
    """
    return RoundCounts(
        steps=work[STEPS],
        stalled=times[:, NOW] - times[:, WAITED] - work[STEPS],
        starved=times[:, WAITED],
        drained=drained,
        vectors=work[VECTORS],
        entries=work[ENTRIES],
        multiplies=work[MULTIPLIES],
        sent=int(channel[SENT]),
        sending=int(channel[SENDING]),
        fetching=int(channel[FETCHING]),
        blocked=int(channel[BLOCKED]),
    )
