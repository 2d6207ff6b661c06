"""Contexts as a user writes them, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.run.contexts import parse_contexts
from workloads.errors import InputError


def test_a_range_multiplies() -> None:
    """Six contexts from 1,024 to 32,768 double."""
    assert parse_contexts("1024:32768:6") == [1024, 2048, 4096, 8192, 16384, 32768]
    assert parse_contexts("8192") == [8192]
    assert parse_contexts("64, 32") == [64, 32]


@given(st.integers(1, 10**6), st.integers(2, 9), st.integers(2, 20))
def test_a_range_has_both_ends_and_as_many_contexts(first: int, factor: int, count: int) -> None:
    """Each at least as large as the one before it, unless two would be equal."""
    last = first * factor
    try:
        found = parse_contexts(f"{first}:{last}:{count}")
    except InputError as error:
        assert "each context once" in str(error)
        return
    assert (found[0], found[-1], len(found)) == (first, last, count)
    assert found == sorted(found)


@pytest.mark.parametrize(
    "text", ["", "a", "1:2", "1:2:3:4", "8:4:2", "1:9:1", "0,1", "5,5", "-1", "1e3", "1:2:99999", "٣"]
)
def test_anything_else_is_one_sentence(text: str) -> None:
    """It shows what was given and what is expected."""
    with pytest.raises(InputError, match=r"^compare: context is .*; expected (tokens as 4096|each context once)"):
        parse_contexts(text)
