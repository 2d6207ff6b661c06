"""The points that no other one beats: no worse in anything and better in something."""

from collections.abc import Iterable

import numpy as np


def front(costs: np.ndarray) -> np.ndarray:
    """Which rows of `costs`, float64 [points, objectives], no other row dominates; less is better, equals all stay.

    In lexicographic order a row can only be dominated by one before it, so each is compared with the front so far only.
    """
    found = np.zeros(len(costs), bool)
    kept = np.empty((0, costs.shape[1]))
    for place in np.lexsort(costs.T[::-1]):
        row = costs[place]
        no_worse = kept[(kept <= row).all(axis=1)]
        if not (no_worse < row).any():
            found[place] = True
            if not len(no_worse):
                kept = np.vstack([kept, row])
    return found


def front_by_group(costs: np.ndarray, groups: Iterable[object]) -> np.ndarray:
    """The front of each group, bool [points]. costs: float64 [points, objectives]; groups: a key for each point."""
    places: dict[object, list[int]] = {}
    for place, group in enumerate(groups):
        places.setdefault(group, []).append(place)
    found = np.zeros(len(costs), bool)
    for members in places.values():
        found[members] = front(costs[members])
    return found
