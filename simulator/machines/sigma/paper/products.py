"""Drawn matrix products: which values of both operands are zero, and SIGMA's run of them without values."""

from typing import NamedTuple

import numpy as np

from simulator.config.load import Config
from simulator.results.result import Result
from simulator.run.simulate import simulate
from workloads.kinds.matrix_product.layer import CompressedProduct
from workloads.kinds.matrix_product.operand import Operand
from workloads.kinds.matrix_product.shapes import operand_of_shape
from workloads.number_formats import find_format
from workloads.workload import Workload

STATIONARY_DENSITY, STREAMED_DENSITY = 0.2, 0.9
"""Of the published cycles."""
ONE = 0x3F80
"""1 in BF16."""
SIDE = 128
"""Of the array of the dense baseline."""


class Shape(NamedTuple):
    """A stationary matrix of `rows` x `depth` times a streamed one of `depth` x `columns`: M, N and K of the paper."""

    rows: int
    columns: int
    depth: int

    @classmethod
    def parse(cls, text: str) -> "Shape":
        """Of `M x N x K`."""
        return cls(*map(int, text.split(" x ")))

    @property
    def name(self) -> str:
        """`M x N x K`."""
        return " x ".join(map(str, self))


def draw(
    shape: Shape, seed: int, stationary: float = STATIONARY_DENSITY, streamed: float = STREAMED_DENSITY
) -> CompressedProduct:
    """A product whose values are zero independently of each other; the others are 1, and streamed ones have no values.

    stationary, streamed: the share of values that are not zero, on average.
    """
    rng, form = np.random.default_rng(seed), find_format("bf16")
    weight = (rng.random((shape.rows, shape.depth), np.float32) < stationary).astype(np.uint16) * np.uint16(ONE)
    active = rng.random((shape.columns, shape.depth), np.float32) < streamed
    return CompressedProduct(
        name=shape.name,
        weight=Operand(form, weight, {}),
        activation=operand_of_shape(form, shape.columns, shape.depth),
        bias=None,
        relu=False,
        active=active,
    )


def run_product(config: Config, layer: CompressedProduct) -> Result:
    """The cycles and counts of a drawn product."""
    return simulate(config, Workload(layer.name, "drawn", None, layer, "matrix product"), output=False)


def dense_cycles(shape: Shape, side: int = SIDE) -> int:
    """Cycles of the published dense baseline, a systolic array of side x side: the faster one of both operands stays.

    Of each tile of side x side, all columns go through the array, and its sides are filled and emptied.
    """
    other = shape._replace(rows=shape.columns, columns=shape.rows)
    return min(_weight_stationary(one, side) for one in (shape, other))


def _weight_stationary(shape: Shape, side: int) -> int:
    widths = [min(side, shape.depth - first) for first in range(0, shape.depth, side)]
    return -(-shape.rows // side) * sum(shape.columns + side + width for width in widths)
