"""How many sums a step's products belong to: what an accumulator would be accessed if products of one sum were merged.

SCNN as built scatters each product on its own. Mao et al. (arXiv 1705.08922) add up products of one step that have the
same output address before they reach the accumulators (recalled, not confirmed). This counts those additions over the
streams that the engine runs, and changes none of its cycles.
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numba import njit

from simulator.core.threads import threads
from simulator.machines.scnn.arch import Arch
from simulator.machines.scnn.layout.blocks import Blocks
from simulator.machines.scnn.layout.streams import Streams, lay_activations, lay_weights


def merged_accumulations(arch: Arch, streams: Streams) -> int:
    """Distinct output addresses of each step, added up over all steps of all PEs.

    A step is a vector of F stored weights times a vector of I stored activations; zeros make no product. An address is
    an output channel and a place of the PE's region, whether within the output plane or beyond it.
    """
    weights, activations, places = _addressed(arch, streams)
    phases, pes = range(len(streams.phases)), range(arch.pes)

    def count(number: int) -> int:
        first_weights = [streams.weight_blocks(phase, number)[0] for phase in phases]
        first_inputs = [[streams.activation_blocks(phase, number, pe)[0] for pe in pes] for phase in phases]
        return _count_round(
            (arch.weights_per_vector, arch.activations_per_vector, streams.channels),
            (weights.start, weights.value, weights.bank),
            (activations.start, activations.value, activations.bank),
            np.array(first_weights),
            np.array(first_inputs),
            np.zeros(places, np.int64),
        )

    with ThreadPoolExecutor(threads()) as pool:
        return sum(pool.map(count, range(len(streams.rounds))))


def _addressed(arch: Arch, streams: Streams) -> tuple[Blocks, Blocks, int]:
    """The same blocks with parts of whole addresses in place of parts of banks, and how many addresses there are.

    A product's bank is the sum of two parts, modulo the banks; with a region's sums from one output channel to the
    next, and more banks than sums, the same sum is the address.
    """
    planes, layer = streams.planes, streams.layer
    region = planes.pitch[0] * planes.pitch[1]
    places = region * max(one.outputs for one in streams.rounds)
    flat = arch._replace(bank_step=region, banks=max(1, places))
    return lay_weights(flat, layer, planes, streams.rounds), lay_activations(flat, layer, planes), places


@njit(cache=True, nogil=True)
def _count_round(sizes, weights, inputs, first_weights, first_inputs, seen):  # type: ignore[no-untyped-def]
    """A round's distinct addresses, step by step.

    sizes: F, I, channels. weights and inputs: start, value, address part of blocks. first_weights int64 [phases],
    first_inputs int64 [phases, pes]: their first blocks. seen int64 [addresses]: 0; the last step that hit each.
    """
    distinct = step = 0
    per_weights, per_inputs, channels = sizes
    for phase in range(first_weights.size):
        for c in range(channels):
            w_first, w_at = _pack(weights, first_weights[phase] + c, per_weights)
            for pe in range(first_inputs.shape[1]):
                a_first, a_at = _pack(inputs, first_inputs[phase, pe] + c, per_inputs)
                for a in range(a_first.size - 1):
                    for w in range(w_first.size - 1):
                        step += 1
                        for i in range(w_first[w], w_first[w + 1]):
                            for j in range(a_first[a], a_first[a + 1]):
                                at = w_at[i] + a_at[j]
                                distinct += seen[at] != step
                                seen[at] = step
    return distinct


@njit(cache=True, nogil=True)
def _pack(blocks, block, width):  # type: ignore[no-untyped-def]
    """A block's addresses without its zeros, int64 [non-zeros], and where those of each vector begin."""
    start, value, address = blocks
    begin, end = start[block], start[block + 1]
    first, at = np.zeros(-(-(end - begin) // width) + 1, np.int64), np.empty(end - begin, np.int64)
    some = 0
    for e in range(begin, end):
        if value[e] != 0:
            at[some] = address[e]
            some += 1
        first[(e - begin) // width + 1] = some
    return first, at[:some]
