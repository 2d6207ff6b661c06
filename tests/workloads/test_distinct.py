"""The different values of an array."""

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays, integer_dtypes

from workloads.distinct import distinct


@given(arrays(integer_dtypes(endianness="="), array_shapes(max_dims=3, min_side=0), elements=st.integers(0, 9)))
def test_it_is_what_a_set_holds_in_order(values):
    found = distinct(values)
    assert found.tolist() == sorted(set(values.ravel().tolist()))
    assert found.dtype == values.dtype
