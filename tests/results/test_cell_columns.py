"""Rows gathered by column are the table that the rows are."""

from array import array

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.results import cell_columns
from simulator.results.cell_columns import CellColumns, order

CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.just(1 << 70),
    st.sampled_from([0.0, 1.0, 2.5]),
    st.sampled_from(["a", "1", ""]),
)
ROWS = st.lists(st.fixed_dictionaries({"a": CELLS, "b": CELLS}, optional={"c": CELLS}), min_size=1, max_size=30)


@given(ROWS, st.integers(0, 8))
def test_the_table_is_that_of_the_sorted_rows(rows, most_shared):
    found, shared = CellColumns(["a", "b", "c"]), cell_columns.MOST_SHARED
    cell_columns.MOST_SHARED = most_shared
    try:
        for row in rows:
            found.add(row)
    finally:
        cell_columns.MOST_SHARED = shared
    found.sort(["b", "a"])
    rows.sort(key=lambda row: (order(row["b"]), order(row["a"])))
    expected = [[row.get(name) for name in "cba"] for row in rows]
    table = found.frame(["c", "b", "a"])
    assert list(table.columns) == ["c", "b", "a"]
    objects = table.astype(object).where(table.notna(), None).to_numpy().tolist()
    assert objects == expected
    assert (table.dtypes == pd.DataFrame(expected, columns=["c", "b", "a"]).infer_objects().dtypes).all()


def test_equal_cells_are_one_object_and_those_of_other_types_stay():
    found = CellColumns(["a"])
    for cell in ("x" * 50, "".join(["x"] * 50), 1, 1.0, True):
        found.add({"a": cell})
    first, second, *others = found._columns["a"].cells
    assert first is second
    assert [type(one) for one in others] == [int, float, bool]


@pytest.mark.parametrize("cells", [[1, 2], [0.5, 2.0], [1, 2, 1 << 70], [1, 2.0], [0.5, None], [0.5, 1], [1, True]])
def test_numbers_take_eight_bytes_until_there_is_another_type(cells):
    found = CellColumns(["a"])
    for cell in cells:
        found.add({"a": cell})
    same = len({type(one) for one in cells}) == 1 and 1 << 70 not in cells
    assert isinstance(found._columns["a"].cells, array if same else list)
    assert [(type(one), one) for one in found._columns["a"].cells] == [(type(one), one) for one in cells]
    pd.testing.assert_series_equal(found.frame(["a"])["a"], pd.Series(cells, name="a"))
