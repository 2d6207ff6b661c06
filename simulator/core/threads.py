"""How many threads a run may take."""

import os

from workloads.errors import InputError

VARIABLE = "ZEROSKIP_THREADS"
"""Of the environment: where several runs share a computer, each takes its part."""


def threads() -> int:
    """The threads of a run: as many as the environment says, or as there are processors."""
    told = os.environ.get(VARIABLE)
    if told is None:
        return os.cpu_count() or 1
    if not told.isdecimal() or int(told) < 1:
        raise InputError(f"{VARIABLE} is {told!r}; expected an integer of 1 or more")
    return int(told)
