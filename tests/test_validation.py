"""The published figures stay as near as they are said to be."""

import math

import pytest

from simulator.eie.validation import rows
from simulator.validate import Row, compare, summarise

PUBLISHED = ["alexnet-fc6", "alexnet-fc7", "alexnet-fc8", "nt-wd", "nt-lstm"]


@pytest.fixture(scope="module")
def errors():
    """Mean absolute error in percent by table and quantity."""
    summaries = summarise(list(rows(seed=0, draws=3, layers=PUBLISHED)))
    return {(s.table, s.quantity): s.mean_absolute_error_percent for s in summaries}


@pytest.mark.parametrize(
    ("table", "quantity", "most"),
    [
        ("Table IV", "theoretical_us", 3.0),
        ("Table IV", "actual_over_theoretical", 2.5),
        ("Fig 8", "load_balance_percent", 3.5),
        ("Fig 12", "real_over_total_work_percent", 2.0),
        ("Fig 13", "load_balance_percent", 2.0),
        ("Table II", "pe_power_mw (fitted)", 1.0),
        ("Table V", "area_mm2", 0.5),
        ("Table V", "frames_per_s", 10.0),
        ("Table V", "frames_per_j", 12.0),
    ],
)
def test_published_figures(errors, table, quantity, most):
    assert errors[table, quantity] <= most


def test_errors_are_relative_to_what_is_published():
    assert compare("p", "T", "row", "us", 8.0, 10.0, "printed") == Row(
        "p", "T", "row", "us", 8.0, 10.0, 25.0, "printed"
    )
    assert compare("p", "T", "row", "us", None, 10.0, "printed").error_percent is None


def test_summaries_average_errors_and_multiply_ratios():
    told = [compare("p", "T", "a", "us", 10.0, 20.0, "printed"), compare("p", "T", "b", "us", 10.0, 5.0, "measured")]
    told += [compare("p", "U", "a", "mW", 1.0, 1.1, "derived"), compare("p", "U", "b", "mW", None, 7.0, "derived")]
    told += [compare("p", "V", "a", "mW", 1.0, 3.0, "fitted")]
    first, second, third, everything = summarise(told)
    assert (third.quantity, third.mean_absolute_error_percent) == ("mW (fitted)", pytest.approx(200))
    assert (first.table, first.quantity, first.figures) == ("T", "us", 2)
    assert first.mean_absolute_error_percent == pytest.approx(75)
    assert first.geometric_mean_error_percent == pytest.approx(0, abs=1e-9)
    assert second.mean_absolute_error_percent == pytest.approx(10)
    assert everything.figures == 3
    assert everything.geometric_mean_error_percent == pytest.approx(100 * (math.cbrt(2 * 0.5 * 1.1) - 1))
