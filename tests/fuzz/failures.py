"""Inputs that break the promise: what is broken, the smallest such input that is easily found, and its file."""

import hashlib
import traceback
from collections.abc import Callable
from pathlib import Path
from time import process_time
from types import TracebackType
from typing import NamedTuple

MINIMISE_SECONDS = 5
OURS = ("simulator", "workloads", "kernels_ref")


class Failure(NamedTuple):
    """kind: the exception and where it left our code, by which failures of one cause are known."""

    kind: str
    text: str
    data: bytes


def describe(error: BaseException, data: bytes) -> Failure:
    """The failure of an input that ended with this exception."""
    place = _place(error.__traceback__)
    text = "".join(traceback.format_exception(error))
    name = type(error).__name__
    detail = str(error).partition(":")[0][:40] if name == "BrokenPromiseError" else ""
    return Failure(f"{name} {detail} at {place}".replace("  ", " "), text, data)


def _place(trace: TracebackType | None) -> str:
    """The innermost line of our packages, or of anything."""
    frames = traceback.extract_tb(trace)
    own = [one for one in frames if any(f"/{name}/" in one.filename for name in OURS)]
    last = (own or list(frames) or [None])[-1]
    return "nowhere" if last is None else f"{Path(last.filename).name}:{last.lineno}"


def minimise(data: bytes, kind_of: Callable[[bytes], str | None], kind: str) -> bytes:
    """The shortest input with a failure of this kind that is found in a few seconds by leaving out parts."""
    end = process_time() + MINIMISE_SECONDS
    size = max(1, len(data) // 2)
    while size and process_time() < end:
        place = 0
        while place < len(data) and process_time() < end:
            shorter = data[:place] + data[place + size :]
            if kind_of(shorter) == kind:
                data = shorter
            else:
                place += size
        size //= 2
    return data


def save(failure: Failure, folder: Path) -> Path:
    """Write the input, and what it led to in a file next to it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / hashlib.sha256(failure.data).hexdigest()[:12]
    path.write_bytes(failure.data)
    path.with_suffix(".txt").write_text(
        f"{failure.kind}\n\n{failure.text}", encoding="utf-8", errors="backslashreplace"
    )
    return path
