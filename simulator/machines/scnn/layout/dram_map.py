"""Where SCNN's data lie in DRAM, and what is moved at once.

Weights follow each other in the order of their broadcast; each band reads them all again. Inputs of the bands follow
each other, behind them the sums that bands leave unfinished.
"""

from itertools import accumulate

from simulator.hardware.dram.spec import Dram, Span, lines_of
from simulator.machines.scnn.arch import Arch
from simulator.machines.scnn.layout.streams import Streams, held_activations


def weight_channels(arch: Arch, streams: Streams) -> int:
    """The channels that hold weights: all, but for a layer in bands."""
    return arch.dram_channels - (arch.band_channels if streams.planes.tile.shape[0] > 1 else 0)


def weight_lines(arch: Arch, dram: Dram, streams: Streams) -> int:
    """Lines of all weights."""
    return lines_of(dram, -(-streams.weights.value.size * arch.weight_entry_bits // 8))


def band_spans(arch: Arch, dram: Dram, streams: Streams) -> list[list[Span]]:
    """What is moved while each band runs: the sums that the one before left, out and in; then the next one's inputs."""
    bits = held_activations(streams) * arch.activation_entry_bits
    inputs = [lines_of(dram, taken) for taken in (-(-bits // 8)).sum(axis=1).tolist()]
    outputs = streams.layer.outputs
    sums = [lines_of(dram, places * outputs * arch.sum_bits // 8) for places in streams.planes.unfinished.tolist()]
    begins = list(accumulate([*inputs, *sums], initial=0))
    found = []
    for band in range(len(inputs) - 1):
        left = begins[len(inputs) + band - 1], sums[band - 1]
        spans = [Span(*left, write) for write in (True, False) if band]
        found.append([*spans, Span(begins[band + 1], inputs[band + 1], False)])
    return found
