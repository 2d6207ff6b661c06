"""The values that the unit computes: sums, candidates of each pass, what is sent."""

from typing import NamedTuple

import numpy as np
from numba import njit

from simulator.machines.selection.arch import ADAPTATIONS, LONGEST, LOWERED, too_few, too_many
from workloads.kinds.gradient.layer import CompressedGradient


class Values(NamedTuple):
    """Of a run."""

    velocity: np.ndarray  # float32 [elements], accumulated
    residual: np.ndarray  # float32 [elements], accumulated
    thresholds: list[np.float32]  # of each pass with one
    passed: list[np.ndarray]  # int64 [passed] each: the candidates of each of these passes
    crowded: bool  # whether the greatest of the last candidates were chosen
    places: np.ndarray  # int64 [sent]


def values_of(layer: CompressedGradient) -> Values:
    """Accumulate, find a threshold that is accepted, choose."""
    velocity, residual = layer.velocity.copy(), layer.residual.copy()
    _accumulate(layer.gradient, velocity, residual, np.float32(layer.momentum))
    magnitude = np.abs(residual)
    threshold = np.float32(0)
    if layer.sampled:
        drawn = magnitude[layer.start :: layer.stride][: layer.samples]
        threshold = np.partition(drawn, drawn.size - layer.top)[drawn.size - layer.top]
    thresholds, passed = [threshold], [_passing(magnitude, threshold)]
    while threshold > 0 and too_few(passed[-1].size, layer.wanted) and len(passed) <= ADAPTATIONS:
        threshold = np.float32(threshold * LOWERED)
        thresholds.append(threshold)
        passed.append(_passing(magnitude, threshold))
    places, crowded = passed[-1], too_many(passed[-1].size, layer.wanted)
    if crowded:
        places = places[_greatest(magnitude[places], layer.wanted)]
    return Values(velocity, residual, thresholds, passed, crowded, places[: layer.wanted])


@njit(cache=True)
def _accumulate(gradient, velocity, residual, momentum):  # type: ignore[no-untyped-def]
    """Add a gradient to both, float32 [elements] each, in place; momentum: a float32 scalar."""
    for i in range(gradient.size):
        kept = momentum * velocity[i]
        velocity[i] = kept + gradient[i]
        residual[i] = residual[i] + velocity[i]


def _passing(magnitude: np.ndarray, threshold: np.float32) -> np.ndarray:
    """Places at or above a threshold, int64 [passed]; with a threshold of zero, those that are not zero."""
    return np.flatnonzero(magnitude >= threshold if threshold > 0 else magnitude)


def _greatest(magnitude: np.ndarray, count: int) -> np.ndarray:
    """Which are the `count` greatest, of equal ones the first: bool [candidates] of float32 [candidates]."""
    least = np.partition(magnitude, magnitude.size - count)[magnitude.size - count]
    kept = magnitude > least
    equal = np.flatnonzero(magnitude == least)
    kept[equal[: count - int(np.count_nonzero(kept))]] = True
    return kept


def message(values: Values) -> np.ndarray:
    """The words of the message, uint16 [3 x pairs]."""
    runs = runs_of(values.places)
    cuts = runs // (LONGEST + 1)
    last = np.cumsum(cuts + 1) - 1
    words = np.zeros((int(last[-1]) + 1 if last.size else 0, 3), np.uint16)
    words[:, 2] = LONGEST
    bits = values.residual[values.places].view(np.uint32)
    words[last, 0], words[last, 1] = bits & 0xFFFF, bits >> 16
    words[last, 2] = runs - cuts * (LONGEST + 1)
    return words.ravel()


def runs_of(places: np.ndarray) -> np.ndarray:
    """The zeros before each element, int64 [sent], of ascending places, int64 [sent]."""
    found: np.ndarray = np.diff(places, prepend=-1) - 1
    return found
