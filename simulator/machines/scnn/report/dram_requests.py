"""What SCNN asks of its DRAM channels: first those of the weights, behind them those of a layer in bands.

Outputs that the OARAMs do not hold take no time in the model and are not asked for here.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from simulator.core.threads import threads
from simulator.hardware.dram.requests import Requests
from simulator.hardware.dram.spec import Dram, spread
from simulator.machines.scnn.arch import Arch
from simulator.machines.scnn.engine.counts import Schedule
from simulator.machines.scnn.engine.run import Bench, fed
from simulator.machines.scnn.layout.dram_map import band_spans, weight_channels, weight_lines
from simulator.machines.scnn.layout.streams import Streams

ASKED = ("dram_weight_bytes", "dram_sum_bytes", "dram_input_bytes")
"""Events that requests stand for."""


def requests(arch: Arch, passes: Sequence[Streams]) -> list[Requests]:
    """All lines that are moved, for each channel; no channel without a DRAM."""
    if arch.dram is None:
        return []
    (streams,) = passes
    bench, broadcasts = Bench(arch, streams), [np.full(1, -1, np.int64)]
    with ThreadPoolExecutor(threads()) as pool:
        _, plan = fed(pool, bench, arch.dram, lambda start, worked: broadcasts.append(start + worked.sent))
    weights = _weights(bench, arch.dram, np.concatenate(broadcasts))
    return [*weights, *_bands(arch, arch.dram, streams, plan)]


def _weights(bench: Bench, dram: Dram, sent: np.ndarray) -> list[Requests]:
    """Lines of weights in the order of the broadcast, asked for in the cycle after others left the buffer.

    sent: the cycle before the first, then those of all broadcasts.
    """
    arch, streams = bench.arch, bench.streams
    lines, channels = weight_lines(arch, dram, streams), weight_channels(arch, streams)
    left = np.concatenate([[0], *(_lines_left(bench, dram, number) for number in range(len(streams.rounds)))])
    asked = np.minimum(left + arch.weight_buffer_lines, lines * streams.planes.tile.shape[0])
    cycle = np.repeat(sent + 1, np.diff(asked, prepend=0))
    line = np.arange(cycle.size) % max(1, lines)
    own = [line % channels == channel for channel in range(channels)]
    return [Requests(dram, line[here] // channels, np.zeros(here.sum(), np.int64), cycle[here]) for here in own]


def _lines_left(bench: Bench, dram: Dram, number: int) -> np.ndarray:
    """Lines of all bands that have left the buffer after each broadcast of a round, int64 [vectors]."""
    arch, streams, weights = bench.arch, bench.streams, bench.weights
    width, lines, stored = arch.weights_per_vector, weight_lines(arch, dram, streams), streams.weights.value.size
    blocks = (bench.first_weights(number)[:, None] + np.arange(streams.channels)).ravel()
    held = weights.start[blocks + 1] - weights.start[blocks]
    vectors = -(-held // width)
    turn = np.arange(vectors.sum()) - np.repeat(vectors.cumsum() - vectors, vectors)
    entries = np.repeat(weights.place[blocks], vectors) + np.minimum(np.repeat(held, vectors), (turn + 1) * width)
    used = np.where(entries == stored, lines, entries * arch.weight_entry_bits // (8 * dram.line_bytes))
    return streams.rounds[number].band * lines + used


def _bands(arch: Arch, dram: Dram, streams: Streams, plan: Schedule) -> list[Requests]:
    """What is moved while each band but the last runs; no channel for a layer in one band."""
    spans = band_spans(arch, dram, streams)
    if not spans:
        return []
    moved = []
    for channel in range(arch.band_channels):
        own = [
            (span, plan.start[band * streams.groups])
            for band, together in enumerate(spans)
            for span in (spread(whole, arch.band_channels)[channel] for whole in together)
        ]
        line = np.concatenate([np.arange(span.first_line, span.first_line + span.lines) for span, _ in own])
        count = [span.lines for span, _ in own]
        write = np.repeat([int(span.write) for span, _ in own], count)
        moved.append(Requests(dram, line, write, np.repeat([int(start) for _, start in own], count)))
    return moved
