"""The compiled parts with every index checked."""

from support.code.modes import run_small_cases


def test_small_cases_pass_with_checked_indices():
    run_small_cases("NUMBA_BOUNDSCHECK")
