"""Interpolation of a memory's energy between measured points."""

import math
from collections.abc import Mapping


def log_log(table: Mapping[int, float], x: float) -> float:
    """The value at `x` of a table of at least two positive points, linear between neighbours in log-log scale.

    Beyond an end of the table, the line through the last two points is continued.
    """
    if x in table:
        return table[int(x)]
    points = sorted(table)
    above = next((i for i, point in enumerate(points) if point > x), len(points) - 1)
    low, high = points[max(0, above - 1)], points[max(1, above)]
    slope = math.log(table[high] / table[low]) / math.log(high / low)
    return table[low] * math.exp(slope * math.log(x / low))
