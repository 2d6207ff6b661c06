"""The sources say what they take, give and raise, in words that we do not avoid."""

import pytest
from support.code.source_code import (
    arrays_without_shape,
    banned_words,
    compiled_without_shape,
    silent_raisers,
    switches_on_kind,
)
from support.code.syntax import read_sources


@pytest.fixture(scope="module")
def sources():
    return read_sources()


@pytest.mark.parametrize("check", [silent_raisers, arrays_without_shape, compiled_without_shape, banned_words])
def test_sources(sources, check):
    found = [f"{one.path}:{one.line}: {one.message}" for one in check(sources)]
    assert not found, "\n" + "\n".join(found)


def test_only_kinds_switch_on_a_kind(sources):
    found = [f"{one.path}:{one.line}" for one in switches_on_kind(sources)]
    assert len(found) <= 5, found
