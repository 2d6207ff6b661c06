"""Sums of a matrix product whose inputs are split over chips: in which order they are added decides their bits.

The inputs K are cut into tiles of `TILE` places. The dot of a tile is added place after place in FP32. Four orders:

- one chip: all places one after the other in FP32, rounded to the output type once;
- chain: each chip adds its places in FP32 and rounds; the rounded sums are added in the order of the chips;
- ring: each chip adds its places in FP32 and rounds; the rounded sums of a chunk of the outputs are then added from
  chip to chip, each sum rounded, and each chunk begins at another chip (reduce-scatter);
- tree: the dot of each tile is rounded to the output type, and all later additions happen in that type, in an order
  that does not depend on the number of chips: runs of `first` tiles one after the other, above these pairs of
  neighbours, and the chips' sums again in pairs of neighbours (TBIK).

A sum of two words of BF16 or FP16 that is rounded to FP32 and then to that type equals the sum rounded once, as FP32
has more than twice their places.
"""

from typing import NamedTuple

import numpy as np
from ml_dtypes import bfloat16
from numba import njit

TILE = 256
"""Places of K whose products are added in FP32."""
TYPES: dict[str, np.dtype] = {
    "bf16": np.dtype(bfloat16),
    "fp16": np.dtype(np.float16),
    "fp32": np.dtype(np.float32),
}


class Plan(NamedTuple):
    """The order of a tree: runs of `first` tiles, and `levels` of partial sums that an output holds at most."""

    first: int
    levels: int


def plan_of(tiles: int) -> Plan:
    """The order for a number of tiles: halved as long as it is even and above 2.

    >>> plan_of(24), plan_of(16), plan_of(27)
    (Plan(first=3, levels=4), Plan(first=2, levels=4), Plan(first=27, levels=1))
    """
    first, levels = tiles, 1
    while first % 2 == 0 and first > 2:
        first, levels = first // 2, levels + 1
    return Plan(first, levels)


def check_split(inputs: int, chips: int, tile: int = TILE) -> Plan:
    """The order of a tree over chips. ValueError where the inputs cannot be split over them without changing it."""
    if chips < 1 or chips & (chips - 1):
        raise ValueError(f"there are {chips} chips; expected a power of two")
    if inputs < tile or inputs % tile:
        raise ValueError(f"there are {inputs:,} inputs; expected a multiple of {tile}")
    plan = plan_of(inputs // tile)
    runs = inputs // tile // plan.first
    if chips > runs:
        raise ValueError(
            f"{inputs:,} inputs are {runs} runs of {plan.first} tiles of {tile}, which are not cut; "
            f"expected at most {runs} chips, there are {chips}"
        )
    return plan


def rounded(values: np.ndarray, kind: str) -> np.ndarray:
    """float32 [any], rounded to the nearest word of a type of TYPES, ties to even: float32 [any]."""
    return values.astype(TYPES[kind]).astype(np.float32)


def dots(activation: np.ndarray, weight: np.ndarray, places: int) -> np.ndarray:
    """The dots of every `places` places, added one after the other in FP32: float32 [K / places, tokens, outputs].

    activation: float32 [tokens, K]; weight: float32 [K, outputs]; products are exact where both are words of 16 bits.
    """
    found = np.zeros((activation.shape[1] // places, activation.shape[0], weight.shape[1]), np.float32)
    _add(np.ascontiguousarray(activation, np.float32), np.ascontiguousarray(weight, np.float32), places, found)
    return found


@njit(cache=True)
def _add(activation, weight, places, found):  # type: ignore[no-untyped-def]
    """Add products to `found`, float32 [parts, tokens, outputs].

    activation: float32 [tokens, K]; weight: float32 [K, outputs].
    """
    for part in range(found.shape[0]):
        for m in range(found.shape[1]):
            sums = found[part, m]
            for k in range(part * places, (part + 1) * places):
                value, row = activation[m, k], weight[k]
                for n in range(sums.size):
                    sums[n] += value * row[n]


def add_tree(tiles: np.ndarray, first: int, kind: str) -> np.ndarray:
    """The dots of tiles, float32 [tiles, ...], rounded and added in the order of a tree: float32 [...].

    As hardware does: a run of `first` tiles is added one after the other; two sums of equally many tiles become one.
    """
    pending: list[tuple[int, np.ndarray]] = []  # level and sum, the higher first
    for begin in range(0, len(tiles), first):
        run = rounded(tiles[begin], kind)
        for tile in tiles[begin + 1 : begin + first]:
            run = rounded(run + rounded(tile, kind), kind)
        level = 0
        while pending and pending[-1][0] == level:
            run, level = rounded(pending.pop()[1] + run, kind), level + 1
        pending.append((level, run))
    ((_, total),) = pending
    return total


def add_pairs(parts: np.ndarray, kind: str) -> np.ndarray:
    """The sums of chips, float32 [chips, ...], added in pairs of neighbours: float32 [...]."""
    while len(parts) > 1:
        parts = rounded(parts[::2] + parts[1::2], kind)
    total: np.ndarray = parts[0]
    return total


def add_chain(parts: np.ndarray, kind: str) -> np.ndarray:
    """The sums of chips, float32 [chips, ...], added in the order of the chips, each sum rounded: float32 [...]."""
    total: np.ndarray = parts[0]
    for part in parts[1:]:
        total = rounded(total + part, kind)
    return total


def add_ring(parts: np.ndarray, kind: str) -> np.ndarray:
    """The sums of chips, float32 [chips, ...], added around a ring: float32 [...].

    The outputs, in their order, are cut into as many chunks as there are chips, the first ones a word longer where they
    differ; chunk c begins at chip c + 1 and ends at chip c.
    """
    chips, flat = len(parts), parts.reshape(len(parts), -1)
    total = np.empty(flat.shape[1], np.float32)
    for chunk, place in enumerate(np.array_split(np.arange(flat.shape[1]), chips)):
        total[place] = flat[(chunk + 1) % chips, place]
        for step in range(2, chips + 1):
            total[place] = rounded(total[place] + flat[(chunk + step) % chips, place], kind)
    return total.reshape(parts.shape[1:])


def one_chip(activation: np.ndarray, weight: np.ndarray, kind: str) -> np.ndarray:
    """All places in FP32, rounded once: float32 [tokens, outputs]. Arguments as in `dots`."""
    return rounded(dots(activation, weight, activation.shape[1])[0], kind)


def tree(activation: np.ndarray, weight: np.ndarray, chips: int, kind: str, tile: int = TILE) -> np.ndarray:
    """The sums in the order of a tree over chips: float32 [tokens, outputs], the same for any number of chips.

    Arguments as in `dots`; tile: places. ValueError where the places cannot be split over the chips.
    """
    return tree_of_tiles(dots(activation, weight, tile), chips, kind)


def tree_of_tiles(tiles: np.ndarray, chips: int, kind: str) -> np.ndarray:
    """The same of the dots of tiles, float32 [tiles, ...], as any unit has added them: float32 [...].

    The tiles are a multiple of the chips, and the chips a power of two, as `check_split` asks.
    """
    first = plan_of(len(tiles)).first
    return add_pairs(np.stack([add_tree(own, first, kind) for own in np.split(tiles, chips)]), kind)


def local_sums(activation: np.ndarray, weight: np.ndarray, chips: int, kind: str) -> np.ndarray:
    """Each chip's places in FP32, rounded: float32 [chips, tokens, outputs]. Arguments as in `dots`."""
    return rounded(dots(activation, weight, activation.shape[1] // chips), kind)
