"""The published figures of sparse tensor cores."""

from math import ceil, comb

import pytest

from simulator.config.load import load_arch
from simulator.core.published import read_published
from simulator.machines.tensor.paper import sparse_cores
from simulator.machines.tensor.paper.sparse_cores import PACKAGE, SM, dual_cycles, multiply_cycles, rows

SHAPES = tuple(read_published(PACKAGE)["tables"][0]["rows"])


@pytest.mark.parametrize("shape", SHAPES)
def test_two_of_four_takes_half_the_cycles_where_products_decide(shape):
    dense, half = (multiply_cycles(load_arch("tensor", two_of_four=flag, **SM), shape) for flag in (0, 1))
    tokens, inputs, outputs = map(int, shape.split(" x "))
    assert dense == 2 * half == tokens * inputs * outputs // 1024


def test_rows_of_two_of_four_are_exact():
    found = list(rows(0, 1, {"dense_array_cycles", "two_of_four_array_cycles"}))
    assert len(found) == 8
    assert all(row.error_percent == 0 for row in found)


def groups(density, size):
    """The mean number of groups of `size` that the values of 32 fill which are not zero with this probability."""
    return sum(comb(32, n) * density**n * (1 - density) ** (32 - n) * ceil(n / size) for n in range(33))


@pytest.mark.parametrize(("first", "second"), [(0.7, 1.0), (0.3, 1.0), (1.0, 0.4), (0.7, 0.4), (0.3, 0.4)])
def test_drawn_products_take_the_expected_share_of_the_dense_time(first, second):
    """Of blocks with independent zeros; the slowest of four blocks, and drains, take at most 3 % more."""
    config = load_arch("tensor", dual_side=1, weight_format="fp16", dram="none", drain_width=4096, pipeline_stages=0)
    dense = dual_cycles(config, 512, 0, 1.0, 1.0)
    share = dual_cycles(config, 512, 1, first, second) / dense
    expected = groups(first, 8) * groups(second, 16) / 8
    assert expected < share < 1.03 * expected + 0.005


def test_rows_of_dual_side_are_ratios(monkeypatch):
    monkeypatch.setattr(sparse_cores, "SIDE", 256)
    found = list(rows(3, 2, {"percent_of_dense_time"}))
    assert [row.published for row in found] == [71.739, 41.957, 54.348, 39.565, 23.913]
    assert all(row.draws == 2 and row.seeds == "3..4" for row in found)
