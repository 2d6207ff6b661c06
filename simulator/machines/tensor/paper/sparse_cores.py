"""Sparse tensor cores: products with 2:4, and drawn products whose zeros of both sides are skipped."""

from collections.abc import Container, Iterator

import numpy as np

from simulator.config.load import Config, load_arch
from simulator.core.published import PublishedFigure, compare_figure, read_published, standing
from simulator.results.result import Result
from simulator.run.simulate import simulate
from workloads.document_types import Document
from workloads.kinds.matrix_product.layer import CompressedProduct
from workloads.kinds.matrix_product.operand import Operand
from workloads.kinds.matrix_product.shapes import operand_of_shape, product_of_shape
from workloads.number_formats import find_format
from workloads.workload import Workload

PACKAGE = "simulator.machines.tensor.paper"
DRAWS = 10
DUAL = "percent_of_dense_time"
FORM = "fp16"
ONE = 0x3C00
"""1 in FP16."""
SIDE = 4096
SM: dict[str, str | int] = {"rows": 16, "columns": 16, "depth_16bit": 4, "weight_format": FORM, "dram": "none"}
"""1,024 products a cycle without a memory to wait for."""


def rows(seed: int, draws: int, quantities: Container[str] | None = None) -> Iterator[PublishedFigure]:
    """Every published figure with its simulated one; `quantities` selects some."""
    published = read_published(PACKAGE)
    for table in published["tables"]:
        if quantities is None or table["quantity"] in quantities:
            seeds = range(seed, seed + draws)
            yield from (
                _dual_side(published["paper"], table, seeds)
                if table["quantity"] == DUAL
                else _two_of_four(published["paper"], table)
            )


def _two_of_four(paper: str, table: Document) -> Iterator[PublishedFigure]:
    config = load_arch("tensor", two_of_four=int(table["quantity"].startswith("two")), **SM)
    for row, value in table["rows"].items():
        yield compare_figure(
            paper, table["table"], row, table["quantity"], value, multiply_cycles(config, row), table["mark"],
            standing(table, row),
        )  # fmt: skip


def multiply_cycles(config: Config, shape: str) -> int:
    """Cycles in which the array multiplies for a product of this shape, tokens x inputs x outputs."""
    tokens, inputs, outputs = map(int, shape.split(" x "))
    layer = product_of_shape(shape, FORM, tokens, inputs, outputs, bool(config.arch.two_of_four))
    return _run(config, layer).counts["array_cycles"]


def _dual_side(paper: str, table: Document, seeds: range) -> Iterator[PublishedFigure]:
    config = load_arch("tensor", dual_side=1, weight_format=FORM, dram="none")
    dense = dual_cycles(config, SIDE, 0, 1.0, 1.0)
    for row, value in table["rows"].items():
        first, second = (float(part.split()[1]) for part in row.split(" x "))
        shares = [100 * dual_cycles(config, SIDE, seed, first, second) / dense for seed in seeds]
        yield compare_figure(
            paper, table["table"], row, table["quantity"], value, shares, table["mark"], standing(table, row), seeds[0]
        )


def dual_cycles(config: Config, side: int, seed: int, first: float, second: float) -> int:
    """Cycles of a product of square matrices whose values are zero independently of each other.

    first, second: the share of values of A, the activations, and of B, the weights, that are not zero, on average.
    """
    rng, form = np.random.default_rng(seed), find_format(FORM)
    active = rng.random((side, side), np.float32) < first
    weight = (rng.random((side, side), np.float32) < second).astype(np.uint16) * np.uint16(ONE)
    activation = operand_of_shape(form, side, side)
    layer = CompressedProduct("drawn", Operand(form, weight, {}), activation, None, relu=False, active=active)
    return _run(config, layer).run.cycles


def _run(config: Config, layer: CompressedProduct) -> Result:
    return simulate(config, Workload(layer.name, "drawn", None, layer, "matrix product"), output=False)
