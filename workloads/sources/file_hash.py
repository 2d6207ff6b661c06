"""What a file is, for the identity of a point: its name and the hash of its content."""

import hashlib
from pathlib import Path

from workloads.errors import InputError


def file_hash(path: Path) -> str:
    """The SHA-256 of a file's content. InputError where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{path}: it cannot be read ({error}); expected a workload's file") from None


def file_identity(text: str, layer: str | None) -> list[str | None]:
    """Name, chosen layer and hash of a file. InputError where it cannot be read."""
    return [Path(text).name, layer, file_hash(Path(text))]
