"""How many threads a run may take."""

import os

from workloads.errors import InputError

VARIABLE = "ZEROSKIP_THREADS"
"""Of the environment: where several runs share a computer, each takes its part."""


def threads() -> int:
    """The threads of a run: as many as the environment says, or as there are processors.

    InputError where the environment gives no positive integer.
    """
    given = os.environ.get(VARIABLE)
    if given is None:
        return os.cpu_count() or 1
    if not given.isdecimal() or int(given) < 1:
        raise InputError(f"{VARIABLE} is {given!r}; expected an integer of 1 or more")
    return int(given)
