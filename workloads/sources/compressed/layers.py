"""Layers of compressed networks: which one, and with which input."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np

from workloads.compression.stored import StoredLayer
from workloads.document_types import Fields
from workloads.errors import InputError, refuse
from workloads.file_names import stem_text
from workloads.kinds import find_kind
from workloads.options import WorkloadOptions
from workloads.regular_files import is_file
from workloads.sources.compressed.file import read_network
from workloads.sources.compressed.metadata import KEY
from workloads.sources.file_hash import file_hash
from workloads.sources.loading import Found, Read, given_layer, given_model
from workloads.sources.safetensors import read_metadata
from workloads.sources.source import Listed, Source, refuse_layer
from workloads.sources.zoo.parts import zoo_folder
from workloads.workload import Model

LSTM_DIMENSIONS = 3
"""Of the weights of an LSTM in a file of version 1, which has no other weights of as many."""


class CompressedSource(Source):
    """A network that `zeroskip compress` wrote."""

    name = "a compressed network"
    ending = ".safetensors"
    takes_layer = True

    def recognises(self, text: str) -> bool:
        """By its ending and its metadata."""
        path = Path(text)
        return text.endswith(self.ending) and is_file(path) and KEY in read_metadata(path)

    def open(self, text: str, options: WorkloadOptions) -> Model:
        """All layers, or the one that is chosen. InputError where there is none that can be restored."""
        _refuse_changes(text, options)
        path, network = Path(text), read_network(Path(text))
        found, left_out = [], []
        for stored in network.layers:
            try:
                found.append(_find(path, stored, network.version))
            except InputError as error:
                left_out.append(str(error).removeprefix(f"{path}: "))
        if not found:
            refuse(path, f"it has no layer that is read ({'; '.join(left_out)})", "one with weights")
        name = f"{stem_text(path)}-{found[0].name}" if len(found) == 1 else stem_text(path)
        return given_model(name, str(path), found, options, "given", tuple(left_out))


class TrainedSource(Source):
    """The trained layers that come with the simulator, by name, each with its own input."""

    name = "a trained layer"

    def recognises(self, text: str) -> bool:
        """By its name."""
        return text in trained()

    def open(self, text: str, options: WorkloadOptions) -> Model:
        """The layer with its own input, or with another. InputError where an option does not fit."""
        refuse_layer(text, options.layer)
        file, stored = trained()[text]
        given = file.with_suffix(".npz") if options.activation is None else options.activation
        _refuse_changes(text, options)
        layer = given_layer(text, str(file), _find(file, stored, 1), options._replace(activation=given))
        return Model(text, [layer], False, "given")

    def identity(self, text: str, options: Fields) -> object:  # noqa: ARG002
        """The layer's name and its files' content."""
        file, stored = trained()[text]
        return [text, stored.name, file_hash(file), file_hash(file.with_suffix(".npz"))]

    def listed(self) -> Iterator[Listed]:
        """The layers."""
        for name, (_, layer) in trained().items():
            (matrix,) = layer.matrices
            sizes = str(matrix.inputs), str(matrix.outputs), f"{matrix.density:.1%}"
            yield Listed("workloads", name, *sizes, "", "trained and compressed")


@cache
def trained() -> dict[str, tuple[Path, StoredLayer]]:
    """The trained layers that come with the simulator: name -> compressed network and the layer in it.

    Next to each network NAME.safetensors is NAME.npz with an input for each layer.
    """
    found = {}
    for file in sorted(Path(str(zoo_folder())).glob("*.safetensors")):
        for layer in read_network(file).layers:
            found[f"{stem_text(file)}-{layer.name}"] = file, layer
    return found


def _find(path: Path, stored: StoredLayer, version: int) -> Found:
    """A stored layer, whose levels are its weights. InputError where its kind is not known."""
    try:
        kind = find_kind(stored.kind)
    except InputError as error:
        raise InputError(f"{path}: {stored.name}: {error}") from None
    if version == 1 and len(stored.shapes[0]) == LSTM_DIMENSIONS:
        what = f"{stored.name} has weights {list(stored.shapes[0])}, a matrix of an LSTM"
        refuse(path, what, "a file of version 2 or 3, which holds what makes it a layer")
    outline = {"weight": np.broadcast_to(np.float32(0), stored.shapes[0])}
    missing = kind.missing({**outline, **dict.fromkeys(stored.rest.values, outline["weight"])})
    return Found(stored.name, kind, lambda: Read(kind.restore(path, stored)), missing=missing, input=stored.input)


def _refuse_changes(text: str, options: WorkloadOptions) -> None:
    """InputError where an option is for weights that are not compressed yet."""
    if options.given().keys() & {"density", "granularity", "scale"}:
        raise InputError(f"{text}: it is compressed already; expected neither density, granularity nor scale")
