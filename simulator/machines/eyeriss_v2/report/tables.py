"""How a layer is divided over the PEs, and what its passes wait for."""

from collections.abc import Iterator, Sequence

import numpy as np

from simulator.core.machine import Table
from simulator.machines.eyeriss_v2.arch import Arch
from simulator.machines.eyeriss_v2.engine.run import all_passes
from simulator.machines.eyeriss_v2.engine.schedule import Schedule, schedule
from simulator.machines.eyeriss_v2.layout.streams import Streams


def tables(arch: Arch, passes: Sequence[Streams]) -> list[Table]:
    """The mapping, and the passes by what decides when they end."""
    (streams,) = passes
    times = schedule(arch, streams, all_passes(arch, streams)[0])
    return [
        Table("mapping", ("what", "number"), tuple(_mapping(arch, streams))),
        Table("what decides the passes", ("what", "passes", "cycles"), tuple(_deciding(arch, times))),
    ]


def _mapping(arch: Arch, streams: Streams) -> Iterator[tuple[str, int]]:
    tiles, mapping = streams.tiles, streams.mapping
    yield "output channels of a tile (M0)", int((tiles.outputs[:, 1] - tiles.outputs[:, 0]).max())
    yield "input channels of a tile (C0)", int((tiles.channels[:, 1] - tiles.channels[:, 0]).max())
    yield "kernel columns of a tile (S)", int((tiles.pieces[:, 2] - tiles.pieces[:, 1]).max())
    yield "PEs that add up a sum", mapping.chain * arch.pe_rows
    yield "rows of tiles at a time", mapping.tile_rows
    yield "chunks of the output plane at a time", mapping.chunks
    yield "output places of a chunk", mapping.places
    yield "passes", mapping.blocks * streams.row_steps * streams.steps(arch)
    yield "most words of weights in a tile", int(streams.tile_words.max(initial=0))


def _deciding(arch: Arch, times: Schedule) -> Iterator[tuple[str, int, int]]:
    """The first of equals decides. Without `prefetch`, loading is apart from passes."""
    parts = {"slowest PE": times.compute, "mesh of inputs": times.deliver, "mesh of sums": times.sums}
    if arch.prefetch:
        parts["path to DRAM"] = np.append(times.load[1:], 0)
    deciding = np.array(list(parts.values())).argmax(axis=0)
    for number, (name, cycles) in enumerate(parts.items()):
        chosen = deciding == number
        yield name, int(np.count_nonzero(chosen)), int(cycles[chosen].sum())
    apart = int(times.load[0] if arch.prefetch else times.load.sum()) + times.store
    yield "path to DRAM, between passes", times.load.size + 1 if not arch.prefetch else 2, apart
