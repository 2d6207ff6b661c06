"""Networks from files: their weights as matrices to compress, and what was left out."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from workloads.errors import InputError
from workloads.kinds.convolution.layer import Convolution
from workloads.kinds.fully_connected.arrays import from_arrays
from workloads.kinds.fully_connected.layer import CodedFullyConnected, FullyConnected
from workloads.kinds.lstm.layer import Lstm
from workloads.sources.matrix_market import read_matrix_market
from workloads.sources.network import Network
from workloads.sources.npz import read_npz
from workloads.sources.onnx.reader import read_onnx
from workloads.sources.pretrained.networks import REAL, read_real
from workloads.sources.safetensors import read_tensors
from workloads.sources.zoo.recipes import AnyRecipe, draw_any, zoo


class Matrix(NamedTuple):
    """The weights of a layer as a matrix [outputs, all else], with the shape that they had."""

    layer: FullyConnected | CodedFullyConnected
    shape: tuple[int, ...]
    recipe: AnyRecipe | None = None  # the weights are drawn after it


class Matrices(NamedTuple):
    """The weights of a network, and a sentence for each part that was left out."""

    name: str
    matrices: tuple[Matrix, ...]
    skipped: tuple[str, ...]


def read_any(path: Path) -> Matrices:
    """Read a network.

    By its ending: .npz (one layer), .safetensors (weights by name), .onnx, or .mtx (one matrix). Or by
    its name: a real network, or a layer of the zoo, whose weights are drawn with seed 0.
    """
    if path.suffix == ".npz":
        return _single(read_npz(path))
    if path.suffix == ".mtx":
        return _single(read_matrix_market(path))
    if path.suffix == ".onnx":
        return from_network(read_onnx(path))
    if path.suffix == ".safetensors":
        return read_weights(path)
    if str(path) in zoo():
        return _drawn(str(path), zoo()[str(path)])
    if str(path) in REAL:
        return from_network(read_real(str(path)))
    known = f"a file .npz, .safetensors, .onnx or .mtx, or one of {', '.join([*zoo(), *REAL])}"
    raise InputError(f"{path}: it ends with {path.suffix!r}; expected {known}")


def from_network(network: Network) -> Matrices:
    """The weights of a network's layers.

    An LSTM gives two matrices, NAME.input and NAME.hidden, its gates stacked, and NAME.projection where it has one.
    """
    matrices = tuple(matrix for layer in network.layers for matrix in _matrices(layer))
    peepholes = (
        f"Lstm {layer.name}: its peepholes {list(layer.peephole.shape)} are no matrix"
        for layer in network.layers
        if isinstance(layer, Lstm) and layer.peephole is not None
    )
    return Matrices(network.name, matrices, (*network.skipped, *peepholes))


def read_weights(path: Path) -> Matrices:
    """Read `NAME.weight`, float [outputs, ...], and `NAME.bias`, float [outputs], of a .safetensors file.

    Layers come in the order of their names; weights of four dimensions are convolutions. ReLU cannot be told from
    weights, so `relu` is false.
    """
    tensors, _ = read_tensors(path)
    found, used = [], set()
    for name in sorted(tensors):
        base, weight = name.removesuffix(".weight"), tensors[name]
        if base == name or weight.ndim not in (2, 4):
            continue
        arrays: dict[str, np.ndarray] = {"weight": weight.reshape(weight.shape[0], -1)}
        used.add(name)
        if f"{base}.bias" in tensors:
            arrays["bias"] = tensors[f"{base}.bias"]
            used.add(f"{base}.bias")
        arrays["activation"] = np.zeros(arrays["weight"].shape[1], np.float32)
        layer = from_arrays(f"{path}: {base}", base, arrays)
        found.append(Matrix(layer._replace(activation=None), weight.shape))
    skipped = [
        f"{name} {list(tensors[name].shape)} is no weight or bias of a layer that is known"
        for name in sorted(set(tensors) - used)
    ]
    if not found:
        held = ", ".join(sorted(tensors)) or "nothing"
        raise InputError(f"{path}: it has {held}; expected NAME.weight of two or four dimensions")
    return Matrices(path.stem, tuple(found), tuple(skipped))


def _drawn(name: str, recipe: AnyRecipe) -> Matrices:
    read = from_network(Network(name, (draw_any(name, recipe, 1.0, 0),), ()))
    return read._replace(matrices=tuple(matrix._replace(recipe=recipe) for matrix in read.matrices))


def _single(layer: FullyConnected | CodedFullyConnected) -> Matrices:
    weight = layer.weight if isinstance(layer, FullyConnected) else layer.weight_code
    return Matrices(layer.name, (Matrix(layer, weight.shape),), ())


def _matrices(layer: FullyConnected | Convolution | Lstm) -> Iterator[Matrix]:
    if isinstance(layer, FullyConnected):
        yield Matrix(layer._replace(activation=None), layer.weight.shape)
    elif isinstance(layer, Convolution):
        flat = layer.weight.reshape(layer.weight.shape[0], -1)
        yield Matrix(FullyConnected(layer.name, flat, layer.bias, None, layer.relu), layer.weight.shape)
    else:
        for part, weight, bias in (
            ("input", layer.weight_input, layer.bias),
            ("hidden", layer.weight_hidden, None),
            ("projection", layer.projection, None),
        ):
            if weight is not None:
                flat = weight.reshape(-1, weight.shape[-1])
                column = None if bias is None else bias.ravel()
                yield Matrix(FullyConnected(f"{layer.name}.{part}", flat, column, None, False), weight.shape)
