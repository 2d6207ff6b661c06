"""Texts of `--input-shape`."""

import math
import re
from functools import cache
from pathlib import Path
from random import Random
from tempfile import mkdtemp

import numpy as np

from ..commands import as_argument
from ..harness import Harness
from ..mutators.values import TOKENS
from .models import run, try_all
from .npz import archive

SIZE = re.compile(rb"[1-9][0-9]*")
SMALL = 1 << 20
"""Values of an input that layers are run with."""


@cache
def _files() -> list[str]:
    """A convolution, two layers by name, and an ONNX model with open sizes."""
    from support.onnx_models import proto
    from support.onnx_networks import NETWORKS

    folder = Path(mkdtemp())
    (folder / "one.npz").write_bytes(archive({"weight": np.ones((2, 3, 3, 3), np.float32)}))
    both = {"a.weight": np.ones((2, 3, 3, 3), np.float32), "b.weight": np.ones((3, 6), np.float32)}
    (folder / "two.npz").write_bytes(archive(both))
    nodes, inputs, constants, _ = NETWORKS["ResNet block"]()
    open_sizes = {name: ("n", *shape[1:2], "h", "w") for name, shape in inputs.items()}
    (folder / "open.onnx").write_bytes(proto(nodes, open_sizes, opset=17, **constants).SerializeToString())
    return [str(folder / name) for name in ("one.npz", "two.npz", "open.onnx")]


def shape(_data: bytes, rng: Random) -> bytes:
    sizes = [
        rng.choice([*TOKENS, b"3", b"4", b"8", b"1", b" 2", b"\xd9\xa3", b"\xc2\xb2"])
        for _ in range(rng.randrange(1, 5))
    ]
    return rng.choice([b"", b"", b"a=", b"x=", b"a=3,8,8;b=", b"=", b"a="]) + b",".join(sizes)


def seeds() -> list[bytes]:
    return [b"3,8,8", b"a=3,8,8;b=6", b"1,4,8,8", b"x=1,4,8,8"]


def read(data: bytes, folder: Path) -> None:  # noqa: ARG001
    text = as_argument(data)
    values = [math.prod(int(one) for one in SIZE.findall(part) if len(one) < 20) for part in data.split(b";")]
    if any(SMALL < one <= 1 << 28 for one in values):
        return  # it takes time and memory in proportion to what is asked for
    try_all(*(lambda name=name: run("scnn", name, input_shape=text) for name in _files()))


HARNESS = Harness("input_shape", read, seeds, [shape])
