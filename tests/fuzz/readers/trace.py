"""Traces that `plot` reads."""

import json
from pathlib import Path
from zlib import crc32

from ..commands import call
from ..harness import Harness
from ..mutators.trees import change_json, fill_json
from .documents import written
from .models import write

KINDS = ("utilisation", "queues")


def seeds() -> list[bytes]:
    words = (["trace", "eie", "alexnet-fc8", "--scale", "0.01", "--set", "pes=2"], ["trace", "scnn", "alexnet-conv3"])
    words[1].extend(["--scale", "0.02"])
    return [json.dumps(json.loads(written(one, "t.json"))).encode() for one in words]


def read(data: bytes, folder: Path) -> None:
    write(folder, "in.json", data)
    call(["plot", "in.json", KINDS[crc32(data) % len(KINDS)], "-o", "p.svg"], folder)


HARNESS = Harness("trace", read, seeds, [change_json, change_json, fill_json])
