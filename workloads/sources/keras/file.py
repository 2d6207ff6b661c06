"""Keras models in HDF5: the layers that a Sequential model lists, with their weights as numpy arrays."""

import json
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import numpy as np

from workloads.array_checks import float32
from workloads.document_types import Document
from workloads.errors import InputError, refuse
from workloads.extras import import_extra
from workloads.regular_files import check_regular
from workloads.yaml_files import shorten

EXPECTED = "a Sequential model as Keras writes it to HDF5"
LARGEST_SIZE = 1 << 16
"""The largest stride and the largest side of a window."""


class KerasLayer(NamedTuple):
    """A layer as the file describes it."""

    path: Path
    kind: str
    name: str
    config: Document
    weights: dict[str, np.ndarray]  # [any shape], any dtype, by the last part of the name, without ":0"

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


def load_keras(path: Path) -> list[KerasLayer]:
    """Return the layers of a Sequential model, in the order in which they run.

    For files with a checked hash only, such as those of wheels: the HDF5 library may crash or never return on damaged
    bytes. No command reads a user's file with it. InputError where the file is missing or no such model, or h5py is not
    installed.
    """
    h5py = import_extra("h5py", "real", path)
    check_regular(path, EXPECTED)
    try:
        size = path.stat().st_size
        with h5py.File(path, "r") as file:
            found = [_layer(path, entry) for entry in _entries(path, file.attrs.get("model_config"))]
            for layer in found:
                size -= _read_weights(h5py, file, layer, size)
            return found
    except InputError:
        raise
    except Exception as error:  # damaged bytes raise nearly any exception in h5py and json
        reason = shorten(" ".join(str(error).split()), 200) or type(error).__name__
        refuse(path, f"it cannot be read ({reason})", EXPECTED)


def complain(layer: KerasLayer, what: str, expected: str) -> NoReturn:
    """Raise the InputError about a layer of the file."""
    refuse(layer.path, f"{layer}: {what}", expected)


def weight(layer: KerasLayer, key: str, dimensions: int) -> np.ndarray:
    """Return a weight as contiguous float32 [shape of `dimensions` sizes].

    InputError where the layer has no weight `key`, or its dimensions or values are wrong.
    """
    if key not in layer.weights:
        complain(layer, f"it has no {key} (it has {', '.join(layer.weights) or 'nothing'})", f"{dimensions} dimensions")
    array = float32(layer.path, f"{layer}: {key}", layer.weights[key])
    if array.ndim != dimensions:
        complain(layer, f"{key} has shape {list(array.shape)}", f"{dimensions} dimensions")
    return array


def sizes(layer: KerasLayer, key: str, default: tuple[int, int]) -> tuple[int, int]:
    """Return a pair of sizes, down and right; the file may give one number for both, or none for the default.

    InputError where they are not integers from 1 to LARGEST_SIZE.
    """
    given = layer.config.get(key)
    pair = default if given is None else [given, given] if isinstance(given, int) else given
    known = isinstance(pair, list | tuple) and len(pair) == 2 and all(type(one) is int for one in pair)
    if not known or not 1 <= min(pair) <= max(pair) <= LARGEST_SIZE:
        complain(layer, f"{key} is {shorten(repr(given), 60)}", f"two numbers from 1 to {LARGEST_SIZE}")
    return pair[0], pair[1]


def _entries(path: Path, text: object) -> list[object]:
    """The entry of each layer in the model's JSON; older versions of Keras write the bare list."""
    if not isinstance(text, str | bytes):
        refuse(path, "it has no model_config", EXPECTED)
    model = json.loads(text)
    kind = model.get("class_name") if isinstance(model, dict) else None
    if kind != "Sequential":
        refuse(path, f"its model is {shorten(repr(kind), 60)}", EXPECTED)
    inner = model.get("config")
    entries = inner.get("layers") if isinstance(inner, dict) else inner
    if not isinstance(entries, list):
        refuse(path, "its model_config lists no layers", EXPECTED)
    return entries


def _layer(path: Path, entry: object) -> KerasLayer:
    """A layer without its weights."""
    kind, config = (entry.get("class_name"), entry.get("config")) if isinstance(entry, dict) else (None, None)
    name = config.get("name") if isinstance(config, dict) else None
    if not isinstance(kind, str) or not isinstance(config, dict) or not isinstance(name, str) or not name:
        refuse(path, f"a layer is {shorten(repr(entry), 60)}", "class_name and config with a name")
    return KerasLayer(path, kind, name, config, {})


def _read_weights(h5py: Any, file: Any, layer: KerasLayer, most_bytes: int) -> int:
    """Read the layer's arrays into its weights; return their size in bytes.

    InputError where they have more than `most_bytes`, as arrays cannot be larger than the file, or where one is in
    another file.
    """
    group = _child(h5py, layer, file, "model_weights")
    if not isinstance(group, h5py.Group) or layer.name not in group:
        return 0
    group = _child(h5py, layer, group, layer.name)
    total = 0
    for encoded in group.attrs.get("weight_names", ()):
        name = encoded.decode() if isinstance(encoded, bytes) else str(encoded)
        array = _child(h5py, layer, group, name)
        if not isinstance(array, h5py.Dataset) or array.is_virtual or array.external:
            complain(layer, f"{name} is no array of this file", "an array")
        total += array.nbytes
        if total > most_bytes:
            complain(layer, f"{name} has shape {list(array.shape)}", "arrays no larger than the file")
        layer.weights[name.rsplit("/", 1)[-1].removesuffix(":0")] = np.asarray(array[()])
    return total


def _child(h5py: Any, layer: KerasLayer, group: Any, name: str) -> Any:
    """The object under a path in this file; links to elsewhere are not followed."""
    for part in name.split("/"):
        link = group.get(part, getlink=True) if isinstance(group, h5py.Group) else None
        if not isinstance(link, h5py.HardLink):
            complain(layer, f"there is no {shorten(name, 60)} in the file", "the arrays that weight_names lists")
        group = group[part]
    return group
