"""What decides when blocks of keys of attention are loaded and computed: a schedule of all blocks, and their times."""

from typing import NamedTuple

import numpy as np

from simulator.machines.tensor.arch import Arch
from simulator.machines.tensor.layout.attention import AttentionStreams

KEY, VALUE, QUERY, OUTPUT = (np.int64(one) for one in range(4))
"""Kinds of transfers."""


class Schedule(NamedTuple):
    """What decides the times: int64 arrays."""

    cycles: np.ndarray  # [blocks, 3]: of scores, of values, of the vector unit once
    kept: np.ndarray  # [blocks]: 1 where the values are multiplied
    tile: np.ndarray  # [blocks]
    last: np.ndarray  # [tiles]: the number of its last block
    lines: np.ndarray  # [blocks, 6]: first line and lines of keys, values and queries that it loads
    drain: np.ndarray  # [tiles]: cycles
    outputs: np.ndarray  # [tiles, 2]: first line and lines


class Times(NamedTuple):
    """Cycles, int64 arrays; of what a block does not do, begin and end are equal."""

    free: np.ndarray  # [blocks]: the array may begin with the scores, as far as earlier work decides
    score: np.ndarray  # [blocks, 2]: first cycle of the scores and the one after the last
    decided: np.ndarray  # [blocks]: the vector unit has found the greatest scores
    weighed: np.ndarray  # [blocks]: it has the weights
    ready: np.ndarray  # [blocks, 2]: the array begins to wait for the vector unit, and waits no more
    value: np.ndarray  # [blocks, 2]: first cycle of the values and the one after the last
    drain: np.ndarray  # [tiles, 2]
    moves: np.ndarray  # [blocks, 3, 2], of keys, values and queries: requests are sent; all lines are there
    writes: np.ndarray  # [tiles, 2]: outputs are sent; all are written

    @property
    def cycles(self) -> int:
        """Of the run: all is written, and what was loaded in vain is there."""
        return int(max(self.writes.max(), self.moves.max()))


def schedule_of(arch: Arch, streams: AttentionStreams, skipped: np.ndarray) -> Schedule:
    """The blocks of all tiles, one after the other; skipped: bool [blocks]."""
    blocks = [block for tile in streams.tiles for block in tile.blocks]
    counts = [len(tile.blocks) for tile in streams.tiles]
    tile = np.repeat(np.arange(len(counts)), counts)
    lines = np.zeros((len(blocks), 6), np.int64)
    loaded = np.zeros((2, len(streams.keys)), np.bool_)
    first = np.cumsum([0, *counts[:-1]])
    for g, block in enumerate(blocks):
        wanted = not (skipped[g] and arch.value_on_demand)
        for kind, transfers, asked in ((KEY, streams.keys, True), (VALUE, streams.values, wanted)):
            if asked and not (streams.stay and loaded[kind, block.place]):
                lines[g, 2 * kind : 2 * kind + 2] = transfers[block.place][:2]
                loaded[kind, block.place] = True
    for number, begin in enumerate(first):
        lines[begin, 2 * QUERY : 2 * QUERY + 2] = streams.tiles[number].query[:2]
    return Schedule(
        cycles=np.array([(one.score_cycles, one.value_cycles, one.vector_cycles) for one in blocks], np.int64),
        kept=(~skipped).astype(np.int64),
        tile=tile,
        last=np.cumsum(counts) - 1,
        lines=lines,
        drain=np.array([one.drain_cycles for one in streams.tiles], np.int64),
        outputs=np.array([one.output[:2] for one in streams.tiles], np.int64),
    )
