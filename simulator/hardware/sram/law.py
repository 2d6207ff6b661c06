"""The law for arrays outside the table: K^p (a + b W), with K the capacity in KiB and W the width in bits.

`cacti7_law.csv` holds its coefficients for each node, cell and figure, as `fit` computes them from `cacti7.csv`.
"""

import math
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

import numpy as np

from simulator.hardware.sram.table import Figures, Size, read_rows, tables

KIB = 1024
LEAST_CAPACITY, MOST_CAPACITY = 256, 2 << 20
LEAST_WIDTH, MOST_WIDTH = 16, 512
LEAST_DEPTH = 64
"""The law is fitted to sizes that are powers of two within these limits; arrays with fewer words do not follow it."""


class Law(NamedTuple):
    """The coefficients of one figure, for the arrays of a node and a cell."""

    p: float
    a: float
    b: float

    def value(self, capacity_bytes: float, width_bits: float) -> float:
        """The figure of an array, in the unit that its name in `Figures` ends with."""
        return (capacity_bytes / KIB) ** self.p * (self.a + self.b * width_bits)


@cache
def laws() -> Mapping[tuple[int, str], Mapping[str, Law]]:
    """All laws: (node in nm, cell) -> name of the figure -> law."""
    found: dict[tuple[int, str], dict[str, Law]] = {}
    for node, cell, figure, *coefficients in read_rows("cacti7_law.csv"):
        found.setdefault((int(node), cell), {})[figure] = Law(*map(float, coefficients))
    return found


def fitted(size: Size) -> bool:
    """Whether arrays of this size are among those that the law is fitted to."""
    capacity, width = size
    powers = capacity.bit_count() == width.bit_count() == 1
    deep = 8 * capacity >= LEAST_DEPTH * width
    return powers and deep and LEAST_CAPACITY <= capacity <= MOST_CAPACITY and LEAST_WIDTH <= width <= MOST_WIDTH


def fit(table: Mapping[Size, Figures], figure: str) -> Law:
    """The law with the least squares of ln(law / table) over the sizes that `fitted` accepts; a > 0 and b >= 0.

    For a given b / a, ln(law) is a straight line in ln K; b / a is searched by narrowing a range of its logarithm.
    """
    sizes = [size for size in table if fitted(size)]
    capacity, width = np.array(sizes, float).T
    value = np.log([getattr(table[size], figure) for size in sizes])
    line = np.stack([np.log(capacity / KIB), np.ones(len(sizes))], axis=1)

    def solve(ratio: float) -> tuple[float, Law]:
        target = value - np.log1p(ratio * width)
        (p, log_a), *_ = np.linalg.lstsq(line, target, rcond=None)
        a = math.exp(log_a)
        return float(np.sum((line @ (p, log_a) - target) ** 2)), Law(float(p), a, ratio * a)

    low, high = math.log(1e-9), math.log(1e3)
    for _ in range(12):
        tried = np.linspace(low, high, 21)
        best = min(range(21), key=lambda i: solve(math.exp(tried[i]))[0])
        low, high = tried[max(0, best - 1)], tried[min(20, best + 1)]
    return min(solve(0.0), solve(math.exp((low + high) / 2)))[1]


@cache
def rms_percent(node_nm: int, cell: str) -> Figures:
    """The root mean square of law / table - 1 in percent, over the sizes that `fitted` accepts."""
    table, law = tables()[node_nm, cell], laws()[node_nm, cell]
    sizes = [size for size in table if fitted(size)]

    def rms(figure: str) -> float:
        errors = [law[figure].value(*size) / getattr(table[size], figure) - 1 for size in sizes]
        return 100 * math.sqrt(math.fsum(error**2 for error in errors) / len(errors))

    return Figures(*map(rms, Figures._fields))


def refit() -> str:
    """The text of `cacti7_law.csv`, fitted again to the table."""
    lines = [
        "# K^p (a + b W), K in KiB, W in bits: simulator.hardware.sram.law.refit() of cacti7.csv (docs/memory.md)",
        "node_nm,cell,figure,p,a,b",
    ]
    for (node, cell), table in tables().items():
        for figure in Figures._fields:
            coefficients = ",".join(f"{number:.6g}" for number in fit(table, figure))
            lines.append(f"{node},{cell},{figure},{coefficients}")
    return "\n".join(lines) + "\n"
