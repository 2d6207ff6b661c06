"""Layers in .npz archives."""

import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from ..harness import Harness
from ..mutators.archives import change_archive
from .models import compress, run, try_all, write

DRAW = np.random.default_rng(0)


def _draw(*shape: int) -> np.ndarray:
    return DRAW.standard_normal(shape).astype(np.float32)


def archive(arrays: Mapping[str, np.ndarray]) -> bytes:
    """Arrays as numpy.savez writes them."""
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def _csr() -> dict[str, np.ndarray]:
    places = {"indices": np.array([0, 2, 1], np.int32), "indptr": np.array([0, 2, 3], np.int32)}
    return {**places, "format": np.array(b"csr"), "shape": np.array([2, 4]), "data": _draw(3)}


def _coo() -> dict[str, np.ndarray]:
    places = {"row": np.array([0, 1], np.int32), "col": np.array([3, 1], np.int32)}
    return {**places, "format": np.array(b"coo"), "shape": np.array([2, 4]), "data": _draw(2)}


def _dia() -> dict[str, np.ndarray]:
    return {"offsets": np.array([0, 1]), "format": np.array(b"dia"), "shape": np.array([3, 3]), "data": _draw(2, 3)}


def seeds() -> list[bytes]:
    lstm = {"weight_input": _draw(4, 5, 6), "weight_hidden": _draw(4, 5, 5), "activation": _draw(3, 6)}
    gru = {"weight_input": _draw(3, 5, 6), "weight_hidden": _draw(3, 5, 5), "bias": _draw(3, 5)}
    gru |= {"hidden_bias": _draw(5), "activation": _draw(3, 6)}
    layers = [
        {"weight": _draw(6, 8), "bias": _draw(6), "activation": _draw(8), "relu": np.array(True)},
        {"weight": _draw(4, 3, 3, 3), "stride": np.array([1, 1]), "padding": np.array([1, 1, 1, 1])},
        {"weight": _draw(4, 2, 3, 3), "groups": np.array(2), "activation": _draw(4, 5, 5), "bias": _draw(4)},
        {"fc1.weight": _draw(5, 6), "fc1.bias": _draw(5), "fc2.weight": _draw(3, 5)},
        {"weight": _draw(5, 6), "bias": _draw(5), "activation": _draw(3, 6), "relu": np.array(True)},
        {"query": _draw(4, 2, 6), "key": _draw(2, 5, 6), "value": _draw(2, 5, 6), "causal": np.array(True)},
        {
            "activation": _draw(2, 1, 20), "state": _draw(2, 2, 3, 3), "window": _draw(2, 12, 3),
            "conv_weight": _draw(12, 4), "conv_bias": _draw(12), "dt_bias": _draw(2), "decay": abs(_draw(2)),
            "skip": _draw(2),
        },
        {"gradient": _draw(5, 6), "residual": _draw(5, 6), "momentum": np.array(0.5), "sent_density": np.array(0.1)},
        {"cell": np.array([[0, 2, -1], [1, 2, 2]]), "depth": abs(_draw(2, 3)), "activation": _draw(2, 4)},
        lstm, gru, _csr(), _coo(), _dia(),
    ]  # fmt: skip
    return [archive(one) for one in layers]


def read(data: bytes, folder: Path) -> None:
    path = str(write(folder, "in.npz", data))
    try_all(
        lambda: run("scnn", path),
        lambda: run("ese", path, density=0.5),
        lambda: run("edgedrnn", path, density=0.5),
        lambda: run("selection", path, density=0.5),
        lambda: run("bevpool", path),
        lambda: run("tensor", path, tokens=2),
        lambda: run("tensor", path),
        lambda: compress(path),
    )


HARNESS = Harness("npz", read, seeds, [change_archive])
