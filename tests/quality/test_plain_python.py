"""The compiled parts as plain Python: each function that Numba would compile runs."""

from support.code.modes import run_small_cases


def test_small_cases_pass_without_compilation():
    run_small_cases("NUMBA_DISABLE_JIT", "-p", "support.code.compiled")
