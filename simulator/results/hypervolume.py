"""The hypervolume of a front: how much of the space up to a reference point some point of the front dominates."""

import numpy as np

from simulator.results.pareto import front

MARGIN = 0.1
"""How far the reference point lies beyond the worst values of a front, as a share of the front's range."""


def hypervolume(costs: np.ndarray, reference: np.ndarray) -> float:
    """The volume of all that is no better than a row of `costs` and better than the reference point.

    costs: float64 [points, objectives], less is better; reference: float64 [objectives]. Rows that are no better than
    the reference in each objective add nothing. One objective gives a length, two an area.

    >>> hypervolume(np.array([[1.0, 3.0], [2.0, 1.0]]), np.array([4.0, 4.0]))
    7.0
    """
    inside = costs[(costs < reference).all(axis=1)]
    return _volume(inside[front(inside)], reference) if len(inside) else 0.0


def growth(costs: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """The hypervolume of the first row, of the first two, and so on, float64 [points]; see `hypervolume`.

    costs: float64 [points, objectives]; a row of a point that takes no part is infinite.
    """
    found = np.zeros(len(costs))
    kept, volume = np.empty((0, len(reference))), 0.0
    for place, row in enumerate(costs):
        if (row < reference).all() and not (kept <= row).all(axis=1).any():
            kept = np.vstack([kept[~(row <= kept).all(axis=1)], row])
            volume = _volume(kept, reference)
        found[place] = volume
    return found


def reference_point(costs: np.ndarray) -> np.ndarray:
    """The worst value of each objective on the front of `costs`, and MARGIN of the front's range beyond it.

    costs: float64 [points, objectives], at least one point. Where all points of the front have the same value, the
    margin is a share of that value, or MARGIN itself where the value is 0. Returns float64 [objectives].
    """
    best = costs[front(costs)]
    worst, reach = best.max(axis=0), np.ptp(best, axis=0)
    sizes = np.where(worst == 0, 1.0, np.abs(worst))
    return worst + MARGIN * np.where(reach > 0, reach, sizes)


def _volume(costs: np.ndarray, reference: np.ndarray) -> float:
    """Of rows that are all better than the reference: slices along the last objective, down to areas."""
    if costs.shape[1] == 1:
        return float(reference[0] - costs.min())
    if costs.shape[1] == 2:
        ordered = costs[np.lexsort((costs[:, 1], costs[:, 0]))]
        heights = reference[1] - np.minimum.accumulate(ordered[:, 1])
        return float((np.diff(ordered[:, 0], append=reference[0]) * heights).sum())
    ordered = costs[np.argsort(costs[:, -1], kind="stable")]
    depths = np.diff(ordered[:, -1], append=reference[-1])
    slices = (depths[last] * _volume(ordered[: last + 1, :-1], reference[:-1]) for last in np.flatnonzero(depths))
    return float(sum(slices))
