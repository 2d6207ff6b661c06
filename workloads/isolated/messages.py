"""Messages between two processes: a line of JSON with the sizes of what follows, then the bytes. Needs numpy only."""

import json
from collections.abc import Mapping
from typing import IO, Any

import numpy as np

Fields = dict[str, Any]


def send(stream: IO[bytes], fields: Fields, content: bytes, arrays: Mapping[str, np.ndarray]) -> None:
    """Write fields that JSON can hold, bytes, and arrays of numbers [any shape] by name."""
    described = [(name, array.dtype.str, array.shape) for name, array in arrays.items()]
    line = json.dumps({"fields": fields, "content": len(content), "arrays": described})
    stream.write(line.encode() + b"\n")
    stream.write(content)
    for array in arrays.values():
        stream.write(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    stream.flush()


def receive(stream: IO[bytes]) -> tuple[Fields, bytes, dict[str, np.ndarray]]:
    """Read what `send` wrote: fields, bytes, and numbers [any shape] by name. EOFError where the stream ends before."""
    line = stream.readline()
    if not line.endswith(b"\n"):
        raise EOFError("no message")
    described = json.loads(line)
    content = bytes(_read(stream, described["content"]))
    arrays = {}
    for name, dtype, shape in described["arrays"]:
        array = np.empty(shape, np.dtype(dtype))
        array.reshape(-1).view(np.uint8)[:] = _read(stream, array.nbytes)
        arrays[name] = array
    return described["fields"], content, arrays


def _read(stream: IO[bytes], size: int) -> np.ndarray:
    """As many bytes as `size`, uint8 [size]. EOFError where the stream ends before."""
    found = np.empty(size, np.uint8)
    view, place = found.data, 0
    while place < size:
        count = stream.readinto(view[place:])  # type: ignore[attr-defined]
        if not count:
            raise EOFError("the message is cut")
        place += count
    return found
