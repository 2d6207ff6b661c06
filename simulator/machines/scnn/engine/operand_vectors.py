"""Vectors of weights and activations as compiled code reads them: by the accumulator banks of their products.

A vector of weights is stored as its number of weights by bank, twice in a row: an activation shifts all banks by its
summand of the bank, so its products by bank are found at an offset in that array. Vectors of activations are stored as
such offsets, in the order in which they are used: one channel's vectors of all PEs, then the next channel's.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from simulator.machines.scnn.arch import Arch
from simulator.machines.scnn.layout.streams import Streams

QUAD = 4
"""How many activations of a vector are added at a time."""


class WeightBlocks(NamedTuple):
    """Blocks of weights in the order of their broadcast, for the compiled code; the fields are those of `Blocks`."""

    start: np.ndarray  # int64 [blocks + 1]: also the weights of a band that are broadcast before a block
    value: np.ndarray  # int16 [entries]
    bank: np.ndarray  # int32 [entries]


class ActivationBlocks(NamedTuple):
    """Blocks of activations for the compiled code, in rows: the blocks of all PEs for one band, phase and channel.

    Rows are ordered by band, phase and channel.
    """

    first: np.ndarray  # int64 [rows * pes + 1]: the index of a block's first vector
    offset: np.ndarray  # uint16 [vectors, width rounded up to QUAD]: see `activation_blocks`
    entries: np.ndarray  # int32 [rows * pes]: the number of stored activations
    nonzero: np.ndarray  # int32 [rows * pes]: the number of non-zeros


def activation_blocks(arch: Arch, streams: Streams) -> ActivationBlocks:
    """The activations of a layer.

    An offset is `banks` less the activation's summand of the bank, or 2 * banks, where rows of weights hold zeros, for
    a zero or missing activation.
    """
    given, width = streams.activations, arch.activations_per_vector
    shape = streams.planes.tile.shape[0], arch.pes, len(streams.phases), streams.layer.inputs
    number = np.arange(shape[0] * shape[1])[:, None] * (shape[2] * shape[3] + 1) + np.arange(shape[2] * shape[3])
    order = number.reshape(shape[0], shape[1], -1).transpose(0, 2, 1).ravel()
    entries = (given.start[order + 1] - given.start[order]).astype(np.int32)
    first = np.zeros(order.size + 1, np.int64)
    np.cumsum(-(-entries // width), out=first[1:])
    offset = np.full((first[-1], -(-width // QUAD) * QUAD), 2 * arch.banks, np.uint16)
    nonzero = np.zeros(order.size, np.int32)
    set_offsets(order, given.start, given.value, given.bank, first, width, arch.banks, offset, nonzero)
    return ActivationBlocks(first, offset, entries, nonzero)


def first_rows(streams: Streams, number: int) -> np.ndarray:
    """The first row of `ActivationBlocks` in each phase of a round, int64 [phases]."""
    work, phases = streams.rounds[number], len(streams.phases)
    return (work.band * phases + np.arange(phases)) * streams.layer.inputs + work.first_input


@njit(cache=True, nogil=True)
def set_offsets(order, start, value, bank, first, width, banks, offset, nonzero):  # type: ignore[no-untyped-def]
    """Set the offsets of all non-zero activations, and their number in each block.

    order int64 [blocks]: the indices of the blocks in the order of their use; start int64 [all blocks + 1], value int16
    and bank int32 [entries]: of `Blocks`; first, offset, nonzero: of `ActivationBlocks`; width: activations in a
    vector.
    """
    for block in range(order.size):
        begin, vector = start[order[block]], first[block]
        for e in range(begin, start[order[block] + 1]):
            if value[e] != 0:
                offset[vector + (e - begin) // width, (e - begin) % width] = banks - bank[e]
                nonzero[block] += 1


@njit(cache=True, nogil=True)
def count_by_bank(width, banks, weights, begin, stop, rows):  # type: ignore[no-untyped-def]
    """Count each vector's weights by their summand of the bank, twice in a row.

    width: weights in a vector; weights: a `WeightBlocks`, whose entries begin .. stop - 1 are counted; rows uint8 or
    uint16 [vectors, at least 2 * banks]: set, to 0 from number 2 * banks on.
    """
    rows[: -(-(stop - begin) // width)] = 0
    for e in range(begin, stop):
        if weights.value[e] != 0:
            row, bank = (e - begin) // width, weights.bank[e]
            rows[row, bank] += 1
            rows[row, bank + banks] += 1
