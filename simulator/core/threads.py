"""How many threads a run may take."""

import os
import re

from workloads.errors import InputError

VARIABLE = "ZEROSKIP_THREADS"
"""Of the environment: where several runs share a computer, each takes its part."""
WHOLE = re.compile("[1-9][0-9]{0,3}")


def threads() -> int:
    """The threads of a run: as many as the environment says, or as there are processors.

    InputError where the environment gives another text than an integer from 1 to 9999.
    """
    given = os.environ.get(VARIABLE)
    if given is None:
        return os.cpu_count() or 1
    if not WHOLE.fullmatch(given):
        raise InputError(f"{VARIABLE} is {given[:60]!r}; expected an integer from 1 to 9999")
    return int(given)
