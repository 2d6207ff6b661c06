"""Streams of products into SCNN's banks: drawn, and by the rule of the queues, by the engine, by the model."""

from collections import Counter, defaultdict
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import simpy

from simulator.core.trace import TraceRecorder
from simulator.hardware.clock import Fifo
from simulator.machines.scnn.engine.bank_queues import empty_queues
from simulator.machines.scnn.engine.operand_vectors import QUAD, ActivationBlocks, WeightBlocks, set_offsets
from simulator.machines.scnn.engine.round import NOW, simulate_round
from simulator.machines.scnn.engine.round_simulator import Sizes
from simulator.machines.scnn.engine.weight_buffer import NO_DRAM
from simulator.machines.scnn.model import units
from support.scnn_layers import PLAIN


def witness(steps, depth):
    """Letters of a PE that makes `steps`, each a list of bank sizes, and the cycles until its queues are empty.

    A product enters the queue of its bank when there is room; a bank takes one product a cycle, none that came in this
    cycle; a slot that is freed in a cycle can be filled in the next; the next step is issued in the cycle after the
    last product has entered.
    """
    queues, letters = Counter(), []
    for step in steps:
        waiting, letter = list(step), "m"
        while waiting or letter == "m":
            taken = [bank for bank, held in queues.items() if held]
            kept = []
            for bank in waiting:
                if queues[bank] < depth:
                    queues[bank] += 1
                else:
                    kept.append(bank)
            for bank in taken:
                queues[bank] -= 1
            letters.append(letter)
            waiting, letter = kept, "s"
    return "".join(letters), max(queues.values(), default=0)


def engine_letters(weights, activations, depth, banks, width):
    """The same by the engine's compiled code. Vectors are lists of parts of bank sizes; None is a placeholder."""
    across = max(map(len, activations))
    entries = [bank for vector in weights for bank in (*vector, *[None] * (width - len(vector)))]
    seen = [bank for vector in activations for bank in (*vector, *[None] * (across - len(vector)))]

    def block(held):
        start = np.array([0, len(held)])
        value = np.array([bank is not None for bank in held], np.int16)
        return start, value, np.array([bank or 0 for bank in held], np.int32)

    one = PLAIN._replace(rows=1, columns=1, queue_depth=depth, banks=banks)
    arch = one._replace(weights_per_vector=width, activations_per_vector=across)
    # all weights arrive together, in cycle 0
    sizes = Sizes(1, width, banks, len(weights), 1, 1)
    (start, value, bank), vectors = block(seen), len(activations)
    first, nonzero = np.array([0, vectors]), np.zeros(1, np.int32)
    offset = np.full((vectors, -(-across // QUAD) * QUAD), 2 * banks, np.uint16)
    set_offsets(np.zeros(1, np.int64), start, value, bank, first, across, banks, offset, nonzero)
    assert nonzero == np.count_nonzero(value)
    inputs = ActivationBlocks(first, offset, np.diff(start).astype(np.int32), nonzero)
    queues, times = empty_queues(arch), np.zeros((1, 3), np.int64)
    lines = np.full((2, 4096), ord("m"), np.uint8)
    channel, (sent, arrivals) = np.zeros(6, np.int64), np.zeros((2, len(weights)), np.int64)
    given = WeightBlocks(*block(entries)), inputs, np.zeros(1, np.int64), np.zeros(1, np.int64)
    simulate_round(sizes, *given, queues, times, channel, lines, sent, arrivals, NO_DRAM)
    return bytes(lines[0, : times[0, NOW]]).decode(), int(queues.held[0].max())


class Weight(NamedTuple):
    """Of a vector: the channel of its products, the place that it adds to an activation's, its value."""

    channel: int
    place: int
    value: int


class Activation(NamedTuple):
    """Of a vector: its place and its value."""

    place: int
    value: int


class Stream(NamedTuple):
    """Vectors of weights and of activations, which all meet; None is a placeholder."""

    weights: list[list[Weight | None]]
    activations: list[list[Activation | None]]

    def steps(self):
        """The pairs of each step that are multiplied."""
        for seen in self.activations:
            for vector in self.weights:
                yield [(w, a) for w in filter(None, vector) for a in filter(None, seen)]


class BankMap(NamedTuple):
    """Where sums are. Channels are `skew` banks apart; with `linear` they follow each other without a gap."""

    banks: int
    skew: int
    linear: bool
    places: int  # of a channel

    def rows(self) -> int:
        """Entries of a bank that a channel takes."""
        return -(-self.places // self.banks)

    def product(self, channel: int, place: int) -> tuple[int, int, int]:
        """Skew, base and place of a product as the circuit is given them."""
        if self.linear:
            return 0, 0, channel * self.places + place
        return channel * self.skew % self.banks, channel * self.rows(), place

    def address(self, channel: int, place: int) -> tuple[int, int]:
        """The bank of a sum, and its entry."""
        skew, base, place = self.product(channel, place)
        return (skew + place) % self.banks, base + place // self.banks


def drawn_stream(rng, weights: int, activations: int, channels: int, places: int) -> Stream:
    """A stream whose places are near each other or far apart, so that banks meet often or seldom."""

    def vectors(most, width, make):
        empty = rng.choice([0.0, 0.3, 0.8])
        return [
            [None if rng.random() < empty else make() for _ in range(rng.integers(1, width + 1))]
            for _ in range(rng.integers(1, most))
        ]

    spread = int(rng.choice([1, 2, places // 2]))
    word = lambda: int(rng.integers(-(1 << 15), 1 << 15)) or 1  # noqa: E731
    return Stream(
        vectors(8, weights, lambda: Weight(int(rng.integers(channels)), int(rng.integers(spread)), word())),
        vectors(5, activations, lambda: Activation(int(rng.integers(spread)), word())),
    )


def model_letters(stream: Stream, where: BankMap, depth: int):
    """Letters of the model's PE, cycles until its queues are empty, and its sums by channel and place."""
    env = simpy.Environment()
    arch = PLAIN._replace(rows=1, columns=1, queue_depth=depth, banks=where.banks)
    queues = [Fifo(env, f"bank {bank}", depth) for bank in range(where.banks)]
    ledger = SimpleNamespace(events=[Counter()], timeline=TraceRecorder(1))
    machine = units.Machine(env, arch, None, [], [queues], [defaultdict(int)], [0], [env.event()], ledger, None, None)
    tile = SimpleNamespace(
        product=lambda w, a: ((w.channel, w.place + a.place), w.value * a.value),
        bank=lambda _, position: where.address(*position)[0],
    )
    ends = []

    def pe():
        for seen in stream.activations:
            for vector in stream.weights:
                yield from units._step(machine, 0, tile, list(filter(None, vector)), list(filter(None, seen)))
        ends.append(int(env.now))
        while machine.pending[0]:
            yield machine.accumulated[0]
        ends.append(int(env.now))

    for queue in queues:
        env.process(units._bank(machine, 0, queue))
    env.run(until=env.process(pe()))
    letters = bytes(ledger.timeline.letters(ends[0])[0]).decode()
    return letters, ends[1] - ends[0], machine.sums[0]
