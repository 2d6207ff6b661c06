"""What the units of the model of attention share: blocks, their events, numbers and what was logged."""

from collections import Counter
from typing import NamedTuple

import numpy as np
import simpy

from simulator.core.trace import TraceRecorder
from simulator.hardware.dram.model.channel import Channel
from simulator.machines.tensor.arch import Arch
from simulator.machines.tensor.layout.attention import AttentionStreams, attention_words
from simulator.machines.tensor.model.attention_ledger import AttentionLedger
from simulator.machines.tensor.model.attention_numbers import TileNumbers
from simulator.machines.tensor.model.ledger import Ledger


class Blocks(NamedTuple):
    """An event of each block."""

    keys_there: list[simpy.Event]  # and the queries of its tile
    scored: list[simpy.Event]  # its scores leave the pipeline
    decided: list[simpy.Event]
    weighed: list[simpy.Event]
    values_asked: list[simpy.Event]  # the value of the event is that of their arrival
    computed: list[simpy.Event]  # the array ends its scores
    multiplied: list[simpy.Event]  # it ends its values, or knows that the block is skipped
    stepped: list[simpy.Event]  # the array ends the step, or both arrays do


class Machine:
    """What the units share."""

    def __init__(self, env: simpy.Environment, arch: Arch, streams: AttentionStreams):
        self.env, self.arch, self.streams = env, arch, streams
        self.channel = None if arch.dram is None else Channel(env, arch.dram)
        self.ledger = AttentionLedger(Ledger(arch, Counter(), TraceRecorder(3), [], []), streams)
        self.arrays = TraceRecorder(arch.arrays)
        self.blocks = [(tile, block) for tile in streams.tiles for block in tile.blocks]
        steps = len(self.blocks) + arch.scores_ahead
        self.events = Blocks(*([env.event() for _ in range(steps)] for _ in Blocks._fields))
        self.drained = [env.event() for _ in streams.tiles]
        self.written = [env.event() for _ in streams.tiles]
        self.loads = list[simpy.Event]()
        self.kept = [True] * len(self.blocks)
        self.scores: list[list[list[np.float32]]] = [[] for _ in self.blocks]
        self.queries, self.keys, self.values = attention_words(streams)
        layer = streams.layer
        self.numbers = [
            TileNumbers(self.queries[one.head, one.rows.start : one.rows.stop],
                        layer.seen[one.rows.start : one.rows.stop], layer.scale, layer.least)
            for one in streams.tiles
        ]  # fmt: skip
        self.tile_of = [number for number, tile in enumerate(streams.tiles) for _ in tile.blocks]
        self.output = np.zeros(self.queries.shape, np.float32)

    def is_last(self, g: int) -> bool:
        """Whether a block is the last of its tile."""
        return g + 1 == len(self.blocks) or self.tile_of[g + 1] != self.tile_of[g]


def then(first: simpy.Event, following: simpy.Event) -> None:
    """Let an event follow another in the same cycle."""

    def succeed(_: simpy.Event) -> None:
        following.succeed()

    first.callbacks.append(succeed)
