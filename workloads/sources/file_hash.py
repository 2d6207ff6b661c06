"""The hash of a file, for the identity of a point of a sweep."""

import hashlib
from pathlib import Path

from workloads.errors import InputError
from workloads.regular_files import check_regular


def file_hash(path: Path) -> str:
    """The SHA-256 of a file's content. InputError where it cannot be read."""
    try:
        with check_regular(path, "a workload's file").open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{path}: it cannot be read ({error}); expected a workload's file") from None
