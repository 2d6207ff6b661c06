"""A pytest plugin for runs without compilation: a function that would be compiled and never ran fails the session."""

import functools

import numba
import pytest

from kernels_ref.cache import PACKAGES

waiting: set[str] = set()
"""Functions of the packages that were defined and have not run yet."""


def njit(function=None, **options):
    """`numba.njit` that does not compile, and takes note of the first call."""
    if function is None:
        return functools.partial(njit, **options)
    name = f"{function.__module__}.{function.__name__}"
    if function.__module__.split(".")[0] not in PACKAGES:
        return function
    waiting.add(name)

    @functools.wraps(function)
    def call(*arguments):
        waiting.discard(name)
        return function(*arguments)

    return call


numba.njit = njit


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    for name in sorted(waiting):
        print(f"never ran: {name}")
    if waiting:
        session.exitstatus = 1
