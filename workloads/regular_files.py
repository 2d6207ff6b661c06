"""Files that are read must be regular ones: a pipe may never end, a device has no end, a folder has no content."""

import stat
from os import PathLike
from pathlib import Path

from workloads.errors import refuse

KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)
"""What else a path may be, by the test of its mode."""


def check_regular(path: str | PathLike[str], expected: str) -> Path:
    """The path of a regular file, which is not opened. InputError where it is missing or something else."""
    try:
        mode = Path(path).stat().st_mode
    except FileNotFoundError:
        refuse(path, "there is no such file", expected)
    except (OSError, ValueError) as error:  # a name with a zero byte, or longer than the system takes
        refuse(path, f"it cannot be read ({getattr(error, 'strerror', None) or error})", expected)
    for fits, what in KINDS:
        if fits(mode):
            refuse(path, f"it is {what}", f"a regular file: {expected}")
    return Path(path)
