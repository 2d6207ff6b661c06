"""Compressed networks of one layer as files, and changes of what they say."""

import json

import numpy as np
from safetensors import safe_open
from safetensors.numpy import save_file

from support.lstms import GOOD, draw
from workloads.model import read_matrices
from workloads.pipeline import compress_matrices
from workloads.sources.compressed.file import _checksum
from workloads.sources.compressed.metadata import KEY

CONV = {
    "weight": draw(6, 2, 3, 2),
    "bias": draw(6),
    "relu": np.array(True),
    "stride": np.array([2, 1]),
    "padding": np.array([1, 0, 2, 1]),
    "groups": np.array(2),
}
LSTM = {key: array for key, array in GOOD.items() if key != "activation"}
GRU = {
    "weight_input": draw(3, 4, 3) / 2,
    "weight_hidden": draw(3, 4, 4) / 2,
    "bias": draw(3, 4),
    "hidden_bias": draw(4),
}
SEEN = CONV | {"activation": np.maximum(draw(4, 9, 7), 0)}
FC = {"weight": draw(7, 5), "bias": draw(7), "relu": np.array(True)}


def compressed(tmp_path, arrays, density=0.6, bits=4):
    """The file of a compressed network of arrays."""
    np.savez(tmp_path / "net.npz", **arrays)
    path = tmp_path / "out.safetensors"
    compress_matrices(read_matrices(str(tmp_path / "net.npz")), density, bits, 4).write(path, "x")
    return path


def rewrite(path, **changes):
    """Change the metadata of a file: of itself, or of its first layer."""
    with safe_open(path, "numpy") as file:
        found = json.loads(file.metadata()[KEY])
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    for key, value in changes.items():
        (found if key in found else found["layers"][0])[key] = value
    save_file(tensors, path, {KEY: json.dumps({**found, "checksum": _checksum(tensors)})})
