"""Layers in .safetensors files whose tensors are named as PyTorch names them."""

from pathlib import Path

from workloads.file_names import stem_text
from workloads.options import WorkloadOptions
from workloads.sources.loading import given_model
from workloads.sources.network import layer_matrices
from workloads.sources.safetensors import list_tensors
from workloads.sources.source import Matrices, Source
from workloads.sources.tensors.layers import TensorLayers, find_layers
from workloads.workload import Model


class SafetensorsSource(Source):
    """Tensors by name; a layer's are read when it is loaded."""

    name = "a file of tensors"
    ending = ".safetensors"
    takes_layer = True

    def open(self, text: str, options: WorkloadOptions) -> Model:
        """All layers that are read, or the one that is chosen. InputError where there is none."""
        path, found = Path(text), _layers(text)
        name = found.layers[0].name if len(found.layers) == 1 else stem_text(path)
        return given_model(name, text, found.layers, options, "given", found.left_out)

    def matrices(self, text: str) -> Matrices:
        """The weights of all layers that are read; a layer with a value that is not finite is left out."""
        found = _layers(text)
        return layer_matrices(Path(text), stem_text(Path(text)), found.layers, found.left_out)


def _layers(text: str) -> TensorLayers:
    path = Path(text)
    return find_layers(path, stem_text(path), list_tensors(path))
