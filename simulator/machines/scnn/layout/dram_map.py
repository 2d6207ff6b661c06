"""The addresses of SCNN's data in DRAM, and the transfers of each band.

Weights are stored in the order of their broadcast; each band reads all of them again. The inputs of all bands are
stored one after the other, followed by the sums that the bands leave unfinished.
"""

from itertools import accumulate

from simulator.hardware.dram.spec import Dram, Span, lines_of
from simulator.machines.scnn.arch import Arch
from simulator.machines.scnn.layout.streams import Streams, stored_activations


def weight_channels(arch: Arch, streams: Streams) -> int:
    """The number of channels that hold weights: all, or all but `band_channels` for a layer that is cut into bands."""
    return arch.dram_channels - (arch.band_channels if streams.planes.tile.shape[0] > 1 else 0)


def weight_lines(arch: Arch, dram: Dram, streams: Streams) -> int:
    """The number of DRAM lines of all weights."""
    return lines_of(dram, -(-streams.weights.value.size * arch.weight_entry_bits // 8))


def band_spans(arch: Arch, dram: Dram, streams: Streams) -> list[list[Span]]:
    """The spans moved while each band but the last runs: sums of the band before, out and in.

    inputs of the next band.
    """
    bits = stored_activations(streams) * arch.activation_entry_bits
    inputs = [lines_of(dram, size) for size in (-(-bits // 8)).sum(axis=1).tolist()]
    outputs = streams.layer.outputs
    sums = [lines_of(dram, count * outputs * arch.sum_bits // 8) for count in streams.planes.unfinished.tolist()]
    begins = list(accumulate([*inputs, *sums], initial=0))
    found = []
    for band in range(len(inputs) - 1):
        unfinished = begins[len(inputs) + band - 1], sums[band - 1]
        spans = [Span(*unfinished, write) for write in (True, False) if band]
        found.append([*spans, Span(begins[band + 1], inputs[band + 1], False)])
    return found
