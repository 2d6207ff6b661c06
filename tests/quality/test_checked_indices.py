"""The compiled parts with every index checked: the kernels, the memory and systems, and by hand all."""

import pytest
from support.code.modes import CASES, run_small_cases

QUICK = tuple(case for case in CASES if case.startswith(("kernels/", "hardware/", "system/")))


@pytest.mark.parametrize("cases", [QUICK, pytest.param(CASES, marks=pytest.mark.slow)], ids=["quick", "all"])
def test_small_cases_pass_with_checked_indices(cases):
    run_small_cases("NUMBA_BOUNDSCHECK", cases=cases)
