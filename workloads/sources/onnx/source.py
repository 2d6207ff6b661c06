"""ONNX models as a source: an LSTM layer to run, all weights to compress."""

from os import fspath
from pathlib import Path

import numpy as np

from workloads.errors import refuse
from workloads.kinds import find_kind, kind_of
from workloads.options import WorkloadOptions
from workloads.sources.loading import given_layer
from workloads.sources.network import network_matrices
from workloads.sources.npz import load_arrays
from workloads.sources.onnx.reader import read_onnx
from workloads.sources.source import Matrices, Source, choose
from workloads.workload import Model

RUNS = "LSTM"
"""The kind of layer that is taken out of a model to run."""


class OnnxSource(Source):
    """An ONNX model; its layers see what the model computes of the given input."""

    name = "an ONNX model"
    ending = ".onnx"
    takes_layer = True

    def open(self, text: str, options: WorkloadOptions) -> Model:
        """The LSTM layer that is chosen, or the only one, with what enters it: the first element of the batch.

        InputError where the model is damaged, its input is missing, or it has no such layer.
        """
        path, given = Path(text), options.activation
        if given is None:
            refuse(path, "it has no input", "the model's input (--input FILE.npz, with arrays by name, or only one)")
        arrays = given if isinstance(given, np.ndarray) else load_arrays(Path(fspath(given)))
        if isinstance(arrays, dict) and len(arrays) == 1:
            (arrays,) = arrays.values()
        network = read_onnx(path, arrays)
        kind = find_kind(RUNS)
        found = {one.name: one for one in network.layers if kind_of(one) is kind}
        if not found:
            why = "; ".join(sentence for sentence in network.skipped if sentence.startswith(f"{RUNS} "))
            what = f"it has no {RUNS} layer that is read ({why or f'no {RUNS} node'})"
            refuse(path, what, f"an ONNX model with an {RUNS}")
        name = list(found)[choose(path, list(found), options.layer)]
        return Model(name, [given_layer(name, text, found[name], options, own_input=True)], False, "captured")

    def matrices(self, text: str) -> Matrices:
        """The weights of all layers that are read."""
        return network_matrices(read_onnx(Path(text)))
