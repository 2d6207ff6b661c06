"""Parts of ranges and rectangles of planes."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simulator.hardware.tiling import overlap_area, rectangles, split_range

SIDES = st.integers(0, 12)


@given(start=SIDES, length=st.integers(0, 40), parts=st.integers(1, 9))
def test_parts_follow_each_other_and_are_as_long_as_the_longest_must_be(start, length, parts):
    found = split_range(start, start + length, parts)
    assert [place for first, end in found.tolist() for place in range(first, end)] == list(range(start, start + length))
    lengths = (found[:, 1] - found[:, 0]).tolist()
    longest = -(-length // parts)
    assert lengths == sorted(lengths, reverse=True)
    assert sum(one not in (0, longest) for one in lengths) <= 1
    assert max(lengths) == longest


@given(rows=SIDES, columns=SIDES, down=st.integers(1, 4), across=st.integers(1, 4))
def test_rectangles_cover_a_plane_once(rows, columns, down, across):
    tiles = rectangles(split_range(0, rows, down), split_range(0, columns, across))
    plane = np.zeros((rows, columns), int)
    for top, left, bottom, right in tiles.tolist():
        plane[top:bottom, left:right] += 1
    assert (plane == 1).all()
    assert len(tiles) == down * across


@given(st.lists(st.tuples(SIDES, SIDES, SIDES, SIDES), min_size=2, max_size=2))
def test_an_overlap_is_the_places_that_both_have(corners):
    left, right = (np.array([*np.minimum(one[:2], one[2:]), *np.maximum(one[:2], one[2:])]) for one in corners)

    def places(one):
        return {(y, x) for y in range(one[0], one[2]) for x in range(one[1], one[3])}

    assert overlap_area(left, right) == len(places(left) & places(right))
