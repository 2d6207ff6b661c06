"""Tensors of other programs in .safetensors files."""

from pathlib import Path

import numpy as np

from ..harness import Harness
from ..mutators.tensors import change_header, change_tensors, drop_tensor, rename_tensors
from .models import compress, run, try_all, write
from .npz import _draw


def seeds() -> list[bytes]:
    import ml_dtypes
    from safetensors.numpy import save

    files = [
        {"fc1.weight": _draw(5, 6), "fc1.bias": _draw(5), "fc2.weight": _draw(3, 5).astype(np.float16)},
        {"conv.weight": _draw(4, 3, 3, 3), "conv.bias": _draw(4), "bn.weight": _draw(4), "bn.running_mean": _draw(4)},
        {"rnn.weight_ih_l0": _draw(20, 6), "rnn.weight_hh_l0": _draw(20, 5), "rnn.bias_ih_l0": _draw(20)},
        {"rnn.weight_ih_l0": _draw(15, 6), "rnn.weight_hh_l0": _draw(15, 5), "rnn.bias_hh_l0": _draw(15)},
        {"a.weight_orig": _draw(4, 4), "a.weight_mask": np.eye(4, dtype=np.float32)},
        {"a.weight_g": _draw(4, 1), "a.weight_v": _draw(4, 4), "n": np.arange(3)},
        {"w.weight": _draw(4, 4).astype(ml_dtypes.bfloat16)},
    ]
    return [bytes(save(one)) for one in files]


def read(data: bytes, folder: Path) -> None:
    path = str(write(folder, "in.safetensors", data))
    try_all(lambda: run("scnn", path), lambda: run("ese", path), lambda: run("edgedrnn", path), lambda: compress(path))


HARNESS = Harness(
    "safetensors", read, seeds, [change_header, change_header, change_tensors, drop_tensor, rename_tensors]
)
