"""Networks from files: the layers with weights, and what was left out."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from workloads.errors import InputError
from workloads.layers import CodedFullyConnected, FullyConnected
from workloads.readers import from_arrays, read_npz


class FullyConnectedNetwork(NamedTuple):
    """The fully connected layers of a network, and a sentence for each part that is none."""

    name: str
    layers: tuple[FullyConnected | CodedFullyConnected, ...]
    skipped: tuple[str, ...]


def read_any(path: Path) -> FullyConnectedNetwork:
    """Read a network by its ending: .npz (one layer) or .safetensors (weights by name)."""
    if path.suffix == ".npz":
        return FullyConnectedNetwork(path.stem, (read_npz(path),), ())
    if path.suffix == ".safetensors":
        return read_weights(path)
    raise InputError(f"{path}: it ends with {path.suffix!r}; expected .npz or .safetensors")


def read_weights(path: Path) -> FullyConnectedNetwork:
    """Read `NAME.weight`, float [outputs, inputs], and `NAME.bias`, float [outputs], of a .safetensors file.

    Layers come in the order of their names. ReLU cannot be told from weights, so `relu` is false.
    """
    tensors = _open(path)
    layers, skipped, used = [], [], set()
    for name in sorted(tensors):
        base = name.removesuffix(".weight")
        if base == name or tensors[name].ndim != 2:
            continue
        arrays = {"weight": tensors[name], "activation": np.zeros(tensors[name].shape[1], np.float32)}
        used.add(name)
        if f"{base}.bias" in tensors:
            arrays["bias"] = tensors[f"{base}.bias"]
            used.add(f"{base}.bias")
        layer = from_arrays(f"{path}: {base}", base, arrays)
        layers.append(layer._replace(activation=None))
    for name in sorted(set(tensors) - used):
        skipped.append(f"{name} {list(tensors[name].shape)} is no weight or bias of a fully connected layer")
    if not layers:
        found = ", ".join(sorted(tensors)) or "nothing"
        raise InputError(f"{path}: it has {found}; expected NAME.weight of two dimensions")
    return FullyConnectedNetwork(path.stem, tuple(layers), tuple(skipped))


def _open(path: Path) -> dict[str, np.ndarray]:
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    if not path.is_file():
        raise InputError(f"{path}: there is no such file; expected a .safetensors file")
    try:
        return load_file(path)
    except (SafetensorError, OSError, ValueError, TypeError, KeyError) as error:
        reason = " ".join(str(error).split())
        raise InputError(
            f"{path}: it cannot be read ({reason}); expected a .safetensors file of numpy's types"
        ) from None
