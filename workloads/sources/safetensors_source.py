"""Weights in .safetensors files: LSTMs as PyTorch names them, to run; and any matrices, to compress."""

from pathlib import Path

import numpy as np

from workloads.errors import InputError
from workloads.kinds.fully_connected.arrays import from_arrays
from workloads.kinds.kind import Matrix
from workloads.options import WorkloadOptions
from workloads.sources.named_arrays import single
from workloads.sources.pytorch_lstm import read_stack
from workloads.sources.safetensors import read_tensors
from workloads.sources.source import Matrices, Source
from workloads.workload import Model


class SafetensorsSource(Source):
    """Tensors by name, as PyTorch names them."""

    name = "a file of tensors"
    ending = ".safetensors"
    takes_layer = True

    def open(self, text: str, options: WorkloadOptions) -> Model:
        """The LSTM that is chosen, or the only one. InputError where there is none, or it has no input."""
        stack = read_stack(Path(text), options.layer)
        return single(stack.layers[-1].name, text, stack, options._replace(layer=None))  # the reader chose it

    def matrices(self, text: str) -> Matrices:
        """See `read_weights`."""
        return read_weights(Path(text))


def read_weights(path: Path) -> Matrices:
    """Read `NAME.weight`, float [outputs, ...], and `NAME.bias`, float [outputs], of a .safetensors file.

    Layers come in the order of their names; weights of four dimensions are convolutions. ReLU cannot be known from
    weights, so `relu` is false. InputError where the file is damaged or has no such weight.
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
        found.append(Matrix(from_arrays(f"{path}: {base}", base, arrays), weight.shape))
    left_out = [
        f"{name} {list(tensors[name].shape)} is no weight or bias of a layer that is known"
        for name in sorted(set(tensors) - used)
    ]
    if not found:
        held = ", ".join(sorted(tensors)) or "nothing"
        raise InputError(f"{path}: it has {held}; expected NAME.weight of two or four dimensions")
    return Matrices(path.stem, tuple(found), tuple(left_out))
