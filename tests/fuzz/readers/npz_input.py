"""Inputs of layers and networks in .npz archives (`--input`)."""

from pathlib import Path

import numpy as np

from ..harness import Harness
from ..mutators.archives import change_archive
from .models import run, try_all, write
from .npz import archive

WEIGHT = np.where(np.arange(48).reshape(6, 8) % 3, 0, 0.5).astype(np.float32)
LAYERS = archive({"fc1.weight": WEIGHT, "fc2.weight": WEIGHT})
LAYER = archive({"weight": WEIGHT})
CONVOLUTION = archive({"weight": np.ones((2, 3, 3, 3), np.float32)})


def seeds() -> list[bytes]:
    eight, image = np.arange(8, dtype=np.float32), np.ones((3, 5, 5), np.float32)
    inputs = [{"activation": eight}, {"x": eight}, {"fc1": eight, "fc2": eight}, {"activation": image}]
    return [archive(one) for one in inputs]


def read(data: bytes, folder: Path) -> None:
    given = str(write(folder, "in_x.npz", data))
    names = [
        str(write(folder, f"in_{name}.npz", layer))
        for name, layer in (("one", LAYER), ("two", LAYERS), ("three", CONVOLUTION))
    ]
    try_all(*(lambda name=name: run("scnn", name, activation=given) for name in names))


HARNESS = Harness("npz_input", read, seeds, [change_archive])
