"""Axes as a user writes them, and the points that come of them."""

from fractions import Fraction
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.results.sweeping import SMALL, space

from simulator.sweeps.axes import MOST, Axis, make_axis, parse_axis, parse_value, parse_values, take_groups
from simulator.sweeps.points import points
from simulator.sweeps.sweep_file import parse_sweep
from workloads.errors import InputError


@pytest.mark.parametrize(
    ("text", "name", "values"),
    [
        ("pes=1,2,4", "pes", (1, 2, 4)),
        ("weight_density=0.1:1.0:10", "weight_density", (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)),
        ("seed=0:3:4", "seed", (0, 1, 2, 3)),
        ("seed=3:0:2", "seed", (3, 0)),
        ("clock_mhz=1:2:3", "clock_mhz", (1.0, 1.5, 2.0)),
        ("x=0:1.0:2", "x", (0, 1)),
        ("x=0.0:1:2", "x", (0.0, 1.0)),
        ("machine=eie, own.yaml", "machine", ("eie", "own.yaml")),
        ("dram=hbm2", "dram", ("hbm2",)),
        ("workload=a.yaml:b", "workload", ("a.yaml:b",)),
        ("weights.row_scale=1e-3", "weights.row_scale", (1e-3,)),
    ],
)
def test_values(text, name, values):
    axis = parse_axis(text)
    assert axis == (name, values)
    assert list(map(type, axis.values)) == list(map(type, values))


@given(st.integers(-99, 99), st.integers(-99, 99), st.integers(2, 40))
def test_a_range_has_both_ends_and_equal_steps(first, last, count):
    values = parse_values("x", f"{first / 10}:{last / 10}:{count}")
    assert len(values) == count
    step = Fraction(last - first, 10 * (count - 1))
    assert values == [float(Fraction(first, 10) + place * step) for place in range(count)]


DECIMALS = st.builds("{}e{}".format, st.integers(-(10**6), 10**6), st.integers(-300, 290)) | st.integers().map(str)


@given(DECIMALS, DECIMALS, st.integers(2, 9))
def test_values_of_a_range_are_exact_fractions_rounded_once(start, stop, count):
    first, last = Fraction(start), Fraction(stop)
    exact = [first + (last - first) * place / (count - 1) for place in range(count)]
    whole = "e" not in start and all(value.denominator == 1 for value in exact)
    values = parse_values("x", f"{start}:{stop}:{count}")
    assert list(map(repr, values)) == [repr(int(value) if whole else float(value)) for value in exact]


def test_a_range_of_a_million_values_takes_no_more_than_three_seconds():
    begin = process_time()
    assert len(parse_axis(f"d=0.{'1' * 390}:0.{'7' * 390}:{MOST}").values) == MOST
    assert process_time() - begin < 3  # 1.2 s; 3 s and more in fractions


@pytest.mark.parametrize("places", [(1, 1, 1), (3,), (1, 2)], ids=str)
def test_axes_are_taken_as_long_as_their_values_are_not_too_many(places):
    """places: how many axes of a million values each group has."""
    taken = []

    def axes(names):
        for name in names:
            taken.append(name)
            yield Axis(name, tuple(range(MOST)))

    with pytest.raises(InputError, match=r"^s.yaml: its axes have more than 2,000,000 values; expected fewer values$"):
        take_groups("s.yaml", (axes("abcdef"[:count]) for count in (*places, 6, 6)))
    assert len(taken) == 3
    assert [len(group) for group in take_groups("s.yaml", [axes("ab")])] == [2]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pes", "it names no values; expected KEY=a,b,c or KEY=start:stop:count"),
        ("=1", "it names no values"),
        ("pes=", "it names no values"),
        ("pes=1,,2", "holds an empty value"),
        ("pes=1,2,1", "pes has the value 1 twice; expected each value once"),
        ("pes=1:5:1", "the count is 1; expected start:stop:count with a count from 2"),
        ("pes=1:5:9999999999", "the count is 9999999999"),
        ("density=1e-99999999:1:3", "an end is 1e-99999999; expected numbers from 1e-300 to 1e300"),
        (f"density=0.{'1' * 100_000}:1:3", "an end is 0.11"),
        ("pes=5:5:2", "pes has the value 5 twice"),
        ("a b=1", "the key is 'a b'; expected a name"),
    ],
)
def test_bad_axes(text, expected):
    with pytest.raises(InputError, match=expected):
        parse_axis(text)


@pytest.mark.parametrize("value", [None, [1], float("nan"), {}])
def test_bad_values_of_documents(value):
    with pytest.raises(InputError, match="expected numbers and words"):
        make_axis("x", "pes", [value])


def test_points_are_all_combinations_once_and_neighbours_share_a_layer():
    one = space("queue_depth=1,2", "seed=0,1,2", "pes=1,2", machines=("eie",), workloads=("nt-we", "alexnet-fc6"))
    found = list(points(one))
    assert len(found) == len(set(found)) == one.size == 24
    assert [point.workload for point in found] == ["alexnet-fc6"] * 12 + ["nt-we"] * 12  # the larger one first
    assert [point.get("seed") for point in found[:12]] == [0] * 4 + [1] * 4 + [2] * 4
    assert one.varied == ("workload", "queue_depth", "seed", "pes")


SWEEP = """
about: a sweep
machines: [eie]
workloads: [alexnet-fc7]
set: {scale: 0.02}
over: {pes: "1,2", queue_depth: [1, 8]}
zip:
  - {weight_density: 0.1:0.5:5, activation_density: [0.1, 0.2, 0.3, 0.4, 0.5]}
repeats: 3
"""


def test_a_study_combines_axes_and_moves_others_together():
    sweep = parse_sweep("s.yaml", SWEEP)
    found = list(points(sweep.space))
    assert len(found) == sweep.space.size == 2 * 2 * 5 * 3
    assert {(point.get("weight_density"), point.get("activation_density")) for point in found} == {
        (place / 10, place / 10) for place in range(1, 6)
    }
    assert {point.get("seed") for point in found} == {0, 1, 2}
    assert {point.get("scale") for point in found} == {0.02}
    assert sweep.store == "s.db"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("about: a sweep", "abuot: a sweep", "s.yaml: (about is missing|abuot is an unknown key)"),
        ("[eie]", "[]", "s.yaml: machines is"),
        ("[eie]", "[eye]", "eye: there is no such configuration"),
        ("[alexnet-fc7]", "[alexnet-fc99]", "alexnet-fc99: there is no such workload"),
        ("[alexnet-fc7]", "[alexnet-fc7, alexnet-fc7]", "a workload is given twice"),
        ("pes:", "pess:", "s.yaml: pess is an unknown key; expected pes"),
        ("[0.1, 0.2, 0.3, 0.4, 0.5]", "[0.1, 0.2]", "axes that move together differ in length"),
        ("zip:\n", "zip:\n  - {}\n", "a group of axes that move together is empty; expected one or more"),
        ("repeats: 3", "repeats: 3\nseeds: [1]", "seeds and repeats are given; expected one of them"),
        ("repeats: 3", "repeats: 0", "repeats is 0"),
        ("repeats: 3", "repeats: 100000000000", "repeats is 100000000000; expected less than or equal to 1000000"),
        ("set: {scale: 0.02}", "set: {pes: 3}", "pes is given twice; expected each key once"),
        ("over: {", "over: {a: [[1]], ", "s.yaml: over"),
    ],
)
def test_bad_studies(old, new, expected):
    assert old in SWEEP
    with pytest.raises(InputError, match=expected):
        parse_sweep("s.yaml", SWEEP.replace(old, new))


def test_machines_and_workloads_can_be_axes():
    one = space("machine=eie,ese", "workload=nt-we,nt-wd", fixed=SMALL)
    assert {(p.machine, p.workload) for p in points(one)} == {
        (m, w) for m in ("eie", "ese") for w in ("nt-we", "nt-wd")
    }
    assert all(point.settings == (("scale", 1 / 64),) for point in points(one))


def test_an_integer_beyond_a_float_is_an_integer():
    assert parse_value(str(10**400)) == 10**400
    assert parse_value("1e400") == "1e400"
