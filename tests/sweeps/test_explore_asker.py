"""What a search asks for: new points within the space, whatever the order in which it learns what came of them."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.sweeps.axes import Axis
from simulator.sweeps.explore import asker
from simulator.sweeps.explore.goals import Verdict
from simulator.sweeps.explore.keys import is_wide, make_key, parse_keys
from workloads.errors import InputError


@st.composite
def spaces(draw):
    """Keys with two values or more; some of them are wide."""
    sizes = draw(st.lists(st.integers(2, 6), min_size=1, max_size=4))
    axes = [Axis(f"k{place}", tuple(range(size))) for place, size in enumerate(sizes)]
    return (*axes, Axis("wide", tuple(range(2, 2 + draw(st.integers(19, 40))))))


def cost(places):
    """A verdict that depends on the point only: some are left out."""
    number = sum((place + 1) * 7**at for at, place in enumerate(places))
    if number % 5 == 0:
        return Verdict((), math.inf, "refused")
    return Verdict((float(number % 11), float(sum(places) % 13)))


def asked(axes, seed, batches, backwards=False):
    """All batches of a search."""
    found, searching = [], asker.Asker(axes, 2, seed)
    for count in batches:
        batch = searching.ask(count)
        order = list(reversed(batch)) if backwards else batch
        searching.learn({places: cost(places) for places in order})
        found.append(batch)
    return found


@settings(max_examples=20, deadline=None)
@given(spaces(), st.integers(0, 1000))
def test_points_are_new_and_the_order_of_answers_changes_nothing(axes, seed):
    batches = asked(axes, seed, [20, 20, 7])
    every = [places for batch in batches for places in batch]
    assert len(set(every)) == len(every) == min(47, math.prod(len(axis.values) for axis in axes))
    assert all(0 <= at < len(axis.values) for places in every for axis, at in zip(axes, places, strict=True))
    assert asked(axes, seed, [20, 20, 7], backwards=True) == batches


def test_the_seed_decides():
    axes = [make_key("a", "1:500"), make_key("b", "1:9")]
    assert asked(axes, 1, [20, 20]) == asked(axes, 1, [20, 20]) != asked(axes, 2, [20, 20])


def test_a_small_space_is_asked_for_to_its_last_point():
    axes = [make_key("a", [1, 2, 3]), make_key("b", [1, 2])]
    first, second, third = asked(axes, 0, [4, 4, 4])
    assert (len(first), len(second), third) == (4, 2, [])


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("3:6", (3, 4, 5, 6)),
        ("16:1024:x2", (16, 32, 64, 128, 256, 512, 1024)),
        ("1:100:x10", (1, 10, 100)),
        ("3:20:x2", (3, 6, 12)),
        ("0:8:3", (0, 4, 8)),
        ("8,2,4", (2, 4, 8)),
        ("0.5:1:2", (0.5, 1.0)),
        ("hbm2,ddr3_1600", ("hbm2", "ddr3_1600")),
    ],
)
def test_values_of_a_key(text, values):
    assert make_key("k", text).values == values


@pytest.mark.parametrize("values", ["1:1000", "1:10", "16:1024"])
def test_a_range_that_spans_a_factor_of_ten_is_wide(values):
    assert is_wide(make_key("k", values).values)
    assert not is_wide(make_key("k", "2:19").values)
    assert not is_wide(make_key("k", "1:1024:x2").values)
    assert not is_wide((0, *make_key("k", "1:99").values))


def test_several_keys_in_one_text():
    assert parse_keys(["pes=16:1024,depth=1,2,4", "w=3:4"]) == {"pes": "16:1024", "depth": "1,2,4", "w": "3:4"}


@pytest.mark.parametrize(
    ("texts", "part"),
    [
        (["1,2"], "before the first key"),
        (["pes="], "no values"),
        (["pes=1,2,=3"], "the key is ''"),
        (["pes=1,2", "pes=3,4"], "given twice"),
    ],
)
def test_texts_without_keys_or_values(texts, part):
    with pytest.raises(InputError, match=part):
        [make_key(name, values) for name, values in parse_keys(texts).items()]
