"""ONNX models as a source: all layers with what enters them, or one of them; their weights to compress."""

from collections.abc import Hashable, Mapping
from contextlib import suppress
from os import PathLike, fspath
from pathlib import Path

import numpy as np

from workloads.errors import InputError, refuse
from workloads.file_names import stem_text
from workloads.options import WorkloadOptions
from workloads.phases import announce
from workloads.sources.file_hash import file_hash
from workloads.sources.loading import Read, given_model
from workloads.sources.network import Network, known_inputs, network_matrices
from workloads.sources.onnx.branches import take_branches
from workloads.sources.onnx.graph import OnnxGraph, load_graph
from workloads.sources.onnx.inputs import model_inputs
from workloads.sources.onnx.reader import read_layers
from workloads.sources.opened import read_once
from workloads.sources.source import FloatNetwork, Matrices, Source
from workloads.workload import Model


class OnnxSource(Source):
    """An ONNX model; its layers see what the model computes of its input, which is given or drawn."""

    name = "an ONNX model"
    ending = ".onnx"
    takes_layer = True

    def open(self, text: str, options: WorkloadOptions) -> Model:
        """The layers in running order, or the one that is chosen, with what enters them: the first of the batch.

        InputError where the model is damaged, has no layer that is read, or does not run on its input.
        """
        path = Path(text)
        network, notes, drawn = read_once(lambda: _decided_by(path, options), lambda: _read(path, options))
        if not network.layers:
            refuse(path, f"it has no layer that is read ({'; '.join(network.skipped)})", "one with weights")
        layers = [Read(layer, network.notes.get(layer.name, ())) for layer in network.layers]
        model_options = options._replace(input_shape=None)
        noted = (*notes, *network.about)
        inputs = f"captured from a drawn {' and '.join(drawn)}" if drawn else "captured"
        model = given_model(stem_text(path), text, layers, model_options, inputs, network.skipped, noted)
        return model._replace(output_distance=network.in_float and network.in_float.output_distance)

    def matrices(self, text: str) -> Matrices:
        """The weights of all layers that are read; those of an `If` where the model runs on a drawn input."""
        graph = load_graph(Path(text))
        if any(node.kind == "If" for node in graph.nodes):
            with suppress(InputError):  # its branches stay unread, and are named among what is left out
                graph, _ = take_branches(graph, model_inputs(graph, WorkloadOptions())[0])
        return network_matrices(read_layers(graph, None))

    def float_network(self, text: str, options: WorkloadOptions) -> FloatNetwork | None:
        """The model with what a run needs. InputError where it is damaged or does not run on its input."""
        network, notes, _ = _read(Path(text), options)
        noted = (*notes, *network.about)
        return network.in_float and network.in_float._replace(notes=noted, inputs=known_inputs(network))


def _read(path: Path, options: WorkloadOptions) -> tuple[Network, tuple[str, ...], tuple[str, ...]]:
    """The layers with what enters them, notes about the model's input, and the names of the inputs that are drawn."""
    graph = load_graph(path)
    given, notes = model_inputs(graph, options)
    announce(f"{path}: running it in onnxruntime to capture what enters its layers")
    return read_model(graph, given), notes, tuple(given) if options.activation is None else ()


def _decided_by(path: Path, options: WorkloadOptions) -> Hashable:
    """All that decides what `_read` gives; arrays in memory are the same where they are the same object."""
    given = options.activation
    known = file_hash(Path(fspath(given))) if isinstance(given, str | PathLike) else id(given)
    return path, file_hash(path), options.seed, repr(options.input_shape), known


def read_model(graph: OnnxGraph, given: Mapping[str, np.ndarray]) -> Network:
    """The layers of a model with what enters them when it runs on what is given by input name.

    given: numbers [shapes that the model declares]. InputError where the model does not run, a node is not valid, or
    onnx or onnxruntime is not installed.
    """
    graph, taken = take_branches(graph, given)
    return read_layers(graph, given)._replace(about=taken)
