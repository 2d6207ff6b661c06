"""Layers out of named arrays: a mapping in Python, or an .npz archive."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from workloads.kinds import kind_of, kind_of_arrays
from workloads.options import WorkloadOptions
from workloads.sources.loading import Read, given_model
from workloads.sources.npz import load_arrays
from workloads.sources.source import Matrices, Source
from workloads.workload import Model


class NpzSource(Source):
    """One layer in an .npz archive, of the kind whose arrays it holds."""

    name = "an .npz archive"
    ending = ".npz"

    def open(self, text: str, options: WorkloadOptions) -> Model:
        """The layer, called as the file. InputError where arrays are missing, unknown or misshapen."""
        path = Path(text)
        layer = read_npz(path)
        return single(path.stem, text, layer, options)

    def matrices(self, text: str) -> Matrices:
        """The weights of the layer."""
        layer = read_npz(Path(text))
        return Matrices(Path(text).stem, tuple(kind_of(layer).matrices(layer)), ())


def read_npz(path: Path) -> object:
    """The layer of an .npz archive, in floating point. InputError where it is damaged or of no kind."""
    arrays = load_arrays(path)
    return kind_of_arrays(arrays).from_arrays(path, path.stem, arrays)


def open_arrays(arrays: Mapping[str, np.ndarray], options: WorkloadOptions) -> Model:
    """A layer of arrays by name, numbers [shapes of its kind]. InputError as for an .npz archive."""
    layer = kind_of_arrays(arrays).from_arrays("arrays", "arrays", arrays)
    return single("arrays", "arrays", layer, options)


def single(name: str, place: str, layer: object, options: WorkloadOptions) -> Model:
    """A model of one given layer. InputError where another one is chosen."""
    return given_model(name, place, [Read(layer)], options, "given")
