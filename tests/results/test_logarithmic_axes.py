"""Logarithmic axes have limits around their values, and ticks of plain numbers between them."""

import warnings

import pytest

from simulator.plots import style


def drawn(values, limits=None):
    axes = style.one(4, 3)
    axes.plot(values, range(len(values)), "o")
    if limits is not None:
        axes.set_xlim(limits)
    style.logarithmic(axes, "x")
    return axes


@pytest.mark.parametrize("values", [[3.0], [3.0, 3.0], [2e-9, 3e-9], [700.0, 1300.0], [9.0, 19.0], [2.1, 2.2]])
def test_values_that_are_close_have_ticks(values):
    axes = drawn(values)
    low, high = axes.get_xlim()
    assert low < min(values) <= max(values) < high
    assert sum(low <= one <= high for one in axes.get_xticks()) >= 2


def test_values_that_are_far_apart_have_a_small_margin_and_powers_of_ten():
    axes = drawn([1.0, 4000.0])
    low, high = axes.get_xlim()
    assert 0.1 < low < 1
    assert 4000 < high < 10_000
    assert [one for one in axes.get_xticks() if low <= one <= high] == [1, 10, 100, 1000]
    axes.figure.canvas.draw()
    assert "1,000" in [one.get_text() for one in axes.get_xticklabels()]


def test_limits_that_are_set_stay():
    assert drawn([3.0], (1, 50)).get_xlim() == (1, 50)


def test_zeros_do_not_count():
    low, high = drawn([0.0, 3.0, 4.0]).get_xlim()
    assert 2 < low < 3
    assert 4 < high < 5


@pytest.mark.parametrize("least", [1e-9, 1.0, 1e308])
def test_the_largest_floats_have_limits(least):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert drawn([least, 1.7e308]).get_xlim() == (least / 2, 1.7e308)


def test_without_values_an_axis_is_drawn():
    axes = style.one(4, 3)
    style.logarithmic(axes, "y")
    low, high = axes.get_ylim()
    assert 0 < low < high
