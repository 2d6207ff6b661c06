"""Keras models in HDF5: what they hold is changed, never their bytes, on which the HDF5 library may not return.

An input is JSON: the model's description, and the shape and type of each layer's arrays, of which the file is made.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np

from ..harness import Harness
from ..mutators.trees import change_json
from .models import write

DENSE = {"class_name": "Dense", "config": {"name": "d", "units": 3, "activation": "relu", "use_bias": True}}
CONV = {
    "class_name": "Conv2D",
    "config": {"name": "c", "filters": 2, "strides": [1, 1], "padding": "same", "activation": "linear",
               "batch_input_shape": [None, 6, 6, 1], "data_format": "channels_last", "use_bias": True,
               "dilation_rate": [1, 1]},
}  # fmt: skip
NORM = {"class_name": "BatchNormalization", "config": {"name": "b", "epsilon": 1e-3, "axis": [3]}}
POOL = {
    "class_name": "MaxPooling2D",
    "config": {"name": "p", "pool_size": [2, 2], "strides": [2, 2], "padding": "valid"},
}
FLAT = {"class_name": "Flatten", "config": {"name": "f"}}
SHAPE = {"class_name": "Reshape", "config": {"name": "r", "target_shape": [6, 6, 1]}}
FOUR = ("gamma", "beta", "moving_mean", "moving_variance")
ARRAYS = {
    "d": {"kernel:0": [[18, 3], "f4"], "bias:0": [[3], "f4"]},
    "c": {"kernel:0": [[3, 3, 1, 2], "f4"], "bias:0": [[2], "f4"]},
    "b": {f"{one}:0": [[2], "f4"] for one in FOUR},
}
TYPES = ("f4", "f8", "f2", "i8", "u1", "?", "S3")


def seeds() -> list[bytes]:
    layers = ([CONV, NORM, POOL, FLAT, DENSE], [SHAPE, CONV, FLAT], [CONV, FLAT])
    models = [{"class_name": "Sequential", "config": {"name": "s", "layers": one}} for one in layers]
    return [json.dumps({"model": one, "arrays": ARRAYS}).encode() for one in models]


def read(data: bytes, folder: Path) -> None:
    """As the pretrained networks in HDF5 are read, with an image and without."""
    from workloads.errors import InputError
    from workloads.sources.keras.reader import read_keras

    try:
        said = json.loads(data)
        path = _make(said, folder)
    except Exception:  # what is no such JSON, or what h5py does not write
        raise InputError("keras: no file is made of it; expected an input that can be written") from None
    read_keras(path, np.ones((6, 6, 1), np.float32))
    read_keras(path)


def _make(said: Any, folder: Path) -> Path:
    import h5py

    path = write(folder, "in.h5", b"")
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps(said["model"])
        for layer, arrays in said["arrays"].items():
            group = file.create_group(f"model_weights/{layer}")
            group.attrs["weight_names"] = [f"{layer}/{one}".encode() for one in arrays]
            for name, (shape, kind) in arrays.items():
                assert np.prod(shape, dtype=float) < 1e6
                assert kind in TYPES
                group.create_dataset(f"{layer}/{name}", data=np.full(shape, 1, kind))
    return path


HARNESS = Harness("keras", read, seeds, [change_json], own_bytes=False, needs=("h5py",))
