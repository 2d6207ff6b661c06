"""The reference kernel of a sparse gradient exchange (Deep Gradient Compression): what a node sends of one tensor.

For each element in FP32, each operation rounded: u = m u + g, then v = v + u. A threshold passes the elements of large
magnitude; those that are sent leave v and u as zeros. The message has a pair for each: 32 bits of value and 16 bits of
the number of zeros before it; a longer run is cut by a stored zero.

The threshold is the least of the `top` greatest magnitudes of a strided sample. Where it passes fewer than 0.8 of the
wanted number, it is multiplied by 0.8 in FP32, ten times at most; where it passes more than 1.3 of it, the greatest
are chosen among those that passed, of equal ones the first. In between, the first by position are sent. A threshold
of zero passes what is not zero; with as many wanted as there are, it is zero.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

LONGEST = (1 << 16) - 1
"""Zeros before an element that 16 bits count."""
ADAPTATIONS = 10
TENTHS_LEAST, TENTHS_MOST = 8, 13
"""Tenths of the wanted number between which a threshold is accepted."""
LOWERED = np.float32(0.8)


class Sample(NamedTuple):
    """Which elements give the threshold: `size` of them from `start` on, every `stride`-th."""

    start: int
    stride: int
    size: int
    top: int  # the threshold is the top-th greatest of them


class Sent(NamedTuple):
    """What a node sends, and what it keeps."""

    words: np.ndarray  # uint16 [3 x pairs]: low and high half of a value, then its run of zeros
    velocity: np.ndarray  # float32 [elements]
    residual: np.ndarray  # float32 [elements]
    places: np.ndarray  # int64 [sent]


def send(
    gradient: np.ndarray, velocity: np.ndarray, residual: np.ndarray, momentum: float, count: int, sample: Sample
) -> Sent:
    """A node's step with a tensor, float32 [elements] each; count: of elements that are wanted, at least 1."""
    u, v = velocity.astype(np.float32), residual.astype(np.float32)
    accumulate(gradient, u, v, np.float32(momentum))
    places = choose(np.abs(v), count, sample)
    words = encode(places, v[places])
    u[places] = v[places] = 0
    return Sent(words, u, v, places)


@njit(cache=True)
def accumulate(gradient, velocity, residual, momentum):  # type: ignore[no-untyped-def]
    """Add a gradient to both, float32 [elements] each, in place; momentum: a float32 scalar."""
    for i in range(gradient.size):
        kept = momentum * velocity[i]
        velocity[i] = kept + gradient[i]
        residual[i] = residual[i] + velocity[i]


def choose(magnitude: np.ndarray, count: int, sample: Sample) -> np.ndarray:
    """The positions that are sent, ascending, int64 [at most count], of magnitudes, float32 [elements]."""
    if count >= magnitude.size:
        return np.flatnonzero(magnitude)
    drawn = np.sort(magnitude[sample.start :: sample.stride][: sample.size])
    threshold = drawn[drawn.size - sample.top]
    for _ in range(ADAPTATIONS):
        if threshold == 0 or 10 * _passing(magnitude, threshold).size >= TENTHS_LEAST * count:
            break
        threshold = np.float32(threshold * LOWERED)
    places = _passing(magnitude, threshold)
    if 10 * places.size > TENTHS_MOST * count:
        order = np.argsort(-magnitude[places], kind="stable")
        places = np.sort(places[order[:count]])
    return places[:count]


def _passing(magnitude: np.ndarray, threshold: np.float32) -> np.ndarray:
    """Positions at or above a threshold, int64 [passed]; with a threshold of zero, those that are not zero."""
    return np.flatnonzero(magnitude >= threshold if threshold > 0 else magnitude)


def encode(places: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The words of a message, uint16 [3 x pairs], of ascending positions, int64 [sent], and values, float32 [sent]."""
    bits = values.view(np.uint32)
    runs = np.diff(places, prepend=-1) - 1
    words = np.zeros(3 * int((runs // (LONGEST + 1) + 1).sum()), np.uint16)
    _encode(runs, bits, words)
    return words


@njit(cache=True)
def _encode(runs, bits, words):  # type: ignore[no-untyped-def]
    """Fill `words`, uint16 [3 x pairs]. runs: int64 [sent], zeros before each element; bits: uint32 [sent]."""
    place = 0
    for k in range(runs.size):
        run = runs[k]
        while run > LONGEST:
            words[place + 2] = LONGEST
            run -= LONGEST + 1
            place += 3
        words[place] = bits[k] & 0xFFFF
        words[place + 1] = bits[k] >> 16
        words[place + 2] = run
        place += 3
