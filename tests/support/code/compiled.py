"""A pytest plugin for runs without compilation: they fail where a function that Numba would compile never ran."""

from functools import partial, wraps
from importlib import import_module

import numba
import pytest

from kernels_ref.cache import PACKAGES
from support.paths import ROOT

waiting = set()
"""Functions of the packages that have not run yet, by module and name."""


def njit(function=None, **options):
    """What `numba.njit` is in such a run: nothing is compiled, and the first call is noted."""
    if function is None:
        return partial(njit, **options)
    name = f"{function.__module__}.{function.__name__}"
    waiting.add(name)

    @wraps(function)
    def call(*arguments):
        waiting.discard(name)
        return function(*arguments)

    return call


numba.njit = njit


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            if "@njit" in path.read_text():
                import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    missed = sorted(name for name in waiting if name.startswith(PACKAGES))
    if missed:
        print("\nnever ran:", *missed, sep="\n")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
