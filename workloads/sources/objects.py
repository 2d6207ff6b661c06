"""Layers out of Python's objects: arrays, sparse matrices, layers in floating point or compressed."""

from collections.abc import Mapping
from os import PathLike
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from workloads.array_checks import as_array
from workloads.errors import InputError, refuse
from workloads.kinds import kind_of, kinds
from workloads.options import Formats, WorkloadOptions
from workloads.sources.loading import Read, given_model
from workloads.sources.named_arrays import open_arrays
from workloads.workload import Layer, Model, Workload
from workloads.yaml_files import shorten


class SparseMatrix(Protocol):
    """A matrix or an array of scipy.sparse, which need not be installed."""

    shape: tuple[int, ...]

    def tocoo(self) -> object:
        """Its entries."""

    def toarray(self) -> np.ndarray:
        """All of it, numbers [rows, columns]."""


Origin: TypeAlias = (
    str | PathLike[str] | Mapping[str, ArrayLike] | ArrayLike | SparseMatrix | Model | Workload | tuple[object, ...]
)
"""What layers are made of: a name that `zeroskip list` shows, a file (FILE:LAYER chooses a layer), arrays by name as
an .npz archive holds them, a matrix of numpy or scipy (two dimensions: fully connected; three or four: a convolution),
a model or a workload that is open already, or a layer in floating point (of `workloads.kinds`)."""
EXPECTED = (
    "a name that `list` shows, the path of a file, arrays by name, a matrix of numpy or scipy.sparse, a layer, or what "
    "open_model or load_workload gives"
)
NUMBERS = ("weight", "bias", "activation", "peephole", "projection", "codebook")
"""What names of arrays of real numbers begin with; plain lists of integers under them are real numbers, too."""
CODES = "_code"
"""What names of integer arrays end with."""


def open_object(source: object, options: WorkloadOptions) -> Model:
    """A model of one layer. options: their input is that of the layer, where it is given.

    InputError where the object is of no type that is read, where arrays are missing, unknown or misshapen, or where an
    option does not fit.
    """
    if isinstance(source, Workload):
        return _of_workload(source, options)
    if isinstance(source, Mapping) and not hasattr(source, "tocoo"):  # scipy's dok_array is a mapping, too
        return open_arrays(_by_name(source), options)
    if isinstance(source, tuple) and _is_layer(source):
        return _of_layer(source, options)
    if source is None or isinstance(source, str | bytes | int | float | complex | set | frozenset):
        refuse_source(source)
    return _of_matrix(source, options)


def refuse_source(source: object) -> None:
    """Refuse what is of no type that is read as layers (InputError)."""
    shown = "None" if source is None else f"{shorten(repr(source), 40)} ({type(source).__name__})"
    raise InputError(f"source is {shown}; expected {EXPECTED}")


def _by_name(arrays: Mapping[str, object]) -> dict[str, np.ndarray]:
    """All as arrays; texts, such as the function of a cell gate, as arrays of one text."""
    found = {}
    for name, value in arrays.items():
        if not isinstance(name, str):
            refuse("arrays", f"a name is {shorten(repr(name), 60)} ({type(name).__name__})", "texts as names of arrays")
        if isinstance(value, str) or getattr(value, "dtype", np.dtype(float)).kind == "U":
            found[name] = np.asarray(value)
            continue
        array = as_array(f"arrays: {name}", value)
        real = name.startswith(NUMBERS) and not name.endswith(CODES)
        listed = isinstance(value, list | tuple | int) and not isinstance(value, bool)
        found[name] = array if real or not listed else np.asarray(value)
    return found


def _of_matrix(matrix: object, options: WorkloadOptions) -> Model:
    """Weights, whatever their dtype, and the options' input or a drawn one."""
    if hasattr(matrix, "SerializeToString"):
        name = type(matrix).__name__
        refuse("source", f"it is a {name} in memory", "the path of an .onnx file (onnx.save writes one)")
    weight = as_array("source", matrix, EXPECTED)
    if weight.dtype.kind not in "fuibV":
        refuse("source", f"it has dtype {weight.dtype}", EXPECTED)
    if weight.ndim not in (2, 3, 4):
        shape = f"it is an array of shape {list(weight.shape)}"
        refuse("source", shape, "weights [outputs, inputs] or [outputs, inputs, height, width]")
    given = options.activation
    if weight.ndim == 2 and isinstance(given, np.ndarray) and given.ndim == 2 and 1 in given.shape:
        options = options._replace(activation=given.ravel())
    return open_arrays({"weight": weight if weight.dtype.kind in "fV" else weight.astype(np.float64)}, options)


def _is_layer(source: tuple[object, ...]) -> bool:
    types = (one for kind in kinds().values() for one in (*kind.float_types, kind.compressed_type))
    return isinstance(source, tuple(types))


def _of_layer(layer: tuple[object, ...], options: WorkloadOptions) -> Model:
    kind = kind_of(layer)
    name = kind.layer_name(layer)
    if isinstance(layer, kind.compressed_type):
        return _of_workload(Workload(name, "given", None, layer, kind.name), options)
    return given_model(name, "given", [Read(layer)], options, "given")


def _of_workload(workload: Workload, options: WorkloadOptions) -> Model:
    """A layer that is compressed already; a machine may still ask for it as another kind."""
    for key in options.given():
        refuse(workload.name, f"{key} is given", "no option, as it is loaded already")
    kind = kind_of(workload.layer)
    named = workload._replace(kind=workload.kind or kind.name)

    def load(formats: Formats) -> Workload:
        return named._replace(layer=kind.convert(named.layer, formats))

    return Model(named.name, [Layer(named.name, named.kind, load)], False, "given")
