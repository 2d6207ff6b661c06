"""Pickles and files of torch.save out of the wheels of pretrained networks, read without running their code."""

import gzip
import pickle
from pathlib import Path
from random import Random

import numpy as np

from ..harness import Harness
from ..mutators.plain import flip_bits
from .models import try_all, write


def seeds() -> list[bytes]:
    from support.torch_files import torch_file

    numbers = np.arange(12, dtype=np.float32)
    tensors = {"fc.weight": ("a", 0, (3, 4), (4, 1)), "fc.bias": ("a", 2, (3,), (1,))}
    plain = [pickle.dumps({"a": numbers.reshape(3, 4), "b": [1, 2.5, "x", None]}, one) for one in (0, 2, 4)]
    return [torch_file({"a": numbers}, tensors), *plain, gzip.compress(plain[1])]


def change_packed(data: bytes, rng: Random) -> bytes:
    """What a gzip file holds."""
    if data[:2] != b"\x1f\x8b":
        return gzip.compress(data) if rng.random() < 0.2 else flip_bits(data, rng)
    try:
        return gzip.compress(flip_bits(gzip.decompress(data), rng))
    except Exception:  # of a damaged file
        return data[: len(data) // 2]


def read(data: bytes, folder: Path) -> None:
    from workloads.sources.pretrained.restricted_pickle import read_pickle, read_torch

    path = write(folder, "in.pickle", data)
    try_all(lambda: read_pickle(path), lambda: read_torch(path))


HARNESS = Harness("pickles", read, seeds, [change_packed])
