"""The number of accumulator accesses if the products of a step with the same output address were merged.

SCNN as built scatters each product separately. Mao et al. (arXiv 1705.08922) add up the products of a step that have
the same output address before they reach the accumulators (recalled, not confirmed). This module counts those additions
for the streams that the engine runs; it changes none of its cycles.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numba import njit

from simulator.core.threads import threads
from simulator.machines.scnn.arch import Arch
from simulator.machines.scnn.layout.blocks import Blocks
from simulator.machines.scnn.layout.streams import Streams, compress_activations, compress_weights


class Steps(NamedTuple):
    """What the vectors of a layer make: a step is a vector of F weights times a vector of I activations."""

    additions: int  # distinct output addresses in each step, summed over all steps of all PEs
    steps: int  # of all PEs
    vectors: int  # of weights, broadcast; each band counts again


def merged_accumulations(arch: Arch, streams: Streams) -> int:
    """The number of distinct output addresses in each step, summed over all steps of all PEs; see `count_steps`."""
    return count_steps(arch, streams).additions


def count_steps(arch: Arch, streams: Streams, by_row: bool = False) -> Steps:
    """Steps, vectors of weights, and additions if products of a step with the same address are added up first.

    A step is a vector of F stored weights times a vector of I stored activations; zeros make no product. An address is
    an output channel and a position in the PE's region, inside the output plane or beyond it. by_row: a vector holds
    weights of one kernel row only, and no placeholders, as if a row's position were stored instead of zero counts.
    """
    weights, activations, addresses = _addressed(arch, streams)

    def count(number: int) -> tuple[int, int, int]:
        found: tuple[int, int, int] = _count_round(
            (arch.weights_per_vector, arch.activations_per_vector, streams.channels),
            (weights.start, weights.value, weights.bank),
            (activations.start, activations.value, activations.bank),
            streams.first_weight_blocks(number),
            streams.first_activation_blocks(number),
            np.zeros(addresses, np.int64),
            streams.planes.pitch[1] if by_row else 0,
        )
        return found

    with ThreadPoolExecutor(threads()) as pool:
        return Steps(*(sum(part) for part in zip(*pool.map(count, range(len(streams.rounds))), strict=True)))


def _addressed(arch: Arch, streams: Streams) -> tuple[Blocks, Blocks, int]:
    """The blocks with summands of whole addresses in place of summands of banks, and the number of addresses.

    A product's bank is the sum of two summands, modulo the number of banks. With one bank for each sum of a region and
    output channel, the bank is the address.
    """
    planes, layer = streams.planes, streams.layer
    region = planes.pitch[0] * planes.pitch[1]
    addresses = region * max(one.outputs for one in streams.rounds)
    flat = arch._replace(linear_banks=1, banks=max(1, addresses))
    weights = compress_weights(flat, layer, planes, streams.rounds, streams.phases)
    return weights, compress_activations(flat, layer, planes, streams.phases), addresses


@njit(cache=True, nogil=True)
def _count_round(sizes, weights, inputs, first_weights, first_inputs, seen, pitch):  # type: ignore[no-untyped-def]
    """The number of distinct addresses in each step, summed over the steps of a round; its steps; its weight vectors.

    sizes: F, I, channels. weights, inputs: start int64 [blocks + 1], value int16 [entries], address summand int32
    [entries]. first_weights int64 [phases], first_inputs int64 [phases, pes]: their first blocks. seen int64
    [addresses], zeros at first: set to the last step with each address. pitch: as in `_pack`, of the weights.
    """
    distinct = step = vectors = 0
    per_weights, per_inputs, channels = sizes
    for phase in range(first_weights.size):
        for c in range(channels):
            w_first, w_address = _pack(weights, first_weights[phase] + c, per_weights, pitch)
            vectors += w_first.size - 1
            for pe in range(first_inputs.shape[1]):
                a_first, a_address = _pack(inputs, first_inputs[phase, pe] + c, per_inputs, 0)
                for a in range(a_first.size - 1):
                    for w in range(w_first.size - 1):
                        step += 1
                        for i in range(w_first[w], w_first[w + 1]):
                            for j in range(a_first[a], a_first[a + 1]):
                                address = w_address[i] + a_address[j]
                                distinct += seen[address] != step
                                seen[address] = step
    return distinct, step, vectors


@njit(cache=True, nogil=True)
def _pack(blocks, block, width, pitch):  # type: ignore[no-untyped-def]
    """The address summands of a block's non-zeros, grouped by vectors of `width` entries.

    blocks: start int64 [blocks + 1], value int16 [entries], address summand int32 [entries]. pitch: 0, or the columns
    of a region: then a vector has non-zeros of one kernel row only, which are those of one row of summands. Returns the
    index of each vector's first summand, int64 [vectors + 1], and the summands, int64 [non-zeros].
    """
    start, value, address = blocks
    begin, end = start[block], start[block + 1]
    first, packed = np.zeros(end - begin + 1, np.int64), np.empty(end - begin, np.int64)
    count = vectors = 0
    filled, row = width, -1
    for e in range(begin, end):
        if pitch > 0 and value[e] == 0:
            continue
        if filled == width or (pitch > 0 and address[e] // pitch != row):
            vectors, filled = vectors + 1, 0
            row = address[e] // pitch if pitch > 0 else -1
        filled += 1
        if value[e] != 0:
            packed[count] = address[e]
            count += 1
        first[vectors] = count
    return first[: vectors + 1], packed[:count]
