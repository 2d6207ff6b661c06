"""Layers out of arrays by name, in a mapping or an .npz archive."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from workloads.errors import InputError
from workloads.file_names import stem_text
from workloads.kinds import kind_of_arrays
from workloads.options import WorkloadOptions
from workloads.sources.loading import Found, Read, find, given_model
from workloads.sources.network import layer_matrices
from workloads.sources.npz import load_arrays
from workloads.sources.source import Matrices, Source
from workloads.sources.sparse import is_scipy_archive, scipy_entries, sparse_layer
from workloads.sources.tensors.layers import TensorLayers, find_layers
from workloads.sources.tensors.tensor import natural, of_array
from workloads.workload import Model


class NpzSource(Source):
    """An .npz archive: one layer, of the kind whose arrays it holds; several, by prefixes; or scipy's sparse matrix."""

    name = "an .npz archive"
    ending = ".npz"
    holds = "arrays of a layer, of several layers as LAYER/weight, or a matrix that scipy.sparse.save_npz wrote"
    takes_layer = True

    def open(self, text: str, options: WorkloadOptions) -> Model:
        """The layer, called as the file, or all layers. InputError where arrays are missing, unknown or misshapen."""
        path = Path(text)
        found = read_npz(path)
        return given_model(stem_text(path), text, found.layers, options, "given", found.left_out)

    def matrices(self, text: str) -> Matrices:
        """The weights of the layers."""
        path = Path(text)
        found = read_npz(path)
        return layer_matrices(path, stem_text(path), found.layers, found.left_out)


def read_npz(path: Path) -> TensorLayers:
    """The layers of an .npz archive. InputError where it is damaged, or where there is none."""
    return read_arrays(path, stem_text(path), load_arrays(path))


def read_arrays(source: object, name: str, arrays: Mapping[str, np.ndarray]) -> TensorLayers:
    """The layers of arrays by name, numbers [shapes of their kinds]; one without a name is called `name`.

    A network's arrays are called `LAYER/weight` or `LAYER.weight`, and so on, or as PyTorch calls them. A layer whose
    arrays do not fit is left out. InputError where there is none else.
    """
    if is_scipy_archive(arrays):
        return TensorLayers((find(sparse_layer(source, name, scipy_entries(source, arrays))),), ())
    groups = _groups(arrays)
    if kind_of_arrays(arrays).count_arrays(arrays) or not groups:
        return TensorLayers((_read(source, name, arrays),), ())
    layers, left_out, errors = list[Found](), list[str](), list[InputError]()
    others = {key.replace("/", "."): of_array(key.replace("/", "."), array) for key, array in arrays.items()}
    for prefix in sorted(groups, key=natural):
        group = groups[prefix]
        if not kind_of_arrays(group).count_arrays(group):
            continue
        others = {key: one for key, one in others.items() if key.rpartition(".")[0] != prefix.replace("/", ".")}
        try:
            layers.append(_read(f"{source}: {prefix}", prefix, group))
        except InputError as error:
            errors.append(error)
            left_out.append(str(error).removeprefix(f"{source}: "))
    if others:
        try:
            more = find_layers(source, name, others)
        except InputError as error:
            errors.append(error)
            left_out.append(str(error).removeprefix(f"{source}: "))
        else:
            layers, left_out = [*layers, *more.layers], [*left_out, *more.left_out]
    if not layers:
        raise errors[0]
    return TensorLayers(tuple(layers), tuple(left_out))


def open_arrays(arrays: Mapping[str, np.ndarray], options: WorkloadOptions, name: str = "arrays") -> Model:
    """The layers of arrays by name, numbers [shapes of their kinds]. InputError as for an .npz archive."""
    found = read_arrays(name, name, arrays)
    return given_model(name, name, found.layers, options, "given", found.left_out)


def _read(source: object, name: str, arrays: Mapping[str, np.ndarray]) -> Found:
    """One layer. InputError where its arrays do not fit."""
    kind = kind_of_arrays(arrays)
    layer = kind.from_arrays(source, name, arrays)
    return find(Read(layer, missing=kind.missing(arrays)))


def _groups(arrays: Mapping[str, np.ndarray]) -> dict[str, dict[str, np.ndarray]]:
    """The arrays by what is before the last `/` or `.` of their names, and by what is after it."""
    found: dict[str, dict[str, np.ndarray]] = {}
    for key, array in arrays.items():
        place = max(key.rfind("/"), key.rfind("."))
        if place > 0:
            found.setdefault(key[:place], {})[key[place + 1 :]] = array
    return found
