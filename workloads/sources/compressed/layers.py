"""Layers of compressed networks: which one, and with which input."""

from os import PathLike, fspath
from pathlib import Path

import numpy as np

from workloads.compression.shared import SharedFullyConnected
from workloads.errors import InputError
from workloads.kinds.fully_connected.compress import give_input
from workloads.sources.compressed.file import read_network
from workloads.sources.npz import load_arrays
from workloads.workload import Workload

Input = str | PathLike[str] | np.ndarray | None
"""An activation, float [inputs], or an .npz file that holds one under the layer's name or as `activation`."""


def load_stored(path: Path, layer: str | None, given: Input, name: str | None = None) -> Workload:
    """Read a layer of a file that `zeroskip compress` wrote and give it its input."""
    network = read_network(path)
    place = pick(path, [one.name for one in network.layers], layer)
    chosen, shape = network.layers[place], network.shapes[place]
    if len(shape) != 2:
        raise InputError(f"{path}: {chosen.name} has a weight {list(shape)}; expected a fully connected layer")
    if given is None:
        expected = "an input (--input FILE.npz, with an array called after the layer or `activation`)"
        raise InputError(f"{path}: {chosen.name} has no input; expected {expected}")
    return Workload(
        name or f"{path.stem}-{chosen.name}", str(path), None, give_input(chosen, _activation(chosen, given))
    )


def pick(path: Path, known: list[str], name: str | None) -> int:
    """The place of the layer called `name`, or of the only one."""
    if name is None and len(known) == 1:
        return 0
    if name not in known:
        told = "no layer is chosen" if name is None else f"layer is {name!r}"
        raise InputError(f"{path}: {told}; expected {path}:LAYER with one of {', '.join(known)}")
    return known.index(name)


def _activation(layer: SharedFullyConnected, given: str | PathLike[str] | np.ndarray) -> np.ndarray:
    """The input of a layer, float32 [inputs], checked."""
    source: object = "input"
    if isinstance(given, np.ndarray):
        array = given
    else:
        source = Path(fspath(given))
        arrays = load_arrays(source)
        key = layer.name if layer.name in arrays else "activation"
        if key not in arrays:
            found = ", ".join(arrays) or "nothing"
            raise InputError(f"{source}: it has {found}; expected an array called {layer.name} or activation")
        array = arrays[key]
    if array.dtype.kind not in "fui" or array.shape != (layer.inputs,):
        shape = f"{array.dtype} {list(array.shape)}"
        raise InputError(f"{source}: the input of {layer.name} is {shape}; expected numbers [{layer.inputs}]")
    if not np.isfinite(array.astype(np.float32)).all():
        raise InputError(f"{source}: the input of {layer.name} has numbers that are not finite; expected finite ones")
    return array.astype(np.float32)
