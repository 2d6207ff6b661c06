"""The requests that SCNN sends to its DRAM channels: first those of the weights, then those of a layer in bands.

Outputs that do not fit the OARAMs take no time in the model and are not among the requests.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from simulator.core.threads import threads
from simulator.hardware.dram.requests import Requests
from simulator.hardware.dram.spec import Dram, split_span
from simulator.machines.scnn.arch import Arch
from simulator.machines.scnn.engine.counts import RoundTimes
from simulator.machines.scnn.engine.round_simulator import RoundSimulator
from simulator.machines.scnn.engine.run import simulate_with_dram
from simulator.machines.scnn.layout.dram_map import band_spans, weight_channels, weight_lines
from simulator.machines.scnn.layout.streams import Streams

ASKED = ("dram_weight_bytes", "dram_sum_bytes", "dram_input_bytes")
"""The events that the requests make up."""


def requests(arch: Arch, passes: Sequence[Streams]) -> list[Requests]:
    """All requests of a run, for each channel; no channel on a machine without a DRAM."""
    if arch.dram is None:
        return []
    (streams,) = passes
    simulator, broadcasts = RoundSimulator(arch, streams), [np.full(1, -1, np.int64)]
    with ThreadPoolExecutor(threads()) as pool:
        _, plan = simulate_with_dram(
            pool, simulator, arch.dram, lambda start, done: broadcasts.append(start + done.sent)
        )
    weights = _weights(simulator, arch.dram, np.concatenate(broadcasts))
    return [*weights, *_bands(arch, arch.dram, streams, plan)]


def _weights(simulator: RoundSimulator, dram: Dram, sent: np.ndarray) -> list[Requests]:
    """Lines of weights in the order of the broadcast, each requested in the cycle after another one left the buffer.

    sent int64 [broadcasts + 1]: the cycle before the first, then the cycles of all broadcasts.
    """
    arch, streams = simulator.arch, simulator.streams
    lines, channels = weight_lines(arch, dram, streams), weight_channels(arch, streams)
    released = [_lines_released(simulator, dram, number) for number in range(len(streams.rounds))]
    requested = np.concatenate([[0], *released]) + arch.weight_buffer_lines
    requested = np.minimum(requested, lines * streams.planes.tile.shape[0])
    cycle = np.repeat(sent + 1, np.diff(requested, prepend=0))
    line = np.arange(cycle.size) % max(1, lines)
    masks = [line % channels == channel for channel in range(channels)]
    return [Requests(dram, line[mask] // channels, np.zeros(mask.sum(), np.int64), cycle[mask]) for mask in masks]


def _lines_released(simulator: RoundSimulator, dram: Dram, number: int) -> np.ndarray:
    """The number of lines that have left the buffer after each broadcast of a round, int64 [vectors]."""
    arch, streams, weights = simulator.arch, simulator.streams, simulator.weights
    width, lines, stored = arch.weights_per_vector, weight_lines(arch, dram, streams), streams.weights.value.size
    blocks = (streams.first_weight_blocks(number)[:, None] + np.arange(streams.channels)).ravel()
    counts = weights.start[blocks + 1] - weights.start[blocks]
    vectors = -(-counts // width)
    index = np.arange(vectors.sum()) - np.repeat(vectors.cumsum() - vectors, vectors)
    entries = np.repeat(weights.start[blocks], vectors) + np.minimum(np.repeat(counts, vectors), (index + 1) * width)
    used = np.where(entries == stored, lines, entries * arch.weight_entry_bits // (8 * dram.line_bytes))
    return streams.rounds[number].band * lines + used


def _bands(arch: Arch, dram: Dram, streams: Streams, plan: RoundTimes) -> list[Requests]:
    """Lines that are moved while each band but the last runs; no channel for a layer in one band."""
    spans = band_spans(arch, dram, streams)
    if not spans:
        return []
    moved = []
    for channel in range(arch.band_channels):
        parts = [
            (span, plan.start[band * streams.groups])
            for band, together in enumerate(spans)
            for span in (split_span(whole, arch.band_channels)[channel] for whole in together)
        ]
        line = np.concatenate([np.arange(span.first_line, span.first_line + span.lines) for span, _ in parts])
        count = [span.lines for span, _ in parts]
        write = np.repeat([int(span.write) for span, _ in parts], count)
        moved.append(Requests(dram, line, write, np.repeat([int(start) for _, start in parts], count)))
    return moved
