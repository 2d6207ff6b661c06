"""The hypervolume of a front, compared with formulas: lattices, inclusion and exclusion, prefixes."""

from itertools import combinations, product
from math import comb, prod

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.results.hypervolume import MARGIN, growth, hypervolume, reference_point
from simulator.results.pareto import front

REACH = 8


@st.composite
def clouds(draw, most=6):
    """Whole numbers as costs, some of them beyond the reference point, which is REACH in each objective."""
    objectives = draw(st.integers(1, 4))
    rows = draw(st.lists(st.tuples(*[st.integers(0, REACH + 2)] * objectives), min_size=1, max_size=most))
    return np.array(rows, np.float64)


def by_inclusion_and_exclusion(costs, reference):
    """The volume of a union of boxes: boxes, less what two share, plus what three share, and so on."""
    boxes = [row for row in costs.tolist() if all(a < b for a, b in zip(row, reference, strict=True))]
    total = 0.0
    for count in range(1, len(boxes) + 1):
        for some in combinations(boxes, count):
            shared = prod(r - max(side) for r, side in zip(reference, zip(*some, strict=True), strict=True))
            total += shared if count % 2 else -shared
    return total


@given(clouds())
def test_it_is_the_volume_of_the_union_of_boxes(costs):
    reference = [float(REACH)] * costs.shape[1]
    assert hypervolume(costs, np.array(reference)) == by_inclusion_and_exclusion(costs, reference)


@pytest.mark.parametrize("n", [0, 1, 5, 9])
def test_a_line_of_two_objectives(n):
    points = np.array([(i, n - i) for i in range(n + 1)], np.float64)
    assert hypervolume(points, np.array([n + 1.0, n + 1.0])) == (n + 1) * (n + 2) / 2


@pytest.mark.parametrize("n", [0, 1, 5, 9])
def test_a_plane_of_three_objectives(n):
    """Of the cells of a cube with n + 1 on each side, those whose coordinates sum up to n or more."""
    points = np.array([(i, j, n - i - j) for i in range(n + 1) for j in range(n + 1 - i)], np.float64)
    expected = (n + 1) ** 3 - comb(n + 2, 3)
    assert hypervolume(points, np.full(3, n + 1.0)) == expected
    assert expected == sum(sum(cell) >= n for cell in product(range(n + 1), repeat=3))


@given(clouds(most=12), st.data())
def test_it_grows_as_that_of_each_prefix(costs, data):
    lost = data.draw(st.lists(st.integers(0, len(costs) - 1)))
    costs[lost] = np.inf
    reference = np.full(costs.shape[1], float(REACH))
    assert growth(costs, reference).tolist() == [hypervolume(costs[: i + 1], reference) for i in range(len(costs))]


@given(clouds(most=12))
def test_dominated_points_and_the_order_change_nothing(costs):
    reference = np.full(costs.shape[1], float(REACH))
    assert hypervolume(costs[front(costs)][::-1], reference) == hypervolume(costs, reference)


@settings(max_examples=300)
@given(clouds(most=20))
def test_the_front_is_what_no_other_point_dominates(costs):
    rows = costs.tolist()
    dominated = [any(_dominates(other, row) for other in rows) for row in rows]
    assert front(costs).tolist() == [not one for one in dominated]


def _dominates(one, other):
    return one != other and all(a <= b for a, b in zip(one, other, strict=True))


def test_the_reference_lies_beyond_the_front_only():
    costs = np.array([[1.0, 5.0, 2.0], [3.0, 1.0, 2.0], [9.0, 9.0, 9.0]])
    assert reference_point(costs).tolist() == pytest.approx([3 + 2 * MARGIN, 5 + 4 * MARGIN, 2 + 2 * MARGIN])
    assert reference_point(np.zeros((1, 1))).tolist() == [MARGIN]
    assert reference_point(np.array([[-4.0]])).tolist() == pytest.approx([-4 + 4 * MARGIN])


@given(clouds(most=20))
def test_each_point_of_the_front_is_better_than_the_reference(costs):
    assert (costs[front(costs)] < reference_point(costs)).all()
